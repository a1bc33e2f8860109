// SPDX-License-Identifier: GPL-2.0-only
// Enumerations out of BTF, the kernel's own compact type information. Only the
// few that are asked for are looked at; libbpf would index all 130000 types
// first, which takes ten times as long.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::symbols {

struct BtfEnum {
    struct Value {
        std::string name;
        uint32_t value = 0;
    };
    std::string name;
    std::vector<Value> values;
};

/// The bytes of a BTF file (/sys/kernel/btf/vmlinux), or of a module's, whose
/// strings continue those of vmlinux.
class BtfBlob {
  public:
    /// Nothing if it cannot be read or is no BTF.
    static std::optional<BtfBlob> read(const std::string &path);
    /// From bytes at hand; for tests.
    static std::optional<BtfBlob> parse(std::string bytes);

    /// The enumerations whose names please `wanted`. `base` is vmlinux where this
    /// is a module, null otherwise.
    [[nodiscard]] std::vector<BtfEnum> enums(const std::function<bool(std::string_view)> &wanted,
                                             const BtfBlob *base = nullptr) const;

  private:
    explicit BtfBlob(std::string bytes) : bytes_(std::move(bytes)) {}
    [[nodiscard]] std::string_view text(uint32_t offset, const BtfBlob *base) const;
    [[nodiscard]] std::string_view types() const;
    [[nodiscard]] std::string_view strings() const;

    std::string bytes_;
};

} // namespace dropctl::symbols

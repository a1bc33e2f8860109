// SPDX-License-Identifier: GPL-2.0-only
// A file with the kernel's or a module's code, read as it lies in memory: moved to
// where the running kernel has it, a module's relocations applied. Gives the
// bytes that the linker made, and the tables that the kernel keeps of its code.
#pragma once

#include "symbols/mapped_elf.hpp"
#include "symbols/range.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::code {

using symbols::Range;

class ImageFile {
  public:
    /// The address of a symbol of another file; 0: unknown.
    using Resolve = std::function<uint64_t(std::string_view)>;

    /// vmlinux, `bias` away from where it was linked for. Null if it cannot be read.
    static std::unique_ptr<ImageFile> open_kernel(const std::string &path, uint64_t bias);
    /// A module; `sections` is its directory of section addresses in sysfs.
    static std::unique_ptr<ImageFile> open_module(const std::string &path,
                                                  const std::string &sections, Resolve resolve);

    /// Fill `bytes` with what the file has for `address`; false: not in it.
    bool read(uint64_t address, std::span<uint8_t> bytes);
    /// Where a section lies.
    [[nodiscard]] std::optional<Range> section(std::string_view name) const;
    /// Between the symbols __start_NAME and __stop_NAME.
    [[nodiscard]] std::optional<Range> between_marks(const std::string &name) const;

  private:
    struct Section {
        std::string name;
        Range range;
        Elf64_Shdr header{};
        size_t index = 0;
    };

    bool begin(const std::string &path);
    void place_kernel(uint64_t bias);
    void place_module(const std::string &directory);
    void relocate(const Section &section, uint64_t address, std::span<uint8_t> bytes);
    uint64_t value_of(size_t symbol);
    [[nodiscard]] uint64_t start_of(size_t section) const;

    symbols::MappedElf elf_;
    uint64_t bias_ = 0;
    bool relocatable_ = false;
    Resolve resolve_;
    std::vector<Section> sections_; ///< those that are in memory
};

} // namespace dropctl::code

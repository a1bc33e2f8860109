// SPDX-License-Identifier: GPL-2.0-only
// The bytes of one function, as they are now, but without the traps and jumps
// that other people's probes have put there.
#pragma once

#include "code/code_view.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace dropctl::code {

class CodeBytes {
  public:
    explicit CodeBytes(CodeView &view) : view_(view) {}

    /// Take a range in; false: its bytes cannot be read.
    bool add(const Range &range);
    [[nodiscard]] bool holds(uint64_t address) const;
    [[nodiscard]] const std::vector<Range> &ranges() const { return ranges_; }
    /// What lies at an address, up to the end of its range; empty: nothing.
    [[nodiscard]] std::span<const uint8_t> at(uint64_t address) const;
    /// Put the linker's bytes in place of a probe's, if one is there; true if so.
    bool restore(uint64_t address);

  private:
    [[nodiscard]] bool is_probe_jump(uint64_t address, std::span<const uint8_t> bytes) const;
    [[nodiscard]] uint8_t first_byte(uint64_t address, std::span<const uint8_t> now,
                                     std::span<const uint8_t> linked) const;
    [[nodiscard]] bool is_rewritten_return(uint64_t address, std::span<const uint8_t> now,
                                           std::span<const uint8_t> linked) const;
    bool overwrite(uint64_t address, std::span<const uint8_t> bytes);

    CodeView &view_;
    std::vector<Range> ranges_;
    std::vector<std::vector<uint8_t>> bytes_; ///< parallel to ranges_
};

/// A symbol to which functions jump to return.
bool is_return_thunk(std::string_view symbol);

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// The bytes of one function, as they are now, but without the traps and jumps
// that other people's probes have put there.
#pragma once

#include "code/code_view.hpp"

#include <cstdint>
#include <span>
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
    /// The linker's bytes at an address.
    bool original(uint64_t address, std::span<uint8_t> bytes) {
        return view_.read_original(address, bytes);
    }

  private:
    [[nodiscard]] bool is_probe_jump(uint64_t address, std::span<const uint8_t> bytes) const;

    CodeView &view_;
    std::vector<Range> ranges_;
    std::vector<std::vector<uint8_t>> bytes_; ///< parallel to ranges_
};

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// General registers of x86-64 by the numbers that DWARF and the module's
// interface give them; parts of a register (eax, al) count as the whole.
#pragma once

#include <cstdint>
#include <string_view>

namespace dropctl::code {

using Register = uint8_t;

constexpr Register rax = 0;
constexpr Register rdx = 1;
constexpr Register rcx = 2;
constexpr Register rbx = 3;
constexpr Register rsi = 4;
constexpr Register rdi = 5;
constexpr Register rbp = 6;
constexpr Register rsp = 7;
constexpr Register rip = 16;
constexpr Register register_count = 17;
/// As in the module's interface: DROPTRACE_NO_REG.
constexpr Register no_register = 0xff;

/// A set of registers.
class Registers {
  public:
    constexpr Registers() = default;
    constexpr void add(Register reg) {
        if (reg < register_count) {
            bits_ |= uint32_t{1} << reg;
        }
    }
    [[nodiscard]] constexpr bool has(Register reg) const {
        return reg < register_count && (bits_ >> reg & 1) != 0;
    }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    constexpr bool operator==(const Registers &) const = default;

  private:
    uint32_t bits_ = 0;
};

/// "rax"; "?" if there is no such register.
std::string_view register_name(Register reg);

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// Names of registers, in DWARF's order.
#include "code/registers.hpp"

#include <array>

namespace dropctl::code {

std::string_view register_name(Register reg) {
    constexpr std::array<std::string_view, register_count> names{
        "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8",
        "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "rip"};
    return reg < names.size() ? names[reg] : "?";
}

} // namespace dropctl::code

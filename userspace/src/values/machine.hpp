// SPDX-License-Identifier: GPL-2.0-only
// Runs fetch programs as the module does, on memory that a test makes up.
#pragma once

#include "values/compile.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dropctl::values {

/// What a program sees of the kernel.
struct MachineState {
    std::array<uint64_t, 17> registers{};   ///< by DWARF number
    std::map<unsigned, uint64_t> arguments; ///< registers at the frame's entry
    uint64_t skb = 0;
    uint64_t task = 0;
    uint64_t percpu = 0; ///< offset of this CPU's area
    /// Read `length` bytes; false: fault.
    std::function<bool(uint64_t address, void *to, size_t length)> read;
};

struct MachineItem {
    uint16_t item = 0;
    uint16_t status = 0; ///< enum droptrace_value_status
    std::string bytes;
};

struct MachineResult {
    uint64_t r0 = 0;
    bool faulted = false; ///< outside of any item
    size_t steps = 0;
    std::vector<MachineItem> items;
};

/// Empty: the program is one that the module accepts; else what is wrong with it.
std::string verify(std::span<const droptrace_insn> program);

MachineResult run(std::span<const droptrace_insn> program, const MachineState &state);

} // namespace dropctl::values

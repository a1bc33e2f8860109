// SPDX-License-Identifier: GPL-2.0-only
// An instruction as far as paths are concerned: how control leaves it, which
// registers it reads and writes, and what the kernel's probes can do with it.
#pragma once

#include "code/registers.hpp"
#include "symbols/range.hpp"

#include <cstdint>

namespace dropctl::code {

using symbols::Range;

/// How control leaves an instruction.
enum class Flow : uint8_t {
    Next,         ///< to the next one
    Jump,         ///< to `target`
    Branch,       ///< to `target` or the next one
    IndirectJump, ///< to where a register or memory says
    Call,         ///< into `target`, and back
    IndirectCall, ///< into what a register or memory says, and back
    Return,
    Trap,   ///< ud2, int3
    Halted, ///< to nowhere that is known here (iret, sysret, hlt)
};

/// Memory as [base + index * scale + displacement].
struct MemoryOperand {
    Register base = no_register; ///< rip: displacement is the address itself
    Register index = no_register;
    uint8_t scale = 1;
    bool segment = false; ///< relative to gs or fs: per-CPU data
    int64_t displacement = 0;
};

struct Instruction {
    uint64_t address = 0;
    uint64_t target = 0; ///< of a direct jump or call, else 0
    Registers reads;     ///< operands and addresses; implied ones too
    Registers writes;
    uint8_t length = 0; ///< bytes
    Flow flow = Flow::Next;
    /// A plain copy between registers: from, to, and how many bytes of the value it
    /// keeps (4: the upper half of `copy_to` is zero, or the sign).
    Register copy_from = no_register;
    Register copy_to = no_register;
    uint8_t copy_bytes = 0;
    /// A register that it sets to a constant.
    Register constant_to = no_register;
    int64_t constant = 0;
    /// The register that an indirect jump or call goes through; none: memory.
    Register through = no_register;
    bool nop = false;
    /// The kernel's probes can run a copy of it elsewhere (can_boost()).
    bool boostable = false;

    [[nodiscard]] uint64_t end() const { return address + length; }
};

} // namespace dropctl::code

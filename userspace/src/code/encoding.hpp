// SPDX-License-Identifier: GPL-2.0-only
// What the bytes of an x86-64 instruction tell without a disassembler: prefixes,
// opcode, how control leaves it, and whether the kernel's probes can move it.
#pragma once

#include "code/instruction.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace dropctl::code {

/// The parts of an encoding. Instructions with VEX or EVEX prefixes, which kernel
/// functions hardly have, come out as of an opcode map that is none (0).
struct Encoding {
    bool operand_size = false; ///< prefix 66
    bool address_size = false; ///< prefix 67
    bool code_segment = false; ///< prefix 2e
    bool repeat = false;       ///< prefix f2 or f3
    bool lock = false;
    uint8_t rex = 0;
    uint8_t map = 1;    ///< bytes of opcode, counting 0f, 0f 38, 0f 3a; 0: VEX
    uint8_t opcode = 0; ///< the last byte of it
    uint8_t modrm = 0;  ///< if it has one
    uint8_t modrm_at = 0;

    [[nodiscard]] bool wide() const { return (rex & 8) != 0; }
    [[nodiscard]] uint8_t mod() const { return modrm >> 6; }
    /// Fields of the ModRM byte as Intel numbers registers, REX taken in.
    [[nodiscard]] uint8_t reg() const {
        return static_cast<uint8_t>((modrm >> 3 & 7) | ((rex & 4) != 0 ? 8 : 0));
    }
    [[nodiscard]] uint8_t rm() const {
        return static_cast<uint8_t>((modrm & 7) | ((rex & 1) != 0 ? 8 : 0));
    }
};

/// Take one instruction apart, all of it in `bytes`.
Encoding encoding_of(std::span<const uint8_t> bytes);

/// Fill in flow, target, copies, nop and boostable; address and length are there.
void describe_encoding(std::span<const uint8_t> bytes, Instruction &instruction);

/// A register as Intel numbers them, by DWARF's number.
Register from_intel(uint8_t number);

} // namespace dropctl::code

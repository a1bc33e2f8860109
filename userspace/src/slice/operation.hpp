// SPDX-License-Identifier: GPL-2.0-only
// What an instruction computes, as far as it matters where a value came from:
// operands with their widths, and conditions. What is of no use for that is
// Other: it spoils what it writes.
#pragma once

#include "code/instruction.hpp"

#include <cstdint>

namespace dropctl::slice {

using code::MemoryOperand;
using code::no_register;
using code::Register;
using code::Registers;

enum class Opcode : uint8_t {
    Other, ///< writes the registers of `writes`; nobody knows what
    Nop,
    Move,       ///< mov, movzx: the source, the rest is zero (or kept: 1 and 2 bytes)
    MoveSigned, ///< movsx, cdqe: the source, the rest is its sign
    Address,    ///< lea
    Add,
    Subtract,
    AddCarry,
    SubtractBorrow,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    ShiftRightSigned,
    RotateLeft,
    RotateRight,
    Multiply, ///< of two or three operands
    Negate,
    Not,
    SwapBytes,
    Exchange,
    SetIf,   ///< setcc
    MoveIf,  ///< cmovcc
    Compare, ///< cmp: flags of destination - source
    Test,    ///< flags of destination & source
    TestBit, ///< bt
    BitSet,  ///< bts, btr, btc: their kind is of no use here
    Push,
    Pop,
    Leave,
    Jump,
    BranchIf, ///< jcc
    Call,
    Return,
};

/// x86's conditions, in the order of their encoding.
enum class Condition : uint8_t {
    Overflow,
    NoOverflow,
    Below,
    AboveEqual,
    Equal,
    NotEqual,
    BelowEqual,
    Above,
    Sign,
    NoSign,
    Parity,
    NoParity,
    Less,
    GreaterEqual,
    LessEqual,
    Greater,
};

constexpr Condition negated(Condition condition) {
    return static_cast<Condition>(static_cast<uint8_t>(condition) ^ 1U);
}

/// "==", "!=", "<" ...; unsigned ones the same as signed.
const char *condition_text(Condition condition);

enum class OperandKind : uint8_t { None, Register, Memory, Constant };

struct Operand {
    OperandKind kind = OperandKind::None;
    Register reg = no_register;
    bool high = false; ///< bits 8 to 15 of it: ah, bh, ch, dh
    uint8_t bytes = 8; ///< width of the access
    MemoryOperand memory;
    int64_t constant = 0; ///< sign-extended

    [[nodiscard]] bool is(OperandKind other) const { return kind == other; }
};

struct Operation {
    Opcode code = Opcode::Other;
    Condition condition = Condition::Equal;
    Operand destination;
    Operand source;
    Operand third; ///< the constant of a multiplication of three operands
    Registers writes;
    bool sets_flags = false;
    /// The memory that it writes is not that of `destination` (rep movs), or not known.
    bool spoils_memory = false;
    uint8_t length = 0; ///< bytes
};

} // namespace dropctl::slice

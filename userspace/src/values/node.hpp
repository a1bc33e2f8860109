// SPDX-License-Identifier: GPL-2.0-only
// What a value is computed from, between expressions and locations on the one
// side and fetch programs on the other: a tree without types. Numbers are 64
// bits, extended as their type demands. Made by the functions here, which fold
// what is constant.
#pragma once

#include <linux/droptrace.h>

#include <cstdint>
#include <memory>

namespace dropctl::values {

struct Node;
using NodePtr = std::shared_ptr<const Node>;

enum class NodeKind {
    Constant,
    Register, ///< `number` at the point
    Argument, ///< register `number` at the frame's entry
    Packet,   ///< the frame's
    Task,
    Slot,   ///< a register of the program that a loop keeps: `number`
    PerCpu, ///< `a` plus the offset of this CPU's area
    Load,   ///< memory at `a` plus `number`
    Binary, ///< `op` of `a` and `b`
    Negate,
    Invert,
    Extend, ///< `a` cut to a size and extended again
    Swap,   ///< the bytes of `a`
    Both,   ///< 1 if neither `a` nor `b` is 0; `b` is not looked at if `a` is
    Either,
    Choose, ///< `a` ? `b` : `c`
};

struct Node {
    NodeKind kind = NodeKind::Constant;
    int64_t number = 0;
    uint8_t size = 8; ///< bytes, of loads, extensions and swaps
    bool is_signed = false;
    droptrace_op op = DROPTRACE_OP_END;
    NodePtr a{};
    NodePtr b{};
    NodePtr c{};
};

NodePtr constant(int64_t value);
NodePtr leaf(NodeKind kind, int64_t number = 0);
NodePtr load(NodePtr address, uint64_t size, bool is_signed);
NodePtr binary(droptrace_op op, NodePtr a, NodePtr b);
/// `a` plus a constant.
NodePtr plus(NodePtr a, int64_t number);
NodePtr unary(NodeKind kind, NodePtr a);
NodePtr extend(NodePtr a, uint64_t size, bool is_signed);
NodePtr swap(NodePtr a, uint64_t size);
NodePtr logical(NodeKind kind, NodePtr a, NodePtr b);
NodePtr choose(NodePtr condition, NodePtr yes, NodePtr no);
/// 1 if `a` is 0, else 0.
NodePtr is_zero(NodePtr a);

/// `node` with what it reads of the point's registers read of the frame's entry. Null: a
/// register that is not kept of the entry is needed.
NodePtr as_at_entry(const NodePtr &node);

/// Sign- or zero-extend the low `size` bytes.
int64_t extended(int64_t value, uint64_t size, bool is_signed);
/// What an operation of two numbers gives. False: it faults.
bool evaluate(droptrace_op op, uint64_t a, uint64_t b, uint64_t &result);
uint64_t swapped(uint64_t value, uint64_t size);

/// One of the six registers of the arguments, or the stack pointer: their values at a
/// function's entry are kept.
bool is_argument_register(int64_t number);

} // namespace dropctl::values

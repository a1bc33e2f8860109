// SPDX-License-Identifier: GPL-2.0-only
#include "values/node.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace dropctl::values {

namespace {

bool is_constant(const NodePtr &node) {
    return node->kind == NodeKind::Constant;
}

bool fits_imm(int64_t number) {
    return number >= std::numeric_limits<int32_t>::min() &&
           number <= std::numeric_limits<int32_t>::max();
}

uint64_t divided(droptrace_op op, uint64_t a, uint64_t b) {
    const auto sa = static_cast<int64_t>(a);
    const auto sb = static_cast<int64_t>(b);
    switch (op) {
    case DROPTRACE_OP_DIVU:
        return a / b;
    case DROPTRACE_OP_MODU:
        return a % b;
    case DROPTRACE_OP_DIVS: // the most negative number by -1 is itself
        return sb == -1 ? 0 - a : static_cast<uint64_t>(sa / sb);
    default:
        return sb == -1 ? 0 : static_cast<uint64_t>(sa % sb);
    }
}

} // namespace

bool is_argument_register(int64_t number) {
    static constexpr std::array<int64_t, 7> arguments{5, 4, 1, 2, 8, 9, 7}; // rsp, too
    return std::find(arguments.begin(), arguments.end(), number) != arguments.end();
}

int64_t extended(int64_t value, uint64_t size, bool is_signed) {
    if (size == 0 || size >= sizeof(value)) {
        return value;
    }
    const unsigned unused = 64 - static_cast<unsigned>(size) * 8;
    const uint64_t high = static_cast<uint64_t>(value) << unused;
    return is_signed ? static_cast<int64_t>(high) >> unused : static_cast<int64_t>(high >> unused);
}

uint64_t swapped(uint64_t value, uint64_t size) {
    uint64_t result = 0;
    for (uint64_t i = 0; i < size; i++) {
        result = (result << 8) | ((value >> (8 * i)) & 0xff);
    }
    return result;
}

bool evaluate(droptrace_op op, uint64_t a, uint64_t b, uint64_t &result) {
    const auto sa = static_cast<int64_t>(a);
    const auto sb = static_cast<int64_t>(b);
    constexpr uint64_t bits = 64;
    switch (op) {
    case DROPTRACE_OP_ADD:
        result = a + b;
        return true;
    case DROPTRACE_OP_SUB:
        result = a - b;
        return true;
    case DROPTRACE_OP_MUL:
        result = a * b;
        return true;
    case DROPTRACE_OP_DIVU:
    case DROPTRACE_OP_DIVS:
    case DROPTRACE_OP_MODU:
    case DROPTRACE_OP_MODS:
        result = b == 0 ? 0 : divided(op, a, b);
        return b != 0;
    case DROPTRACE_OP_AND:
        result = a & b;
        return true;
    case DROPTRACE_OP_OR:
        result = a | b;
        return true;
    case DROPTRACE_OP_XOR:
        result = a ^ b;
        return true;
    case DROPTRACE_OP_SHL:
        result = b < bits ? a << b : 0;
        return true;
    case DROPTRACE_OP_SHR:
        result = b < bits ? a >> b : 0;
        return true;
    case DROPTRACE_OP_SAR:
        result = static_cast<uint64_t>(sa >> std::min(b, bits - 1));
        return true;
    case DROPTRACE_OP_EQ:
        result = a == b ? 1 : 0;
        return true;
    case DROPTRACE_OP_NE:
        result = a != b ? 1 : 0;
        return true;
    case DROPTRACE_OP_LTU:
        result = a < b ? 1 : 0;
        return true;
    case DROPTRACE_OP_LTS:
        result = sa < sb ? 1 : 0;
        return true;
    case DROPTRACE_OP_LEU:
        result = a <= b ? 1 : 0;
        return true;
    case DROPTRACE_OP_LES:
        result = sa <= sb ? 1 : 0;
        return true;
    default:
        return false;
    }
}

NodePtr constant(int64_t value) {
    return std::make_shared<Node>(Node{.kind = NodeKind::Constant, .number = value});
}

NodePtr leaf(NodeKind kind, int64_t number) {
    return std::make_shared<Node>(Node{.kind = kind, .number = number});
}

NodePtr load(NodePtr address, uint64_t size, bool is_signed) {
    Node node{.kind = NodeKind::Load,
              .size = static_cast<uint8_t>(size),
              .is_signed = is_signed && size < sizeof(uint64_t)};
    if (address->kind == NodeKind::Binary && address->op == DROPTRACE_OP_ADD &&
        is_constant(address->b) && fits_imm(address->b->number)) {
        node.number = address->b->number;
        address = address->a;
    }
    node.a = std::move(address);
    return std::make_shared<Node>(std::move(node));
}

NodePtr binary(droptrace_op op, NodePtr a, NodePtr b) {
    uint64_t result = 0;
    if (is_constant(a) && is_constant(b) &&
        evaluate(op, static_cast<uint64_t>(a->number), static_cast<uint64_t>(b->number), result)) {
        return constant(static_cast<int64_t>(result));
    }
    const bool commutes = op == DROPTRACE_OP_ADD || op == DROPTRACE_OP_MUL ||
                          op == DROPTRACE_OP_AND || op == DROPTRACE_OP_OR ||
                          op == DROPTRACE_OP_XOR || op == DROPTRACE_OP_EQ || op == DROPTRACE_OP_NE;
    if (commutes && is_constant(a)) {
        std::swap(a, b);
    }
    if (op == DROPTRACE_OP_SUB && is_constant(b)) {
        op = DROPTRACE_OP_ADD;
        b = constant(static_cast<int64_t>(0 - static_cast<uint64_t>(b->number)));
    }
    if (op == DROPTRACE_OP_ADD && is_constant(b)) {
        if (b->number == 0) {
            return a;
        }
        if (a->kind == NodeKind::Binary && a->op == DROPTRACE_OP_ADD && is_constant(a->b)) {
            const uint64_t sum =
                static_cast<uint64_t>(a->b->number) + static_cast<uint64_t>(b->number);
            return binary(op, a->a, constant(static_cast<int64_t>(sum)));
        }
    }
    if (op == DROPTRACE_OP_MUL && is_constant(b) && b->number == 1) {
        return a;
    }
    return std::make_shared<Node>(
        Node{.kind = NodeKind::Binary, .op = op, .a = std::move(a), .b = std::move(b)});
}

NodePtr plus(NodePtr a, int64_t number) {
    return binary(DROPTRACE_OP_ADD, std::move(a), constant(number));
}

NodePtr unary(NodeKind kind, NodePtr a) {
    if (is_constant(a) && kind == NodeKind::Negate) {
        return constant(static_cast<int64_t>(0 - static_cast<uint64_t>(a->number)));
    }
    if (is_constant(a) && kind == NodeKind::Invert) {
        return constant(~a->number);
    }
    return std::make_shared<Node>(Node{.kind = kind, .a = std::move(a)});
}

NodePtr extend(NodePtr a, uint64_t size, bool is_signed) {
    if (size == 0 || size >= sizeof(uint64_t)) {
        return a;
    }
    if (is_constant(a)) {
        return constant(extended(a->number, size, is_signed));
    }
    if ((a->kind == NodeKind::Load || a->kind == NodeKind::Extend) &&
        (a->size < size ? !a->is_signed || is_signed
                        : a->size == size && a->is_signed == is_signed)) {
        return a; // it is within the range already
    }
    return std::make_shared<Node>(Node{.kind = NodeKind::Extend,
                                       .size = static_cast<uint8_t>(size),
                                       .is_signed = is_signed,
                                       .a = std::move(a)});
}

NodePtr swap(NodePtr a, uint64_t size) {
    if (is_constant(a)) {
        return constant(static_cast<int64_t>(swapped(static_cast<uint64_t>(a->number), size)));
    }
    return std::make_shared<Node>(
        Node{.kind = NodeKind::Swap, .size = static_cast<uint8_t>(size), .a = std::move(a)});
}

NodePtr logical(NodeKind kind, NodePtr a, NodePtr b) {
    if (is_constant(a)) {
        const bool decided = kind == NodeKind::Both ? a->number == 0 : a->number != 0;
        return decided ? constant(kind == NodeKind::Both ? 0 : 1)
                       : binary(DROPTRACE_OP_NE, std::move(b), constant(0));
    }
    return std::make_shared<Node>(Node{.kind = kind, .a = std::move(a), .b = std::move(b)});
}

NodePtr choose(NodePtr condition, NodePtr yes, NodePtr no) {
    if (is_constant(condition)) {
        return condition->number != 0 ? yes : no;
    }
    return std::make_shared<Node>(Node{.kind = NodeKind::Choose,
                                       .a = std::move(condition),
                                       .b = std::move(yes),
                                       .c = std::move(no)});
}

NodePtr is_zero(NodePtr a) {
    return binary(DROPTRACE_OP_EQ, std::move(a), constant(0));
}

NodePtr as_at_entry(const NodePtr &node) {
    if (!node) {
        return node;
    }
    if (node->kind == NodeKind::Register) {
        return is_argument_register(node->number) ? leaf(NodeKind::Argument, node->number)
                                                  : nullptr;
    }
    Node copy = *node;
    for (NodePtr Node::*part : {&Node::a, &Node::b, &Node::c}) {
        if (copy.*part && !(copy.*part = as_at_entry(copy.*part))) {
            return nullptr;
        }
    }
    return std::make_shared<Node>(std::move(copy));
}

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
// Operators, with C's promotions and conversions.
#include "values/checker.hpp"

#include <fmt/format.h>

#include <array>

namespace dropctl::values {

namespace {

struct Operator {
    std::string_view text;
    droptrace_op unsigned_op;
    droptrace_op signed_op;
    bool compares;
    bool swapped; ///< the operands, as there is no "greater"
};

constexpr std::array<Operator, 16> operators{{
    {"+", DROPTRACE_OP_ADD, DROPTRACE_OP_ADD, false, false},
    {"-", DROPTRACE_OP_SUB, DROPTRACE_OP_SUB, false, false},
    {"*", DROPTRACE_OP_MUL, DROPTRACE_OP_MUL, false, false},
    {"/", DROPTRACE_OP_DIVU, DROPTRACE_OP_DIVS, false, false},
    {"%", DROPTRACE_OP_MODU, DROPTRACE_OP_MODS, false, false},
    {"&", DROPTRACE_OP_AND, DROPTRACE_OP_AND, false, false},
    {"|", DROPTRACE_OP_OR, DROPTRACE_OP_OR, false, false},
    {"^", DROPTRACE_OP_XOR, DROPTRACE_OP_XOR, false, false},
    {"<<", DROPTRACE_OP_SHL, DROPTRACE_OP_SHL, false, false},
    {">>", DROPTRACE_OP_SHR, DROPTRACE_OP_SAR, false, false},
    {"==", DROPTRACE_OP_EQ, DROPTRACE_OP_EQ, true, false},
    {"!=", DROPTRACE_OP_NE, DROPTRACE_OP_NE, true, false},
    {"<", DROPTRACE_OP_LTU, DROPTRACE_OP_LTS, true, false},
    {"<=", DROPTRACE_OP_LEU, DROPTRACE_OP_LES, true, false},
    {">", DROPTRACE_OP_LTU, DROPTRACE_OP_LTS, true, true},
    {">=", DROPTRACE_OP_LEU, DROPTRACE_OP_LES, true, true},
}};

const Operator &operator_of(std::string_view text) {
    for (const Operator &each : operators) {
        if (each.text == text) {
            return each;
        }
    }
    return operators[0];
}

bool is_address(const Type &type) {
    return type.is(TypeKind::Pointer) || type.is(TypeKind::Array);
}

} // namespace

const Type &Checker::promoted(const Type &type) {
    const Type &bare = type.bare();
    constexpr uint64_t int_size = 4;
    return bare.size() < int_size ? types().integer(int_size, true)
                                  : types().integer(bare.size(), bare.is_signed());
}

const Type &Checker::common(const Type &left, const Type &right) {
    const Type &a = promoted(left);
    const Type &b = promoted(right);
    if (a.size() != b.size()) {
        return a.size() > b.size() ? a : b;
    }
    return types().integer(a.size(), a.is_signed() && b.is_signed());
}

Checker::Maybe Checker::unary(const SyntaxNode &node) {
    const SyntaxNode &inner = *node.parts[0];
    if (node.text == "&") {
        return address_of(node);
    }
    const auto found = operand(inner);
    if (!found) {
        return std::nullopt;
    }
    if (node.text == "*") {
        if (!is_address(*found->type)) {
            return fail(inner.span, fmt::format("{} is no pointer", found->type->text()));
        }
        return pointed_to(inner, *found);
    }
    const NodePtr value = number(inner, *found);
    if (!value) {
        return std::nullopt;
    }
    if (node.text == "!") {
        return value_operand(is_zero(value), types().integer(4, true));
    }
    if (!found->type->is_number()) {
        return fail(inner.span, fmt::format("{} is no number", found->type->text()));
    }
    const Type &type = promoted(*found->type);
    if (node.text == "+") {
        return value_operand(value, type);
    }
    const NodePtr result =
        values::unary(node.text == "-" ? NodeKind::Negate : NodeKind::Invert, value);
    return value_operand(extend(result, type.size(), type.is_signed()), type);
}

Checker::Maybe Checker::address_of(const SyntaxNode &node) {
    const SyntaxNode &inner = *node.parts[0];
    const auto found = operand(inner);
    if (!found) {
        return std::nullopt;
    }
    if (found->bits != 0) {
        return fail(inner.span, fmt::format("'{}' is a bit-field, it has no address", found->name));
    }
    if (!found->in_memory()) {
        return unavailable(inner.span, found->name.empty()
                                           ? std::string("this has no address")
                                           : fmt::format("'{}' is in no memory here, it has no "
                                                         "address",
                                                         found->name));
    }
    return value_operand(found->where.node, types().pointer_to(*found->type), found->name);
}

Checker::Maybe Checker::binary(const SyntaxNode &node) {
    const SyntaxNode &left_node = *node.parts[0];
    const SyntaxNode &right_node = *node.parts[1];
    const auto left = operand(left_node);
    const auto right = left ? operand(right_node) : std::nullopt;
    if (!right) {
        return std::nullopt;
    }
    if (node.text == "&&" || node.text == "||") {
        const NodePtr a = number(left_node, *left);
        const NodePtr b = a ? number(right_node, *right) : nullptr;
        if (!b) {
            return std::nullopt;
        }
        const NodeKind kind = node.text == "&&" ? NodeKind::Both : NodeKind::Either;
        return value_operand(logical(kind, a, b), types().integer(4, true));
    }
    const Operator &op = operator_of(node.text);
    if (is_address(*left->type) || is_address(*right->type)) {
        if (op.compares) {
            NodePtr a = number(left_node, *left);
            NodePtr b = a ? number(right_node, *right) : nullptr;
            if (!b) {
                return std::nullopt;
            }
            return value_operand(op.swapped ? values::binary(op.unsigned_op, b, a)
                                            : values::binary(op.unsigned_op, a, b),
                                 types().integer(4, true));
        }
        return pointer_sum(node, *left, *right);
    }
    return arithmetic(node, *left, *right);
}

Checker::Maybe Checker::pointer_sum(const SyntaxNode &node, const Operand &left,
                                    const Operand &right) {
    const bool both = is_address(*left.type) && is_address(*right.type);
    const bool possible = node.text == "-" ? is_address(*left.type) : node.text == "+" && !both;
    if (!possible) {
        return fail(node.span, fmt::format("'{}' of {} and {} has no meaning", node.text,
                                           left.type->text(), right.type->text()));
    }
    NodePtr a = number(*node.parts[0], left);
    NodePtr b = a ? number(*node.parts[1], right) : nullptr;
    if (!b) {
        return std::nullopt;
    }
    const bool turned = !is_address(*left.type);
    const Type &target = (turned ? right : left).type->bare().target();
    // As gcc has it, void counts as bytes.
    const uint64_t known = complete(target).size();
    const auto size = static_cast<int64_t>(known == 0 ? 1 : known);
    if (both) {
        return value_operand(values::binary(DROPTRACE_OP_DIVS,
                                            values::binary(DROPTRACE_OP_SUB, a, b), constant(size)),
                             types().integer(8, true));
    }
    if (turned) {
        std::swap(a, b);
    }
    const NodePtr delta = values::binary(DROPTRACE_OP_MUL, b, constant(size));
    return value_operand(
        values::binary(node.text == "-" ? DROPTRACE_OP_SUB : DROPTRACE_OP_ADD, a, delta),
        types().pointer_to(target));
}

Checker::Maybe Checker::arithmetic(const SyntaxNode &node, const Operand &left,
                                   const Operand &right) {
    const NodePtr a = number(*node.parts[0], left);
    const NodePtr b = a ? number(*node.parts[1], right) : nullptr;
    if (!b) {
        return std::nullopt;
    }
    const Operator &op = operator_of(node.text);
    const bool shifts = node.text == "<<" || node.text == ">>";
    const Type &type = shifts ? promoted(*left.type) : common(*left.type, *right.type);
    const NodePtr x = extend(a, type.size(), type.is_signed());
    const NodePtr y = shifts ? b : extend(b, type.size(), type.is_signed());
    const droptrace_op code = type.is_signed() ? op.signed_op : op.unsigned_op;
    if (op.compares) {
        return value_operand(op.swapped ? values::binary(code, y, x) : values::binary(code, x, y),
                             types().integer(4, true));
    }
    const bool divides = node.text == "/" || node.text == "%";
    if (divides && y->kind == NodeKind::Constant && y->number == 0) {
        return fail(node.span, "division by zero");
    }
    return value_operand(extend(values::binary(code, x, y), type.size(), type.is_signed()), type);
}

Checker::Maybe Checker::choice(const SyntaxNode &node) {
    const auto condition = operand(*node.parts[0]);
    const auto yes = condition ? operand(*node.parts[1]) : std::nullopt;
    const auto no = yes ? operand(*node.parts[2]) : std::nullopt;
    if (!no) {
        return std::nullopt;
    }
    const NodePtr test = number(*node.parts[0], *condition);
    const NodePtr a = test ? number(*node.parts[1], *yes) : nullptr;
    const NodePtr b = a ? number(*node.parts[2], *no) : nullptr;
    if (!b) {
        return std::nullopt;
    }
    if (is_address(*yes->type) || is_address(*no->type)) {
        const Operand &pointer = is_address(*yes->type) ? *yes : *no;
        return value_operand(choose(test, a, b), types().pointer_to(pointer.type->bare().target()),
                             pointer.name);
    }
    const Type &type = common(*yes->type, *no->type);
    return value_operand(choose(test, extend(a, type.size(), type.is_signed()),
                                extend(b, type.size(), type.is_signed())),
                         type);
}

Checker::Maybe Checker::cast(const SyntaxNode &node) {
    const Type *type = this->type(node.type);
    const auto found = type == nullptr ? std::nullopt : operand(*node.parts[0]);
    if (!found) {
        return std::nullopt;
    }
    if (!type->is_number() && !type->is(TypeKind::Pointer)) {
        return fail(node.type.span, fmt::format("nothing can be cast to {}", type->text()),
                    type->is_struct() ? fmt::format("a pointer can: ({} *)", type->text()) : "");
    }
    const NodePtr value = number(*node.parts[0], *found);
    if (!value) {
        return std::nullopt;
    }
    const Type &bare = type->bare();
    const NodePtr result = bare.is_bool() ? values::binary(DROPTRACE_OP_NE, value, constant(0))
                                          : extend(value, bare.size(), bare.is_signed());
    return value_operand(result, *type, found->name);
}

Checker::Maybe Checker::size(const SyntaxNode &node) {
    const Type *type = nullptr;
    if (node.parts.empty()) {
        type = this->type(node.type);
    } else if (const auto found = operand(*node.parts[0])) {
        type = found->type;
    }
    if (type == nullptr) {
        return std::nullopt;
    }
    const uint64_t size = type->is(TypeKind::Array) ? type->size() : complete(*type).size();
    if (size == 0) {
        return fail(node.span, fmt::format("the size of {} is not known", type->text()));
    }
    return value_operand(constant(static_cast<int64_t>(size)), types().integer(8, false));
}

} // namespace dropctl::values

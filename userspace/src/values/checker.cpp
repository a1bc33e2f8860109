// SPDX-License-Identifier: GPL-2.0-only
#include "values/checker.hpp"

#include <fmt/format.h>

namespace dropctl::values {

namespace {

constexpr unsigned deepest = 200;

} // namespace

Operand operand_at(Location location, const Type &type, std::string name) {
    Operand operand;
    operand.where = std::move(location);
    operand.type = &type;
    operand.name = std::move(name);
    return operand;
}

std::nullopt_t Checker::fail(Span span, std::string why, std::string hint) {
    if (complaint_.why.empty()) {
        complaint_.position = span.position;
        complaint_.length = span.length;
        complaint_.why = std::move(why);
        complaint_.hint = std::move(hint);
    }
    return std::nullopt;
}

std::nullopt_t Checker::unavailable(Span span, std::string why, std::string hint) {
    complaint_.unavailable = complaint_.why.empty();
    return fail(span, std::move(why), std::move(hint));
}

std::optional<Checked> Checker::check(const SyntaxNode &node) {
    if (node.kind == SyntaxKind::Call &&
        (node.text == "list" || node.text == "list_head" || node.text == "hlist")) {
        return walk(node);
    }
    auto found = operand(node);
    if (!found) {
        return std::nullopt;
    }
    return Checked{.operand = std::move(*found), .walk = std::nullopt};
}

Checker::Maybe Checker::operand(const SyntaxNode &node) {
    if (++depth_ > deepest) {
        return fail(node.span, "the expression is nested too deeply");
    }
    Maybe found;
    switch (node.kind) {
    case SyntaxKind::Number: {
        const bool small = node.number <= INT32_MAX && !node.is_long;
        const bool medium = node.number <= UINT32_MAX && !node.is_long;
        const uint64_t size = small || (medium && node.is_unsigned) ? 4 : 8;
        found = value_operand(constant(static_cast<int64_t>(node.number)),
                              types().integer(size, !node.is_unsigned && node.number <= INT64_MAX));
        break;
    }
    case SyntaxKind::Name:
        found = name(node);
        break;
    case SyntaxKind::Special:
        found = special(node);
        break;
    case SyntaxKind::Entry:
        found = entry(node);
        break;
    case SyntaxKind::Member:
        found = member(node);
        break;
    case SyntaxKind::Index:
        found = index(node);
        break;
    case SyntaxKind::Unary:
        found = unary(node);
        break;
    case SyntaxKind::Binary:
        found = binary(node);
        break;
    case SyntaxKind::Choose:
        found = choice(node);
        break;
    case SyntaxKind::Cast:
        found = cast(node);
        break;
    case SyntaxKind::Sizeof:
        found = size(node);
        break;
    case SyntaxKind::Call:
        found = call(node);
        break;
    }
    depth_--;
    return found;
}

/// The value of an operand that must be a number or an address.
NodePtr Checker::number(const SyntaxNode &node, const Operand &operand) {
    if (operand.where.per_cpu && !operand.type->is(TypeKind::Array)) {
        fail(node.span, fmt::format("'{}' has a copy for each CPU", operand.name),
             "this_cpu(VARIABLE) is the one of the CPU at work");
        return nullptr;
    }
    if (operand.where.kind == LocationKind::Implicit) {
        unavailable(node.span,
                    fmt::format("the address in '{}' does not exist: what it points to is in no "
                                "memory here",
                                operand.name),
                    "its target can be read");
        return nullptr;
    }
    NodePtr found = number_of_operand(operand);
    if (!found) {
        if (operand.type->is_number() || operand.type->is(TypeKind::Pointer)) {
            unavailable(node.span, fmt::format("only parts of '{}' are left here", operand.name));
        } else {
            fail(node.span,
                 fmt::format("{} is neither a number nor a pointer", operand.type->text()));
        }
    }
    return found;
}

} // namespace dropctl::values

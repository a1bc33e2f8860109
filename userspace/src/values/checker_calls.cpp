// SPDX-License-Identifier: GPL-2.0-only
// The words that look like functions: per-CPU data, container_of, walks of lists.
#include "values/checker.hpp"

#include <fmt/format.h>

namespace dropctl::values {

namespace {

/// The constant parts of an address that a walk's link has.
NodePtr link() {
    return leaf(NodeKind::Slot, walk_slot);
}

} // namespace

Checker::Maybe Checker::call(const SyntaxNode &node) {
    if (node.text == "this_cpu" || node.text == "this_cpu_ptr") {
        return this_cpu(node);
    }
    if (node.text == "container_of") {
        return container_of(node);
    }
    if (node.text.starts_with("list") || node.text == "hlist") {
        return fail(node.span,
                    fmt::format("{}() gives many values, so it can only stand alone", node.text));
    }
    return byte_order(node);
}

Checker::Maybe Checker::this_cpu(const SyntaxNode &node) {
    const SyntaxNode &inner = *node.parts[0];
    auto found = operand(inner);
    if (!found) {
        return std::nullopt;
    }
    if (node.text == "this_cpu_ptr") {
        if (!found->type->is(TypeKind::Pointer)) {
            return fail(inner.span, fmt::format("{} is no pointer", found->type->text()),
                        "this_cpu() takes variables");
        }
        const NodePtr address = number(inner, *found);
        return address ? Maybe(value_operand(values::unary(NodeKind::PerCpu, address), *found->type,
                                             found->name))
                       : std::nullopt;
    }
    if (!found->in_memory()) {
        return fail(inner.span, "only what is in memory can be one for each CPU",
                    "this_cpu_ptr() takes pointers");
    }
    found->where.node = values::unary(NodeKind::PerCpu, found->where.node);
    found->where.per_cpu = false;
    return found;
}

Checker::Maybe Checker::container_of(const SyntaxNode &node) {
    const Type *type = this->type(node.type);
    if (type == nullptr) {
        return std::nullopt;
    }
    if (!type->is_struct()) {
        return fail(node.type.span, fmt::format("{} is no struct", type->text()));
    }
    const auto offset = offset_of(*node.parts[1], *type);
    const auto pointer = offset ? operand(*node.parts[0]) : std::nullopt;
    const NodePtr address = pointer ? number(*node.parts[0], *pointer) : nullptr;
    if (!address) {
        return std::nullopt;
    }
    return value_operand(plus(address, -static_cast<int64_t>(*offset)), types().pointer_to(*type));
}

Checker::Maybe Checker::byte_order(const SyntaxNode &node) {
    const auto found = operand(*node.parts[0]);
    const NodePtr value = found ? number(*node.parts[0], *found) : nullptr;
    if (!value) {
        return std::nullopt;
    }
    const bool is_long =
        node.text.ends_with('l') || node.text.ends_with("32") || node.text.starts_with("be32");
    const bool is_longest = node.text.starts_with("be64");
    const uint64_t size = is_longest ? 8 : is_long ? 4 : 2;
    return value_operand(swap(extend(value, size, false), size), types().integer(size, false), {});
}

std::optional<Checked> Checker::walk(const SyntaxNode &node) {
    Walk found;
    const bool done = node.text == "list" ? walk_pointers(node, found) : walk_heads(node, found);
    if (!done) {
        return std::nullopt;
    }
    Operand element = found.element;
    return Checked{.operand = std::move(element), .walk = std::move(found)};
}

/// list(FIRST, next[, what])
bool Checker::walk_pointers(const SyntaxNode &node, Walk &walk) {
    const SyntaxNode &first = *node.parts[0];
    const auto pointer = operand(first);
    if (!pointer) {
        return false;
    }
    if (!pointer->type->is(TypeKind::Pointer) || !pointer->type->bare().target().is_struct()) {
        fail(first.span, fmt::format("{} is no pointer to a struct", pointer->type->text()),
             "list_head() and hlist() walk lists that begin with a head");
        return false;
    }
    walk.first = number(first, *pointer);
    if (!walk.first) {
        return false;
    }
    const Type &type = complete(pointer->type->bare().target());
    const Type *next = nullptr;
    const auto offset = offset_of(*node.parts[1], type, &next);
    if (!offset) {
        return false;
    }
    if (!next->is(TypeKind::Pointer)) {
        fail(node.parts[1]->span, fmt::format("{} is no pointer", next->text()));
        return false;
    }
    walk.next = static_cast<int64_t>(*offset);
    return walk_element(node, 2, memory_operand(link(), type), walk);
}

/// list_head(HEAD, struct T, node[, what]) and hlist(...)
bool Checker::walk_heads(const SyntaxNode &node, Walk &walk) {
    const SyntaxNode &first = *node.parts[0];
    auto head = operand(first);
    if (head && head->type->is(TypeKind::Pointer)) {
        head = pointed_to(first, *head);
    }
    const Type *type = head ? this->type(node.type) : nullptr;
    if (type == nullptr) {
        return false;
    }
    const std::string &name = head->type->bare().name();
    const bool is_list = node.text == "list_head";
    const bool fits =
        is_list ? name == "list_head" : name == "hlist_head" || name == "hlist_nulls_head";
    if (!fits) {
        fail(first.span, fmt::format("{} is no struct {}", head->type->text(),
                                     is_list ? "list_head" : "hlist_head"));
        return false;
    }
    if (!head->in_memory() || head->where.per_cpu) {
        unavailable(first.span, "the head of the list is in no memory here");
        return false;
    }
    if (!type->is_struct()) {
        fail(node.type.span, fmt::format("{} is no struct", type->text()));
        return false;
    }
    const auto offset = offset_of(*node.parts[1], *type);
    if (!offset) {
        return false;
    }
    walk.first = load(head->where.node, sizeof(uint64_t), false);
    walk.end = is_list ? head->where.node : nullptr;
    walk.ends_odd = name == "hlist_nulls_head";
    const NodePtr element = plus(link(), -static_cast<int64_t>(*offset));
    return walk_element(node, 2, memory_operand(element, complete(*type)), walk);
}

/// What is taken of each element: an expression in which its members are names, or,
/// without one, the element's address.
bool Checker::walk_element(const SyntaxNode &node, size_t part, const Operand &element,
                           Walk &walk) {
    if (part >= node.parts.size()) {
        walk.element = value_operand(element.where.node, types().pointer_to(*element.type));
        return true;
    }
    element_ = element;
    auto found = operand(*node.parts[part]);
    element_.reset();
    if (!found) {
        return false;
    }
    walk.element = std::move(*found);
    return true;
}

} // namespace dropctl::values

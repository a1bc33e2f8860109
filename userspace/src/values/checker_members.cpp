// SPDX-License-Identifier: GPL-2.0-only
// Members, elements of arrays, and what pointers lead to.
#include "values/checker.hpp"

#include "util/near_names.hpp"
#include "util/words.hpp"

#include <fmt/format.h>

namespace dropctl::values {

namespace {

constexpr unsigned deepest = 16; ///< anonymous structs in anonymous unions in ...
constexpr size_t near_most = 3;

/// Call `visit` with the name of each member, those of anonymous ones too.
template <typename Visit> void each_name(const Type &type, Visit visit, unsigned depth = 0) {
    for (const Member &member : type.bare().members()) {
        if (!member.name.empty()) {
            visit(member.name);
        } else if (depth < deepest) {
            each_name(*member.type, visit, depth + 1);
        }
    }
}

} // namespace

std::optional<FoundMember> find_member(const Type &type, std::string_view name, unsigned depth) {
    for (const Member &member : type.bare().members()) {
        if (member.name == name) {
            return FoundMember{member};
        }
        if (member.name.empty() && member.type->is_struct() && depth < deepest) {
            if (auto inner = find_member(*member.type, name, depth + 1)) {
                inner->member.offset += member.offset;
                return inner;
            }
        }
    }
    return std::nullopt;
}

Checker::Maybe Checker::member(const SyntaxNode &node) {
    auto whole = operand(*node.parts[0]);
    if (!whole) {
        return std::nullopt;
    }
    const Type &type = *whole->type;
    if (node.arrow) {
        if (!type.is(TypeKind::Pointer) && !type.is(TypeKind::Array)) {
            return fail(node.span, fmt::format("{} is no pointer", type.text()),
                        type.is_struct() ? fmt::format("'.{}' is a member of it", node.text) : "");
        }
        whole = pointed_to(*node.parts[0], *whole);
        if (!whole) {
            return std::nullopt;
        }
    } else if (type.is(TypeKind::Pointer)) {
        return fail(node.span, fmt::format("{} is a pointer", type.text()),
                    fmt::format("'->{}' is a member of what it points to", node.text));
    }
    return member_of(node, *whole);
}

Checker::Maybe Checker::member_of(const SyntaxNode &node, const Operand &whole) {
    if (!whole.type->is_struct()) {
        return fail(node.span, fmt::format("{} has no members", whole.type->text()),
                    whole.type->is(TypeKind::Void) ? "a cast tells what it is" : "");
    }
    const Type &type = complete(*whole.type);
    if (type.declared()) {
        return fail(node.span, fmt::format("what is in {} is not known: neither this file's debug "
                                           "information nor BTF has it",
                                           type.text()));
    }
    const auto found = find_member(type, node.text);
    if (!found) {
        return unknown_member(node, type);
    }
    const Member &member = found->member;
    auto part = part_of(whole, member.offset, *member.type);
    if (!part) {
        return unavailable(node.span,
                           fmt::format("this part of '{}' is optimised out here", whole.name));
    }
    part->name = node.text;
    part->bits = member.bits;
    part->bit_from = member.bit_from;
    return part;
}

std::nullopt_t Checker::unknown_member(const SyntaxNode &node, const Type &type) {
    util::NearNames near(node.text, near_most);
    std::string some;
    size_t count = 0;
    each_name(type, [&](const std::string &name) {
        near.offer(name);
        if (count++ < 8) {
            some += (some.empty() ? "" : ", ") + name;
        }
    });
    const Span whole = node.span;
    const size_t length = node.text.size();
    const Span word{whole.position + whole.length - std::min(whole.length, length), length};
    return fail(word, fmt::format("{} has no member '{}'", type.text(), node.text),
                util::did_you_mean(near.take(),
                                   fmt::format("it has {}{}", some, count > 8 ? ", ..." : "")));
}

Checker::Maybe Checker::pointed_to(const SyntaxNode &node, const Operand &pointer) {
    const Type &target = pointer.type->bare().target();
    if (pointer.where.kind == LocationKind::Implicit) {
        Location location = scope_->location_of(pointer.where.target);
        if (location.kind == LocationKind::Nowhere || pointer.where.target_offset != 0) {
            return unavailable(node.span,
                               fmt::format("what '{}' points to is optimised out", pointer.name));
        }
        return operand_at(std::move(location), target, pointer.name);
    }
    NodePtr address = number(node, pointer);
    if (!address) {
        return std::nullopt;
    }
    Operand found = memory_operand(std::move(address), target, pointer.name);
    found.where.per_cpu = pointer.type->is(TypeKind::Array) && pointer.where.per_cpu;
    return found;
}

Checker::Maybe Checker::index(const SyntaxNode &node) {
    const auto array = operand(*node.parts[0]);
    const auto place = array ? operand(*node.parts[1]) : std::nullopt;
    if (!place) {
        return std::nullopt;
    }
    if (!array->type->is(TypeKind::Array) && !array->type->is(TypeKind::Pointer)) {
        return fail(node.parts[0]->span,
                    fmt::format("{} is neither an array nor a pointer", array->type->text()));
    }
    const NodePtr number =
        place->type->is_number() ? this->number(*node.parts[1], *place) : nullptr;
    if (!number) {
        return fail(node.parts[1]->span, fmt::format("{} is no number", place->type->text()));
    }
    const Type &element = array->type->bare().target();
    const uint64_t size = complete(element).size();
    if (size == 0) {
        return fail(node.span, fmt::format("the size of {} is not known", element.text()));
    }
    const uint64_t count = array->type->is(TypeKind::Array) ? array->type->bare().count() : 0;
    const bool fixed = number->kind == NodeKind::Constant;
    if (fixed && count > 0 &&
        (number->number < 0 || static_cast<uint64_t>(number->number) >= count)) {
        return fail(node.parts[1]->span, fmt::format("the array has {} elements", count));
    }
    if (fixed && !array->in_memory() && array->type->is(TypeKind::Array)) {
        auto part = part_of(*array, static_cast<uint64_t>(number->number) * size, element);
        return part ? std::move(part)
                    : unavailable(node.span, "this element is optimised out here");
    }
    auto whole = pointed_to(*node.parts[0], *array);
    if (!whole || !whole->in_memory()) {
        return whole ? unavailable(node.span, "this element is in no memory here") : std::nullopt;
    }
    whole->where.node = values::binary(
        DROPTRACE_OP_ADD, whole->where.node,
        values::binary(DROPTRACE_OP_MUL, number, constant(static_cast<int64_t>(size))));
    whole->type = &element;
    return whole;
}

std::optional<uint64_t> Checker::offset_of(const SyntaxNode &node, const Type &type,
                                           const Type **member_type) {
    uint64_t offset = 0;
    const Type *whole = &type;
    if (node.kind == SyntaxKind::Member && !node.arrow) {
        const auto outer = offset_of(*node.parts[0], type, &whole);
        if (!outer) {
            return std::nullopt;
        }
        offset = *outer;
    } else if (node.kind != SyntaxKind::Name) {
        return fail(node.span, "the name of a member is needed here");
    }
    const Type &known = complete(*whole);
    const auto found = find_member(known, node.text);
    if (!found) {
        return unknown_member(node, known);
    }
    if (member_type != nullptr) {
        *member_type = found->member.type;
    }
    return offset + found->member.offset;
}

} // namespace dropctl::values

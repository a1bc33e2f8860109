// SPDX-License-Identifier: GPL-2.0-only
// What names mean: elements' members in a walk, variables, the packet, globals,
// enumerators; and types.
#include "values/checker.hpp"

#include "values/btf_types.hpp"

#include "util/near_names.hpp"
#include "util/words.hpp"

#include <fmt/format.h>

#include <map>

namespace dropctl::values {

namespace {

constexpr size_t near_most = 3;
constexpr size_t listed_most = 12;

/// "there are a, b, c".
std::string listed(const std::vector<std::string> &names, std::string_view what) {
    if (names.empty()) {
        return {};
    }
    std::vector<std::string> some(
        names.begin(), names.begin() + static_cast<ptrdiff_t>(std::min(names.size(), listed_most)));
    return fmt::format("{} {}{}", what, fmt::join(some, ", "),
                       names.size() > listed_most ? ", ..." : "");
}

} // namespace

std::optional<Operand> Checker::variable(const ScopedVariable &variable) const {
    Location location = scope_->location(variable);
    if (location.kind == LocationKind::Nowhere) {
        return std::nullopt;
    }
    return operand_at(std::move(location), scope_->type(variable), variable.name);
}

Checker::Maybe Checker::name(const SyntaxNode &node) {
    if (element_ && node.scope.empty()) {
        const Type &whole = complete(*element_->type);
        if (const auto found = find_member(whole, node.text)) {
            return member_of(node, *element_);
        }
    }
    if (scope_->find(node.text, node.scope) != nullptr) {
        return scoped_variable(node);
    }
    if (!node.scope.empty()) {
        const auto &functions = scope_->functions();
        return std::find(functions.begin(), functions.end(), node.scope) == functions.end()
                   ? fail(node.span, fmt::format("this is no code of {}", node.scope),
                          listed(functions, "it is of"))
                   : unknown_name(node);
    }
    if (node.text == "skb") {
        return packet();
    }
    if (auto found = constant_name(node)) {
        return found;
    }
    auto found = global(node);
    if (found || !complaint_.why.empty()) {
        return found;
    }
    if (node.text == "current") {
        SyntaxNode task;
        task.text = "task";
        task.span = node.span;
        return special(task);
    }
    return unknown_name(node);
}

Checker::Maybe Checker::scoped_variable(const SyntaxNode &node) {
    const ScopedVariable &found = *scope_->find(node.text, node.scope);
    Location location = scope_->location(found);
    if (location.kind != LocationKind::Nowhere) {
        return operand_at(std::move(location), scope_->type(found), found.name);
    }
    // The packet that the function was entered with is known in any case.
    const bool outermost = found.level + 1 == scope_->functions().size();
    if (found.name == "skb" && found.kind == VariableKind::Parameter && outermost) {
        return packet();
    }
    return gone(node, found, location.text);
}

/// A variable that cannot be read here: say where it can be, and what is near to it.
std::nullopt_t Checker::gone(const SyntaxNode &node, const ScopedVariable &variable,
                             const std::string &why) {
    const std::string lines = scope_->readable_at(variable);
    std::string hint;
    if (!lines.empty()) {
        hint = fmt::format("it can be read at lines {}", lines);
    }
    for (const ScopedVariable &other : scope_->variables()) {
        if (other.name == variable.name && other.level > variable.level && hint.empty() &&
            scope_->location(other).kind != LocationKind::Nowhere) {
            hint = fmt::format("{}::{} can be read", scope_->functions()[other.level], other.name);
        }
    }
    if (variable.kind == VariableKind::Parameter &&
        variable.level + 1 == scope_->functions().size() && !scope_->is_entry()) {
        const auto entry = scope_->at_entry();
        const ScopedVariable *same = entry ? entry->find(variable.name) : nullptr;
        if (same != nullptr && entry->location(*same).kind != LocationKind::Nowhere) {
            hint = fmt::format("$entry({}) is what the function was called with{}{}", variable.name,
                               hint.empty() ? "" : "; ", hint);
        }
    }
    return unavailable(node.span, fmt::format("'{}' is {}", variable.name, why), hint);
}

Checker::Maybe Checker::packet() {
    const Type *packet = types().find(TypeKind::Struct, "sk_buff", scope_->place());
    const Type &type = packet == nullptr ? void_type() : *packet;
    return value_operand(leaf(NodeKind::Packet), types().pointer_to(type), "skb");
}

Checker::Maybe Checker::special(const SyntaxNode &node) {
    if (node.text == "skb") {
        return packet();
    }
    if (node.text == "task") {
        const Type *task = types().find(TypeKind::Struct, "task_struct", scope_->place());
        return value_operand(leaf(NodeKind::Task),
                             types().pointer_to(task == nullptr ? void_type() : *task), "task");
    }
    if (!context_.at_exit) {
        return unavailable(node.span, "$retval is known at the function's exits only");
    }
    if (scope_->function() == nullptr) {
        return fail(node.span, "the type of $retval is not known without debug information");
    }
    Dwarf_Die function = *scope_->function();
    const Type &type = scope_->unit()->type_of(function);
    if (type.is(TypeKind::Void)) {
        return fail(node.span, fmt::format("{} returns nothing", scope_->functions().back()));
    }
    return value_operand(leaf(NodeKind::Register, context_.retval_register), type, "$retval");
}

/// The same expression, of the scope and the registers at the function's entry.
Checker::Maybe Checker::entry(const SyntaxNode &node) {
    if (!entry_scope_) {
        entry_scope_ = scope_->at_entry();
    }
    if (!entry_scope_) {
        return fail(node.span, "the function's parameters are not known");
    }
    const Scope *here = scope_;
    scope_ = entry_scope_.get();
    Maybe found = operand(*node.parts[0]);
    scope_ = here;
    return found;
}

Checker::Maybe Checker::constant_name(const SyntaxNode &node) {
    static const std::map<std::string_view, int64_t> words{{"NULL", 0}, {"false", 0}, {"true", 1}};
    if (const auto word = words.find(node.text); word != words.end()) {
        const Type &type =
            node.text == "NULL" ? types().pointer_to(void_type()) : types().integer(4, true);
        return value_operand(constant(word->second), type);
    }
    const auto value = types().enumerator(node.text, scope_->place());
    if (!value) {
        return std::nullopt;
    }
    const bool small = *value >= INT32_MIN && *value <= INT32_MAX;
    return value_operand(constant(*value), types().integer(small ? 4 : 8, true));
}

Checker::Maybe Checker::global(const SyntaxNode &node) {
    auto found = scope_->global(node.text);
    if (!found) {
        return std::nullopt;
    }
    if (found->location.kind == LocationKind::Nowhere) {
        return unavailable(node.span, fmt::format("the address of '{}' is not known", node.text));
    }
    return operand_at(std::move(found->location), *found->type, node.text);
}

std::nullopt_t Checker::unknown_name(const SyntaxNode &node) {
    if (scope_->unit() == nullptr) {
        return fail(node.span,
                    fmt::format("'{}' is not known without debug information", node.text));
    }
    if (const auto lines = scope_->readable_elsewhere(node.text)) {
        return unavailable(node.span, fmt::format("'{}' is not in scope here", node.text),
                           lines->empty() ? std::string()
                                          : fmt::format("it can be read at lines {}", *lines));
    }
    util::NearNames near(node.text, near_most);
    std::vector<std::string> names;
    for (const ScopedVariable &variable : scope_->variables()) {
        if (!variable.hidden) {
            near.offer(variable.name);
            names.push_back(variable.name);
        }
    }
    if (element_) {
        for (const Member &each : complete(*element_->type).members()) {
            near.offer(each.name);
        }
    }
    for (const std::string &variable : scope_->unit()->variables()) {
        near.offer(variable);
    }
    return fail(node.span, fmt::format("there is no variable '{}' here", node.text),
                util::did_you_mean(near.take(), listed(names, "there are")));
}

const Type *Checker::type(const TypeName &name) {
    const Place &place = scope_->place();
    const Type *found = nullptr;
    switch (name.word) {
    case TypeName::Word::Struct:
        found = types().find(TypeKind::Struct, name.name, place);
        break;
    case TypeName::Word::Union:
        found = types().find(TypeKind::Union, name.name, place);
        break;
    case TypeName::Word::Enum:
        found = types().find(TypeKind::Enum, name.name, place);
        break;
    case TypeName::Word::Plain: {
        static const std::map<std::string_view, std::pair<uint64_t, bool>> integers{
            {"char", {1, true}},
            {"signed char", {1, true}},
            {"unsigned char", {1, false}},
            {"short", {2, true}},
            {"unsigned short", {2, false}},
            {"int", {4, true}},
            {"unsigned int", {4, false}},
            {"long", {8, true}},
            {"unsigned long", {8, false}}};
        if (name.name == "void") {
            found = &void_type();
        } else if (name.name == "bool") {
            found = types().find(TypeKind::Int, "_Bool", place);
        } else if (const auto known = integers.find(name.name); known != integers.end()) {
            found = name.name == "char" ? types().find(TypeKind::Int, "char", place) : nullptr;
            found = found == nullptr ? &types().integer(known->second.first, known->second.second)
                                     : found;
        } else {
            found = types().find(TypeKind::Typedef, name.name, place);
        }
        break;
    }
    }
    if (found == nullptr) {
        const bool plain = name.word == TypeName::Word::Plain;
        const bool is_struct = plain && types().find(TypeKind::Struct, name.name, place) != nullptr;
        fail(name.span,
             fmt::format("there is no type '{}{}'",
                         name.word == TypeName::Word::Struct  ? "struct "
                         : name.word == TypeName::Word::Union ? "union "
                         : name.word == TypeName::Word::Enum  ? "enum "
                                                              : "",
                         name.name),
             is_struct ? fmt::format("did you mean 'struct {}'?", name.name) : std::string());
        return nullptr;
    }
    for (unsigned i = 0; i < name.pointers; i++) {
        found = &types().pointer_to(*found);
    }
    return found;
}

} // namespace dropctl::values

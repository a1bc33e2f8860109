// SPDX-License-Identifier: GPL-2.0-only
// Gives the names and operators of an expression their meaning at a place, by C's
// rules, or says what is wrong.
#pragma once

#include "values/operand.hpp"
#include "values/scope.hpp"
#include "values/syntax.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dropctl::values {

class Checker {
  public:
    /// `scope` outlives this.
    Checker(const Scope &scope, const PointContext &context) : scope_(&scope), context_(context) {}

    /// Nothing: see complaint().
    std::optional<Checked> check(const SyntaxNode &node);
    /// The operand of a variable; nothing if it is not readable.
    std::optional<Operand> variable(const ScopedVariable &variable) const;

    [[nodiscard]] const Complaint &complaint() const { return complaint_; }

  private:
    using Maybe = std::optional<Operand>;

    Maybe operand(const SyntaxNode &node);
    NodePtr number(const SyntaxNode &node, const Operand &operand);

    std::nullopt_t fail(Span span, std::string why, std::string hint = {});
    std::nullopt_t unavailable(Span span, std::string why, std::string hint = {});

    // checker_names.cpp
    Maybe name(const SyntaxNode &node);
    Maybe scoped_variable(const SyntaxNode &node);
    Maybe special(const SyntaxNode &node);
    Maybe packet();
    Maybe global(const SyntaxNode &node);
    Maybe constant_name(const SyntaxNode &node);
    Maybe entry(const SyntaxNode &node);
    std::nullopt_t unknown_name(const SyntaxNode &node);
    std::nullopt_t gone(const SyntaxNode &node, const ScopedVariable &variable,
                        const std::string &why);
    const Type *type(const TypeName &name);

    // checker_members.cpp
    Maybe member(const SyntaxNode &node);
    Maybe member_of(const SyntaxNode &node, const Operand &whole);
    Maybe pointed_to(const SyntaxNode &node, const Operand &pointer);
    Maybe index(const SyntaxNode &node);
    std::nullopt_t unknown_member(const SyntaxNode &node, const Type &type);
    /// The offset of a member written "a" or "a.b".
    std::optional<uint64_t> offset_of(const SyntaxNode &node, const Type &type,
                                      const Type **member_type = nullptr);

    // checker_operators.cpp
    Maybe unary(const SyntaxNode &node);
    Maybe address_of(const SyntaxNode &node);
    Maybe binary(const SyntaxNode &node);
    Maybe pointer_sum(const SyntaxNode &node, const Operand &left, const Operand &right);
    Maybe arithmetic(const SyntaxNode &node, const Operand &left, const Operand &right);
    Maybe choice(const SyntaxNode &node);
    Maybe cast(const SyntaxNode &node);
    Maybe size(const SyntaxNode &node);
    const Type &promoted(const Type &type);
    const Type &common(const Type &left, const Type &right);

    // checker_calls.cpp
    Maybe call(const SyntaxNode &node);
    Maybe this_cpu(const SyntaxNode &node);
    Maybe container_of(const SyntaxNode &node);
    Maybe byte_order(const SyntaxNode &node);
    std::optional<Checked> walk(const SyntaxNode &node);
    bool walk_pointers(const SyntaxNode &node, Walk &walk);
    bool walk_heads(const SyntaxNode &node, Walk &walk);
    bool walk_element(const SyntaxNode &node, size_t part, const Operand &element, Walk &walk);

    [[nodiscard]] Types &types() const { return scope_->types(); }
    [[nodiscard]] const Type &complete(const Type &type) const {
        return types().complete(type, scope_->place());
    }

    const Scope *scope_;
    std::unique_ptr<Scope> entry_scope_;
    PointContext context_;
    std::optional<Operand> element_; ///< its members are names, inside of a walk
    Complaint complaint_;
    unsigned depth_ = 0;
};

/// A member found in a struct, anonymous structs and unions in it included.
struct FoundMember {
    Member member; ///< its offset counts from the whole
};
std::optional<FoundMember> find_member(const Type &type, std::string_view name, unsigned depth = 0);

/// An operand from a location.
Operand operand_at(Location location, const Type &type, std::string name);

} // namespace dropctl::values

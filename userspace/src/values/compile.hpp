// SPDX-License-Identifier: GPL-2.0-only
// Expressions, in C with a few words more, to fetch programs for the module.
//
//   in_dev->mc_hash   ((struct iphdr *)skb->data)->saddr   a[2]   x & 0xff == 3
//   skb, $skb            the packet that the function is followed with, unless a variable
//                        is named so
//   $retval              what the function returns; at its exits
//   $entry(EXPR)         EXPR with the parameters as they were at the function's entry
//   $task                the running task
//   this_cpu(LVALUE)     this CPU's copy; this_cpu_ptr(PTR)
//   container_of(PTR, struct T, member), sizeof(T), ENUMERATOR
//   list(FIRST, next[, member])             linked by a pointer in each element
//   list_head(HEAD, struct T, node[, member]), hlist(...) the same
//   EXPR:FORMAT          x, d, u, ip, mac, s, port, time
//   @auto                every variable of the code at the place that can be read
//   @args                every parameter of the function, as at its entry
#pragma once

#include "util/result.hpp"
#include "values/types.hpp"

#include <linux/droptrace.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dropctl::values {

/// Elements that a walk of a list takes at most.
constexpr unsigned list_most = 64;

/// How a value is to be shown; Auto: as its type and name say.
enum class Format { Auto, Hex, Decimal, Unsigned, Ip, Mac, String, Port };

/// How the bytes of an item are laid out.
enum class Layout {
    Plain,   ///< the value
    Text,    ///< a string, up to its zero byte
    Named,   ///< a pointer, then the name it leads to (struct net_device)
    Counted, ///< a pointer, then a u32 (struct sk_buff: its length)
    List,    ///< values one after the other, then a byte: 1 if the walk was cut short
};

/// One value that a program yields; all that is needed to decode it.
struct Item {
    std::string text; ///< the expression as it was written, or the variable's name
    std::string name; ///< of the member or variable that it ends with; says how to show it
    const Type *type = nullptr; ///< of one element, if it is a list
    Format format = Format::Auto;
    Layout layout = Layout::Plain;
    uint32_t bits = 0;    ///< width of a bit-field, 0: all of the type
    bool is_auto = false; ///< came from @auto or @args
};

/// What is read at one point. Item n is the one that droptrace_step_value.item names.
struct PointProgram {
    std::vector<droptrace_insn> program; ///< empty: nothing to read
    std::vector<Item> items;
};

/// An expression that does not work at a place.
struct Complaint {
    size_t expression = 0; ///< index
    size_t position = 0;   ///< column of the word at fault, from 0
    size_t length = 0;     ///< of that word
    std::string why;       ///< "struct in_device has no member 'mc_lst'"
    std::string hint;      ///< "did you mean 'mc_list'?"; empty: none
    /// The expression is right, but its value cannot be had at this place: worth to
    /// be said once, while other places have it.
    bool unavailable = false;

    /// Two lines: the expression, and a mark below the word.
    [[nodiscard]] std::string marked(const std::string &expression_text) const;
};

/// What is known of a point besides its address.
struct PointContext {
    bool at_exit = false;        ///< $retval can be read
    uint8_t retval_register = 0; ///< DWARF number of where it is then
};

struct Compiled {
    PointProgram point;
    std::vector<Complaint> complaints; ///< of expressions that are left out
};

/// An expression that is well formed. Whether its names exist depends on the place.
class Expression {
  public:
    /// Parse; the Complaint is about words, not about types.
    static Result<Expression> parse(const std::string &text);
    ~Expression();
    Expression(Expression &&) noexcept;
    Expression &operator=(Expression &&) noexcept;

    [[nodiscard]] const std::string &text() const { return text_; }
    /// Has a meaning at exits only.
    [[nodiscard]] bool needs_return_value() const;

    struct Tree;
    [[nodiscard]] const Tree &tree() const { return *tree_; }

  private:
    Expression();
    std::string text_;
    std::unique_ptr<Tree> tree_;
};

/// Compile expressions for a place; those that do not work there are left out and
/// complained of. An expression gives one item, @auto as many as there are variables.
Compiled compile(Types &types, const Place &place, const std::vector<Expression> &expressions,
                 const PointContext &context = {});

} // namespace dropctl::values

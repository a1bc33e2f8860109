// SPDX-License-Identifier: GPL-2.0-only
// The tree of an expression as it was written; names in it mean nothing yet.
#pragma once

#include "values/compile.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::values {

/// A stretch of the expression's text.
struct Span {
    size_t position = 0;
    size_t length = 0;
};

struct SyntaxNode;
using SyntaxPtr = std::unique_ptr<SyntaxNode>;

/// A type as it was written: "struct iphdr *", "u32".
struct TypeName {
    enum class Word { Plain, Struct, Union, Enum } word = Word::Plain;
    std::string name; ///< Plain: of a typedef, or "unsigned int" in the usual order
    unsigned pointers = 0;
    Span span;
};

enum class SyntaxKind {
    Number,
    Name,    ///< `text`, of function `scope` if that is not empty
    Special, ///< `text` is "retval", "skb", "task"
    Entry,   ///< $entry(parts[0])
    Member,  ///< parts[0].text, or -> if `arrow`
    Index,   ///< parts[0][parts[1]]
    Unary,   ///< `text` is the operator
    Binary,
    Choose, ///< parts[0] ? parts[1] : parts[2]
    Cast,   ///< (type)parts[0]
    Sizeof, ///< of `type`, or of parts[0]
    Call,   ///< text(parts...), with `type` where the function takes one
};

struct SyntaxNode {
    SyntaxKind kind = SyntaxKind::Number;
    Span span;
    std::string text;
    std::string scope;
    bool arrow = false;
    bool is_unsigned = false; ///< of a number
    bool is_long = false;
    uint64_t number = 0;
    TypeName type;
    std::vector<SyntaxPtr> parts;
};

enum class AutoKind { None, Auto, Args };

struct Expression::Tree {
    AutoKind automatic = AutoKind::None;
    SyntaxPtr root; ///< null: automatic
    Format format = Format::Auto;
};

/// Parse; on failure `complaint` tells why and where.
bool parse_expression(std::string_view text, Expression::Tree &tree, Complaint &complaint);

/// Functions that can be called, and how many arguments they take.
struct Builtin {
    std::string_view name;
    unsigned least;
    unsigned most;
    int type_at; ///< which argument is a type, -1: none
};
const Builtin *find_builtin(std::string_view name);
/// Names of all of them.
std::vector<std::string_view> builtin_names();

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
// A recursive descent over the words of an expression, with C's precedences.
// "(name)" before an operand is a cast; "(name)" before "+" or "*" is one only
// if the name is of a type that everybody knows.
#include "values/lexer.hpp"
#include "values/syntax.hpp"

#include "util/near_names.hpp"
#include "util/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace dropctl::values {

namespace {

constexpr unsigned deepest = 100; ///< brackets in brackets

const std::set<std::string_view> &type_words() {
    static const std::set<std::string_view> words{"unsigned", "signed", "int",   "char",  "short",
                                                  "long",     "void",   "const", "_Bool", "bool",
                                                  "volatile", "struct", "union", "enum"};
    return words;
}

const std::set<std::string_view> &common_typedefs() {
    static const std::set<std::string_view> names{
        "u8",      "u16",     "u32",       "u64",      "s8",       "s16",      "s32",     "s64",
        "__u8",    "__u16",   "__u32",     "__u64",    "__s8",     "__s16",    "__s32",   "__s64",
        "__be16",  "__be32",  "__be64",    "__le16",   "__le32",   "__le64",   "__sum16", "__wsum",
        "size_t",  "ssize_t", "uint8_t",   "uint16_t", "uint32_t", "uint64_t", "int8_t",  "int16_t",
        "int32_t", "int64_t", "uintptr_t", "gfp_t"};
    return names;
}

/// By binding strength, loosest first.
constexpr std::array<std::array<std::string_view, 4>, 10> levels{{
    {"||"},
    {"&&"},
    {"|"},
    {"^"},
    {"&"},
    {"==", "!="},
    {"<", ">", "<=", ">="},
    {"<<", ">>"},
    {"+", "-"},
    {"*", "/", "%"},
}};

class Parser {
  public:
    Parser(std::string_view text, Complaint &complaint)
        : text_(text), words_(split_words(text)), complaint_(complaint) {}

    bool parse(Expression::Tree &tree);

  private:
    const Token &word(size_t ahead = 0) const {
        return words_[std::min(at_ + ahead, words_.size() - 1)];
    }
    bool is(std::string_view op, size_t ahead = 0) const {
        return word(ahead).kind == TokenKind::Operator && word(ahead).text == op;
    }
    bool take(std::string_view op) {
        const bool found = is(op);
        at_ += found ? 1 : 0;
        return found;
    }
    bool expect(std::string_view op) {
        if (take(op)) {
            return true;
        }
        fail(fmt::format("'{}' is missing here", op));
        return false;
    }

    SyntaxPtr fail(std::string why, std::string hint = {}) {
        return fail_at(word().span, std::move(why), std::move(hint));
    }
    SyntaxPtr fail_at(Span span, std::string why, std::string hint = {}) {
        if (complaint_.why.empty()) {
            complaint_.position = span.position;
            complaint_.length = span.length;
            complaint_.why = std::move(why);
            complaint_.hint = std::move(hint);
        }
        return nullptr;
    }
    SyntaxPtr unexpected();
    SyntaxPtr node(SyntaxKind kind, size_t from) {
        auto made = std::make_unique<SyntaxNode>();
        made->kind = kind;
        made->span.position = from;
        return made;
    }
    SyntaxPtr ended(SyntaxPtr made) {
        const Span &last = words_[at_ - 1].span;
        made->span.length = last.position + last.length - made->span.position;
        return made;
    }

    bool parse_format(Format &format);
    SyntaxPtr parse_choice();
    SyntaxPtr parse_level(size_t level);
    SyntaxPtr parse_unary();
    SyntaxPtr parse_postfix();
    SyntaxPtr parse_primary();
    SyntaxPtr parse_special();
    SyntaxPtr parse_name();
    SyntaxPtr parse_call();
    SyntaxPtr parse_sizeof();
    SyntaxPtr parse_cast();
    [[nodiscard]] bool begins_type(size_t ahead) const;
    [[nodiscard]] bool begins_cast() const;
    bool parse_type(TypeName &type);
    bool parse_type_words(TypeName &type);

    std::string_view text_;
    std::vector<Token> words_;
    Complaint &complaint_;
    size_t at_ = 0;
    unsigned depth_ = 0;
};

SyntaxPtr Parser::unexpected() {
    const Token &found = word();
    switch (found.kind) {
    case TokenKind::End:
        return fail(text_.find_first_not_of(" \t") == std::string_view::npos
                        ? "the expression is empty"
                        : "something is missing at the end");
    case TokenKind::Bad:
        return fail(std::isdigit(static_cast<unsigned char>(found.text[0])) != 0
                        ? fmt::format("'{}' is no number", found.text)
                        : fmt::format("'{}' means nothing here", found.text));
    default:
        if (is("=")) {
            return fail("nothing can be assigned", "'==' compares");
        }
        return fail(fmt::format("'{}' is not expected here", found.text));
    }
}

bool Parser::parse(Expression::Tree &tree) {
    if (is("@")) {
        at_++;
        const std::string_view name = word().kind == TokenKind::Name ? word().text : "";
        tree.automatic = name == "auto"   ? AutoKind::Auto
                         : name == "args" ? AutoKind::Args
                                          : AutoKind::None;
        if (tree.automatic == AutoKind::None) {
            fail("neither '@auto' nor '@args'");
            return false;
        }
        at_++;
    } else {
        tree.root = parse_choice();
        if (!tree.root) {
            return false;
        }
        if (is(":") && !parse_format(tree.format)) {
            return false;
        }
    }
    if (word().kind != TokenKind::End) {
        unexpected();
        return false;
    }
    return true;
}

bool Parser::parse_format(Format &format) {
    static constexpr std::array<std::pair<std::string_view, Format>, 10> formats{{
        {"x", Format::Hex},
        {"d", Format::Decimal},
        {"u", Format::Unsigned},
        {"ip", Format::Ip},
        {"ip4", Format::Ip},
        {"ip6", Format::Ip},
        {"mac", Format::Mac},
        {"s", Format::String},
        {"str", Format::String},
        {"port", Format::Port},
    }};
    at_++;
    for (const auto &[name, each] : formats) {
        if (word().kind == TokenKind::Name && word().text == name) {
            format = each;
            at_++;
            return true;
        }
    }
    fail("no such format", "there are x, d, u, ip, mac, s, port");
    return false;
}

SyntaxPtr Parser::parse_choice() {
    if (depth_ > deepest) {
        return fail("too many brackets");
    }
    depth_++;
    const size_t from = word().span.position;
    SyntaxPtr condition = parse_level(0);
    if (condition && take("?")) {
        SyntaxPtr made = node(SyntaxKind::Choose, from);
        SyntaxPtr yes = parse_choice();
        if (!yes || !expect(":")) {
            return nullptr;
        }
        SyntaxPtr no = parse_choice();
        if (!no) {
            return nullptr;
        }
        made->parts.push_back(std::move(condition));
        made->parts.push_back(std::move(yes));
        made->parts.push_back(std::move(no));
        condition = ended(std::move(made));
    }
    depth_--;
    return condition;
}

SyntaxPtr Parser::parse_level(size_t level) {
    if (level == levels.size()) {
        return parse_unary();
    }
    const size_t from = word().span.position;
    SyntaxPtr left = parse_level(level + 1);
    for (;;) {
        const auto &ops = levels[level];
        const auto op = std::find_if(ops.begin(), ops.end(), [&](std::string_view each) {
            return !each.empty() && is(each);
        });
        if (!left || op == ops.end()) {
            return left;
        }
        at_++;
        SyntaxPtr right = parse_level(level + 1);
        if (!right) {
            return nullptr;
        }
        SyntaxPtr made = node(SyntaxKind::Binary, from);
        made->text = *op;
        made->parts.push_back(std::move(left));
        made->parts.push_back(std::move(right));
        left = ended(std::move(made));
    }
}

SyntaxPtr Parser::parse_unary() {
    const size_t from = word().span.position;
    if (depth_ > deepest) {
        return fail("too many brackets");
    }
    for (const std::string_view op : {"*", "&", "-", "+", "~", "!"}) {
        if (is(op)) {
            at_++;
            depth_++;
            SyntaxPtr operand = parse_unary();
            depth_--;
            if (!operand) {
                return nullptr;
            }
            SyntaxPtr made = node(SyntaxKind::Unary, from);
            made->text = op;
            made->parts.push_back(std::move(operand));
            return ended(std::move(made));
        }
    }
    if (word().kind == TokenKind::Name && word().text == "sizeof") {
        return parse_sizeof();
    }
    return begins_cast() ? parse_cast() : parse_postfix();
}

bool Parser::begins_type(size_t ahead) const {
    const Token &first = word(ahead);
    return first.kind == TokenKind::Name &&
           (type_words().contains(first.text) || common_typedefs().contains(first.text));
}

/// A "(" that opens a cast.
bool Parser::begins_cast() const {
    if (!is("(")) {
        return false;
    }
    if (begins_type(1)) {
        return true;
    }
    if (word(1).kind != TokenKind::Name) {
        return false;
    }
    size_t ahead = 2;
    while (is("*", ahead)) {
        ahead++;
    }
    if (!is(")", ahead)) {
        return false;
    }
    const Token &next = word(ahead + 1);
    return ahead > 2 || next.kind == TokenKind::Name || next.kind == TokenKind::Number ||
           next.kind == TokenKind::Special ||
           (next.kind == TokenKind::Operator &&
            (next.text == "(" || next.text == "!" || next.text == "~"));
}

bool Parser::parse_type_words(TypeName &type) {
    unsigned longs = 0;
    bool is_unsigned = false;
    bool is_signed = false;
    std::string_view base;
    while (begins_type(0)) {
        const std::string_view each = word().text;
        at_++;
        if (each == "struct" || each == "union" || each == "enum") {
            type.word = each == "struct"  ? TypeName::Word::Struct
                        : each == "union" ? TypeName::Word::Union
                                          : TypeName::Word::Enum;
            if (word().kind != TokenKind::Name) {
                fail(fmt::format("the name of a {} is missing here", each));
                return false;
            }
            type.name = word().text;
            at_++;
        } else if (each == "long") {
            longs++;
        } else if (each == "unsigned") {
            is_unsigned = true;
        } else if (each == "signed") {
            is_signed = true;
        } else if (each == "short" || (each != "const" && each != "volatile" && base != "short")) {
            base = each;
        }
    }
    if (!type.name.empty()) {
        return true;
    }
    if (base.empty() && longs == 0 && !is_unsigned && !is_signed) {
        if (word().kind != TokenKind::Name) {
            fail("a type is missing here");
            return false;
        }
        type.name = word().text;
        at_++;
        return true;
    }
    if (longs > 0) {
        base = "long";
    } else if (base.empty()) {
        base = "int";
    }
    if (base == "_Bool") {
        base = "bool";
    }
    const bool says_signed = is_signed && base == "char";
    type.name = fmt::format("{}{}", is_unsigned ? "unsigned " : says_signed ? "signed " : "", base);
    return true;
}

bool Parser::parse_type(TypeName &type) {
    type.span.position = word().span.position;
    if (!parse_type_words(type)) {
        return false;
    }
    while (is("*") || (word().kind == TokenKind::Name && word().text == "const")) {
        type.pointers += is("*") ? 1 : 0;
        at_++;
    }
    const Span &last = words_[at_ - 1].span;
    type.span.length = last.position + last.length - type.span.position;
    return true;
}

SyntaxPtr Parser::parse_cast() {
    SyntaxPtr made = node(SyntaxKind::Cast, word().span.position);
    at_++;
    if (!parse_type(made->type) || !expect(")")) {
        return nullptr;
    }
    depth_++;
    SyntaxPtr operand = parse_unary();
    depth_--;
    if (!operand) {
        return nullptr;
    }
    made->parts.push_back(std::move(operand));
    return ended(std::move(made));
}

SyntaxPtr Parser::parse_sizeof() {
    SyntaxPtr made = node(SyntaxKind::Sizeof, word().span.position);
    at_++;
    if (is("(") && begins_type(1)) {
        at_++;
        if (!parse_type(made->type) || !expect(")")) {
            return nullptr;
        }
        return ended(std::move(made));
    }
    depth_++;
    SyntaxPtr operand = parse_unary();
    depth_--;
    if (!operand) {
        return nullptr;
    }
    made->parts.push_back(std::move(operand));
    return ended(std::move(made));
}

SyntaxPtr Parser::parse_postfix() {
    const size_t from = word().span.position;
    SyntaxPtr left = parse_primary();
    while (left) {
        if (is(".") || is("->")) {
            SyntaxPtr made = node(SyntaxKind::Member, from);
            made->arrow = is("->");
            at_++;
            if (word().kind != TokenKind::Name) {
                return fail("the name of a member is missing here");
            }
            made->text = word().text;
            made->parts.push_back(std::move(left));
            at_++;
            left = ended(std::move(made));
        } else if (take("[")) {
            SyntaxPtr index = parse_choice();
            if (!index || !expect("]")) {
                return nullptr;
            }
            SyntaxPtr made = node(SyntaxKind::Index, from);
            made->parts.push_back(std::move(left));
            made->parts.push_back(std::move(index));
            left = ended(std::move(made));
        } else {
            break;
        }
    }
    return left;
}

SyntaxPtr Parser::parse_primary() {
    const Token &first = word();
    switch (first.kind) {
    case TokenKind::Number: {
        SyntaxPtr made = node(SyntaxKind::Number, first.span.position);
        made->number = first.number;
        made->is_unsigned = first.is_unsigned;
        made->is_long = first.is_long;
        at_++;
        return ended(std::move(made));
    }
    case TokenKind::Special:
        return parse_special();
    case TokenKind::Name:
        return is("(", 1) ? parse_call() : parse_name();
    default:
        break;
    }
    if (take("(")) {
        SyntaxPtr inner = parse_choice();
        return inner && expect(")") ? std::move(inner) : nullptr;
    }
    return unexpected();
}

SyntaxPtr Parser::parse_special() {
    const Token &first = word();
    const std::string_view name = first.text;
    if (name == "entry") {
        SyntaxPtr made = node(SyntaxKind::Entry, first.span.position);
        at_++;
        if (!expect("(")) {
            return nullptr;
        }
        SyntaxPtr inner = parse_choice();
        if (!inner || !expect(")")) {
            return nullptr;
        }
        made->parts.push_back(std::move(inner));
        return ended(std::move(made));
    }
    if (name != "retval" && name != "skb" && name != "task") {
        return fail(fmt::format("there is no ${}", name),
                    "there are $skb, $retval, $entry(EXPR), $task");
    }
    SyntaxPtr made = node(SyntaxKind::Special, first.span.position);
    made->text = name;
    at_++;
    return ended(std::move(made));
}

SyntaxPtr Parser::parse_name() {
    SyntaxPtr made = node(SyntaxKind::Name, word().span.position);
    made->text = word().text;
    at_++;
    if (take("::")) {
        if (word().kind != TokenKind::Name) {
            return fail("the name of a variable is missing here");
        }
        made->scope = std::move(made->text);
        made->text = word().text;
        at_++;
    }
    return ended(std::move(made));
}

SyntaxPtr Parser::parse_call() {
    const Builtin *builtin = find_builtin(word().text);
    if (builtin == nullptr) {
        util::NearNames near(std::string(word().text), 2);
        for (const std::string_view name : builtin_names()) {
            near.offer(name);
        }
        return fail(fmt::format("functions of the kernel cannot be called"),
                    util::did_you_mean(near.take(), fmt::format("there are {}",
                                                                fmt::join(builtin_names(), ", "))));
    }
    SyntaxPtr made = node(SyntaxKind::Call, word().span.position);
    made->text = builtin->name;
    at_ += 2;
    unsigned count = 0;
    while (!is(")") && word().kind != TokenKind::End) {
        if (count == static_cast<unsigned>(builtin->type_at)) {
            if (!parse_type(made->type)) {
                return nullptr;
            }
        } else {
            SyntaxPtr argument = parse_choice();
            if (!argument) {
                return nullptr;
            }
            made->parts.push_back(std::move(argument));
        }
        count++;
        if (!take(",")) {
            break;
        }
    }
    if (!expect(")")) {
        return nullptr;
    }
    made = ended(std::move(made));
    if (count < builtin->least || count > builtin->most) {
        return fail_at(made->span,
                       fmt::format("{} takes {} arguments", builtin->name,
                                   builtin->least == builtin->most
                                       ? std::to_string(builtin->least)
                                       : fmt::format("{} or {}", builtin->least, builtin->most)));
    }
    return made;
}

} // namespace

bool parse_expression(std::string_view text, Expression::Tree &tree, Complaint &complaint) {
    return Parser(text, complaint).parse(tree);
}

} // namespace dropctl::values

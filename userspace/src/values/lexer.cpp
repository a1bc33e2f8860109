// SPDX-License-Identifier: GPL-2.0-only
#include "values/lexer.hpp"

#include <array>
#include <cctype>
#include <charconv>

namespace dropctl::values {

namespace {

constexpr std::array<std::string_view, 34> operators{
    "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "->", "::", "+", "-", "*", "/", "%", "&", "|",
    "^",  "~",  "!",  "<",  ">",  "?",  ":",  "(",  ")",  "[",  "]", ".", ",", "=", "@", "{", "}"};

bool starts_name(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool goes_on(char c) {
    return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

size_t name_length(std::string_view text) {
    size_t length = 0;
    while (length < text.size() && goes_on(text[length])) {
        length++;
    }
    return length;
}

/// A whole C integer: decimal, octal, hexadecimal, with suffixes u, l, ll.
bool read_number(std::string_view word, Token &token) {
    int base = 10;
    while (!word.empty() &&
           (word.back() == 'u' || word.back() == 'U' || word.back() == 'l' || word.back() == 'L')) {
        const bool is_long = word.back() == 'l' || word.back() == 'L';
        token.is_long = token.is_long || is_long;
        token.is_unsigned = token.is_unsigned || !is_long;
        word.remove_suffix(1);
    }
    if (word.starts_with("0x") || word.starts_with("0X")) {
        base = 16;
        word.remove_prefix(2);
    } else if (word.size() > 1 && word[0] == '0') {
        base = 8;
    }
    const char *end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, token.number, base);
    return error == std::errc{} && stop == end && !word.empty();
}

Token next_word(std::string_view text, size_t at) {
    const std::string_view rest = text.substr(at);
    Token token;
    token.span.position = at;
    const size_t length = name_length(rest);
    if (length > 0 && starts_name(rest[0])) {
        token.kind = TokenKind::Name;
        token.text = rest.substr(0, length);
    } else if (length > 0) {
        token.text = rest.substr(0, length);
        token.kind = read_number(token.text, token) ? TokenKind::Number : TokenKind::Bad;
    } else if (rest[0] == '$') {
        token.text = rest.substr(1, name_length(rest.substr(1)));
        token.kind = TokenKind::Special;
    } else {
        token.kind = TokenKind::Bad;
        token.text = rest.substr(0, 1);
        for (const std::string_view each : operators) {
            if (rest.starts_with(each)) {
                token.kind = TokenKind::Operator;
                token.text = each;
                break;
            }
        }
    }
    token.span.length = token.text.size() + (token.kind == TokenKind::Special ? 1 : 0);
    return token;
}

} // namespace

std::vector<Token> split_words(std::string_view text) {
    std::vector<Token> words;
    size_t at = 0;
    for (;;) {
        while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0) {
            at++;
        }
        if (at == text.size()) {
            words.push_back({.kind = TokenKind::End, .span = {at, 1}});
            return words;
        }
        words.push_back(next_word(text, at));
        if (words.back().kind == TokenKind::Bad) {
            return words;
        }
        at += words.back().span.length;
    }
}

} // namespace dropctl::values

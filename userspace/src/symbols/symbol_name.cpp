// SPDX-License-Identifier: GPL-2.0-only
// Takes apart symbols as the kernel and people write them.
#include "symbols/symbol_name.hpp"

#include "util/parse.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace dropctl::symbols {

namespace {

constexpr std::array<std::string_view, 5> clones{"constprop", "isra", "llvm", "lto_priv",
                                                 "localalias"};
constexpr std::array<std::string_view, 2> pieces{"part", "cold"};

bool is_number(std::string_view word) {
    return !word.empty() &&
           std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool contains(std::span<const std::string_view> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view trim(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// Cut "[module]" off the end of `text`. False if brackets do not match.
bool take_module(std::string_view &text, std::string &module) {
    if (!text.ends_with(']')) {
        return true;
    }
    const size_t open = text.rfind('[');
    if (open == std::string_view::npos) {
        return false;
    }
    module = trim(text.substr(open + 1, text.size() - open - 2));
    text = trim(text.substr(0, open));
    return !module.empty();
}

/// "+0x1a/0x40", in hexadecimal or decimal. False if it is none.
bool parse_offset(std::string_view text, SymbolText &result) {
    const size_t slash = text.find('/');
    result.offset = util::parse_number(text.substr(0, slash));
    if (slash != std::string_view::npos) {
        const auto size = util::parse_number(text.substr(slash + 1));
        result.size = size.value_or(0);
        return result.offset && size;
    }
    return result.offset.has_value();
}

} // namespace

std::string_view without_suffixes(std::string_view symbol) {
    std::string_view rest = symbol;
    for (;;) {
        const size_t dot = rest.rfind('.');
        if (dot == std::string_view::npos || dot == 0) {
            return symbol;
        }
        const std::string_view word = rest.substr(dot + 1);
        if (contains(clones, word) || contains(pieces, word)) {
            symbol = rest.substr(0, dot);
        } else if (!is_number(word)) {
            return symbol;
        }
        rest = rest.substr(0, dot);
    }
}

std::string_view without_clone_suffixes(std::string_view symbol) {
    const std::string_view base = without_suffixes(symbol);
    const std::string_view suffixes = symbol.substr(base.size());
    const bool piece = std::any_of(pieces.begin(), pieces.end(), [&](std::string_view word) {
        return suffixes.find(word) != std::string_view::npos;
    });
    return piece ? symbol : base;
}

std::optional<SymbolText> parse_symbol_text(std::string_view text) {
    SymbolText result;
    text = trim(text);
    if (!take_module(text, result.module)) {
        return std::nullopt;
    }
    const size_t plus = text.find('+');
    std::string_view symbol = trim(text.substr(0, plus));
    if (plus != std::string_view::npos) {
        std::string_view offset = text.substr(plus + 1);
        const size_t at = offset.find('@');
        if (at != std::string_view::npos) {
            result.module = offset.substr(at + 1);
            offset = offset.substr(0, at);
        }
        if (!parse_offset(trim(offset), result)) {
            return std::nullopt;
        }
    }
    const FunctionName name = split_function(symbol);
    if (!name.module.empty()) {
        result.module = name.module;
    }
    result.symbol = name.function;
    if (result.symbol.empty() || result.symbol.find_first_of(" \t") != std::string::npos) {
        return std::nullopt;
    }
    return result;
}

FunctionName split_function(std::string_view text) {
    const size_t at = text.find('@');
    if (at == std::string_view::npos) {
        return {.function = text, .module = {}};
    }
    return {.function = text.substr(0, at), .module = text.substr(at + 1)};
}

} // namespace dropctl::symbols

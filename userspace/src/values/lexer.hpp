// SPDX-License-Identifier: GPL-2.0-only
// Words of an expression.
#pragma once

#include "values/syntax.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dropctl::values {

enum class TokenKind { End, Number, Name, Special, Operator, Bad };

struct Token {
    TokenKind kind = TokenKind::End;
    std::string_view text; ///< of Special: without the $
    Span span;
    uint64_t number = 0;
    bool is_unsigned = false;
    bool is_long = false;
};

/// All words, an End behind them. A Bad one ends them early; its text says what is wrong.
std::vector<Token> split_words(std::string_view text);

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
// An expression and where it is to be read, as --values has it.
#pragma once

#include "util/result.hpp"
#include "values/compile.hpp"

#include <cstdint>
#include <string>

namespace dropctl::trace {

enum class ValuePlace : uint8_t {
    Anywhere, ///< at the entry if it can be read there, else where it first can be
    Entry,
    Exit,
    Line,
    Every, ///< at every point
};

struct ValueWish {
    values::Expression expression;
    ValuePlace place = ValuePlace::Anywhere;
    std::string function; ///< of the line; empty: any that has it
    uint32_t line = 0;

    /// EXPR, or "EXPR @ PLACE": entry, exit, every, LINE, FUNC:LINE, FILE:LINE.
    static Result<ValueWish> parse(const std::string &text);
};

} // namespace dropctl::trace

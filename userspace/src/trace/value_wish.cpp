// SPDX-License-Identifier: GPL-2.0-only
#include "trace/value_wish.hpp"

#include "util/parse.hpp"

#include <limits>
#include <optional>

namespace dropctl::trace {

namespace {

struct Where {
    ValuePlace place = ValuePlace::Anywhere;
    std::string function;
    uint32_t line = 0;
};

std::string trimmed(const std::string &text) {
    const size_t first = text.find_first_not_of(' ');
    const size_t last = text.find_last_not_of(' ');
    return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

/// A line, with a function or file before it or not.
std::optional<Where> line_place(const std::string &word) {
    const size_t colon = word.rfind(':');
    const auto number =
        util::parse_number(colon == std::string::npos ? word : word.substr(colon + 1));
    if (!number || *number == 0 || *number > std::numeric_limits<uint32_t>::max()) {
        return std::nullopt;
    }
    return Where{.place = ValuePlace::Line,
                 .function = colon == std::string::npos ? std::string() : word.substr(0, colon),
                 .line = static_cast<uint32_t>(*number)};
}

std::optional<Where> parse_place(const std::string &word) {
    if (word == "entry") {
        return Where{.place = ValuePlace::Entry};
    }
    if (word == "exit") {
        return Where{.place = ValuePlace::Exit};
    }
    if (word == "every") {
        return Where{.place = ValuePlace::Every};
    }
    return line_place(word);
}

} // namespace

Result<ValueWish> ValueWish::parse(const std::string &text) {
    std::string expression = text;
    Where where;
    // "@auto" begins an expression; a place stands behind the last @ that has a blank before it.
    const size_t at = text.rfind(" @");
    if (at != std::string::npos) {
        const std::string word = trimmed(text.substr(at + 2));
        const auto place = parse_place(word);
        if (!place) {
            return Error{"--values", "'" + word + "' is no place to read a value at",
                         "EXPR @ entry, exit, every, LINE or FUNC:LINE", Exit::Usage};
        }
        where = *place;
        expression = text.substr(0, at);
    }
    auto parsed = values::Expression::parse(trimmed(expression));
    if (!parsed) {
        parsed.error().what = "--values";
        parsed.error().status = Exit::Usage;
        return parsed.error();
    }
    if (parsed->needs_return_value() && where.place == ValuePlace::Anywhere) {
        where.place = ValuePlace::Exit;
    }
    return ValueWish{.expression = std::move(*parsed),
                     .place = where.place,
                     .function = where.function,
                     .line = where.line};
}

} // namespace dropctl::trace

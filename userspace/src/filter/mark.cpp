// SPDX-License-Identifier: GPL-2.0-only
#include "filter/mark.hpp"

#include "util/parse.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace dropctl::filter {

namespace {

std::optional<uint32_t> parse_word(std::string_view text) {
    const auto number = util::parse_number(text);
    return number && *number <= UINT32_MAX ? std::optional(static_cast<uint32_t>(*number))
                                           : std::nullopt;
}

} // namespace

Result<Mark> parse_mark(const std::string &text) {
    const size_t slash = text.find('/');
    const auto value = parse_word(std::string_view(text).substr(0, slash));
    const auto mask = slash == std::string::npos
                          ? std::optional(UINT32_MAX)
                          : parse_word(std::string_view(text).substr(slash + 1));
    if (!value || !mask) {
        return Error{"--mark", fmt::format("'{}' is not a mark", text),
                     "V or V/MASK, 32 bits each, such as 0x10/0xf0", Exit::Usage};
    }
    if ((*value & ~*mask) != 0) {
        return Error{"--mark",
                     fmt::format("{:#x} has bits outside the mask {:#x}: nothing would match",
                                 *value, *mask),
                     "", Exit::Usage};
    }
    return Mark{*value, *mask};
}

} // namespace dropctl::filter

// SPDX-License-Identifier: GPL-2.0-only
#include "util/parse.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace dropctl::util {

namespace {

/// The number that `text` begins with; what follows is left in `rest`.
template <typename Number>
std::optional<Number> leading(std::string_view text, std::string_view &rest) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    rest = text.substr(static_cast<size_t>(end - text.data()));
    return value;
}

} // namespace

std::optional<double> parse_duration(std::string_view text) {
    // from_chars takes "inf" and "nan", and a sign: none of them is a duration.
    if (text.empty() || (text[0] != '.' && (text[0] < '0' || text[0] > '9'))) {
        return std::nullopt;
    }
    std::string_view unit;
    const auto value = leading<double>(text, unit);
    if (!value) {
        return std::nullopt;
    }
    static constexpr std::array<std::pair<std::string_view, double>, 5> units{
        {{"", 1.0}, {"s", 1.0}, {"ms", 1e-3}, {"m", 60.0}, {"h", 3600.0}}};
    for (const auto &[name, factor] : units) {
        if (unit == name) {
            return *value * factor;
        }
    }
    return std::nullopt;
}

std::optional<uint64_t> parse_size(std::string_view text) {
    std::string_view unit;
    const auto value = leading<uint64_t>(text, unit);
    if (!value) {
        return std::nullopt;
    }
    unsigned shift = 0;
    if (!unit.empty()) {
        const size_t place = std::string_view("kKmMgG").find(unit[0]);
        if (place != std::string_view::npos) {
            shift = 10 * (static_cast<unsigned>(place) / 2 + 1);
            unit.remove_prefix(1);
        }
    }
    if (unit != "" && unit != "B" && !(unit == "iB" && shift != 0)) {
        return std::nullopt;
    }
    if (*value > (std::numeric_limits<uint64_t>::max() >> shift)) {
        return std::nullopt;
    }
    return *value << shift;
}

std::optional<uint64_t> parse_number(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    uint64_t value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return value;
}

} // namespace dropctl::util

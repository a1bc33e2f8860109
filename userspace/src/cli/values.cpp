// SPDX-License-Identifier: GPL-2.0-only
#include "cli/values.hpp"

#include "util/parse.hpp"

namespace dropctl::cli {

uint64_t bounded(const char *option, const std::string &word, const Bounds &bounds) {
    const auto value = bounds.size ? util::parse_size(word) : util::parse_number(word);
    if (value && *value >= bounds.least && *value <= bounds.most) {
        return *value;
    }
    std::string rule = bounds.size ? "a size" : "a number";
    if (bounds.most != Bounds{}.most) {
        rule += " from " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
    }
    throw CLI::ValidationError(option, "'" + word + "' is not " + rule);
}

double duration(const char *option, const std::string &word, double least) {
    const auto seconds = util::parse_duration(word);
    if (!seconds || *seconds < least) {
        throw CLI::ValidationError(option,
                                   "'" + word + "' is not a duration such as 5, 0.5, 500ms or 2m");
    }
    return *seconds;
}

} // namespace dropctl::cli

// SPDX-License-Identifier: GPL-2.0-only
// Options that take a number, a duration or one of a few words, checked as a user
// would want it: CLI11's own conversion takes "-1" for a large unsigned number, and
// its messages show the inside of tables.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dropctl::cli {

/// What a number may be.
struct Bounds {
    uint64_t least = 0;
    uint64_t most = std::numeric_limits<uint64_t>::max();
    bool size = false; ///< bytes, with K, M or G
};

/// The number that `word` stands for; throws CLI::ValidationError if it is none.
uint64_t bounded(const char *option, const std::string &word, const Bounds &bounds);

/// Seconds; throws CLI::ValidationError.
double duration(const char *option, const std::string &word, double least);

/// An option that takes a number; `target` is an unsigned integer or an optional one.
template <typename Target>
CLI::Option *number_option(CLI::App &verb, const char *name, Target &target, const Bounds &bounds,
                           const char *text) {
    const auto set = [name, &target, bounds](const std::string &word) {
        const uint64_t value = bounded(name, word, bounds);
        if constexpr (std::is_integral_v<Target>) {
            target = static_cast<Target>(value);
        } else {
            target = static_cast<typename Target::value_type>(value);
        }
    };
    return verb.add_option_function<std::string>(name, set, text)
        ->type_name(bounds.size ? "BYTES" : "N");
}

/// An option that takes a duration; `target` is a double or an optional one.
template <typename Target>
CLI::Option *duration_option(CLI::App &verb, const char *name, Target &target, double least,
                             const char *text) {
    const auto set = [name, &target, least](const std::string &word) {
        target = duration(name, word, least);
    };
    return verb.add_option_function<std::string>(name, set, text)->type_name("DURATION");
}

/// An option that takes one of a few words.
template <typename Choice>
CLI::Option *choice_option(CLI::App &verb, const char *name, Choice &target,
                           std::vector<std::pair<std::string, Choice>> choices, const char *text) {
    const auto set = [name, &target, choices = std::move(choices)](const std::string &word) {
        std::string all;
        for (const auto &[known, choice] : choices) {
            if (word == known) {
                target = choice;
                return;
            }
            all += (all.empty() ? "" : ", ") + known;
        }
        throw CLI::ValidationError(name, "'" + word + "' is none of " + all);
    };
    return verb.add_option_function<std::string>(name, set, text);
}

} // namespace dropctl::cli

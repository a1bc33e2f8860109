// SPDX-License-Identifier: GPL-2.0-only
// What the options of add-filter mean.
#include "commands/add_filter.hpp"
#include "filter/caution.hpp"
#include "filter/compile.hpp"
#include "filter/describe.hpp"
#include "filter/inner.hpp"
#include "filter/mark.hpp"
#include "filter/netns.hpp"
#include "util/parse.hpp"
#include "util/words.hpp"

#include <fmt/format.h>
#include <linux/droptrace.h>
#include <net/if.h>

#include <algorithm>
#include <filesystem>

namespace dropctl::commands {

namespace {

constexpr const char *verb = "add-filter";

/// An Error from below, as one of this command.
Error of_command(Error error) {
    if (error.what.starts_with("--")) {
        error.why = error.what + ": " + error.why;
    }
    error.what = verb;
    return error;
}

Result<void> check_name(const std::string &name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool is_valid =
        name.empty() || (name.size() <= DROPTRACE_NAME_MAX && is_letter(name[0]) &&
                         std::all_of(name.begin(), name.end(), [&](char c) {
                             return is_letter(c) || (c >= '0' && c <= '9') || c == '.' ||
                                    c == '_' || c == '-';
                         }));
    if (is_valid) {
        return {};
    }
    return Error{verb, "--name: '" + name + "' is not a filter's name",
                 fmt::format("a letter, then letters, digits and ._-, at most {} in all",
                             DROPTRACE_NAME_MAX),
                 Exit::Usage};
}

Result<void> read_expressions(const AddFilterOptions &options, FilterRequest &request) {
    request.filter.expr = util::expression(options.expr);
    auto program = filter::compile(request.filter.expr);
    if (!program) {
        return of_command(std::move(program.error()));
    }
    request.warning = filter::caution(request.filter.expr, *program);
    request.programs.prog = std::move(*program);
    request.filter.inner_expr = util::expression({options.inner});
    auto inner = filter::compile_inner(request.filter.inner_expr);
    if (!inner) {
        Error error = of_command(std::move(inner.error()));
        if (!error.why.starts_with("--inner")) {
            error.why = "--inner: " + error.why;
        }
        return error;
    }
    request.programs.inner_prog = std::move(*inner);
    return {};
}

Result<void> read_places(const AddFilterOptions &options, const FilterSources &sources,
                         Filter &filter) {
    filter.dev = options.dev;
    if (options.dev.size() >= IFNAMSIZ) {
        return Error{verb, "--dev: '" + options.dev + "' is too long for an interface's name", "",
                     Exit::Usage};
    }
    if (!options.netns.empty()) {
        auto netns = filter::resolve_netns(options.netns, sources.netns_directory);
        if (!netns) {
            return of_command(std::move(netns.error()));
        }
        filter.netns = *netns;
    }
    if (!options.mark.empty()) {
        auto mark = filter::parse_mark(options.mark);
        if (!mark) {
            return of_command(std::move(mark.error()));
        }
        filter.mark = mark->value;
        filter.mark_mask = mark->mask;
    }
    return {};
}

Result<uint32_t> look_up_reason(const symbols::Reasons &reasons, const std::string &name) {
    auto number = reasons.number(name);
    if (const auto given = util::parse_number(name);
        !number && given && *given <= UINT32_MAX &&
        !reasons.name(static_cast<uint32_t>(*given)).empty()) {
        number = static_cast<uint32_t>(*given);
    }
    if (number) {
        return *number;
    }
    constexpr size_t offered = 3;
    return Error{verb, "--reason: this kernel has no drop reason '" + name + "'",
                 util::did_you_mean(reasons.similar(name, offered), "`dropctl reasons` lists them"),
                 Exit::Usage};
}

Result<void> look_up_reasons(const AddFilterOptions &options, const Status &status,
                             const FilterSources &sources, Filter &filter) {
    if (!status.has_reason) {
        return Error{verb, "--reason: this kernel does not give drop reasons",
                     "they came with Linux 5.17; --function tells where a packet was dropped"};
    }
    const auto reasons = sources.reasons();
    if (!reasons) {
        return of_command(reasons.error());
    }
    for (const std::string &name : options.reasons) {
        const auto number = look_up_reason(*reasons, name);
        if (!number) {
            return number.error();
        }
        if (std::find(filter.reasons.begin(), filter.reasons.end(), *number) ==
            filter.reasons.end()) {
            filter.reasons.push_back(*number);
        }
    }
    if (filter.reasons.size() > DROPTRACE_REASONS_MAX) {
        return Error{verb, fmt::format("--reason: more than {} reasons", DROPTRACE_REASONS_MAX),
                     "a second filter can have the others", Exit::Usage};
    }
    return {};
}

/// What FUNC@MODULE names that is not there; empty: the module is, or none was named.
std::string missing_module(const std::string &function, const FilterSources &sources) {
    const size_t at = function.find('@');
    if (at == std::string::npos) {
        return {};
    }
    std::string module = function.substr(at + 1);
    std::replace(module.begin(), module.end(), '-', '_');
    std::error_code ignored;
    const bool is_loaded = std::filesystem::exists(sources.sys_module + "/" + module, ignored);
    return is_loaded ? "" : module;
}

Error no_function(const std::string &function, const FilterSources &sources,
                  symbols::Symboliser &symboliser) {
    constexpr size_t offered = 3;
    if (const auto module = missing_module(function, sources); !module.empty()) {
        return Error{verb, "--function: module '" + module + "' is not loaded",
                     "a module's functions have addresses once it is loaded", Exit::Usage};
    }
    if (symboliser.hidden()) {
        return Error{verb,
                     "--function: cannot look for '" + function + "': " + symbols::addresses_hidden,
                     symbols::show_addresses};
    }
    const auto names = symboliser.similar_functions(function, offered);
    const std::string hint = symboliser.hint();
    return Error{verb, "--function: '" + function + "' is no function of this kernel",
                 util::did_you_mean(names, hint.empty() ? "FUNC, or FUNC@MODULE" : hint),
                 Exit::Usage};
}

Result<void> look_up_function(const AddFilterOptions &options, const FilterSources &sources,
                              FilterRequest &request) {
    const auto symboliser = sources.symboliser();
    request.filter.function = options.function;
    request.programs.ranges = symboliser->function_ranges(options.function);
    if (request.programs.ranges.empty()) {
        return no_function(options.function, sources, *symboliser);
    }
    if (request.programs.ranges.size() > DROPTRACE_RANGES_MAX) {
        return Error{verb,
                     fmt::format("--function: '{}' is inlined in {} places, and a filter takes {}",
                                 options.function, request.programs.ranges.size(),
                                 DROPTRACE_RANGES_MAX),
                     "name the function that it is inlined in", Exit::Usage};
    }
    if (const auto hint = symboliser->hint(); !hint.empty()) {
        request.warning += (request.warning.empty() ? "" : "; ") + hint;
    }
    return {};
}

} // namespace

Result<FilterRequest> read_filter(const AddFilterOptions &options, const FilterSources &sources) {
    FilterRequest request;
    Filter &filter = request.filter;
    filter.name = options.name;
    filter.exclude = options.exclude;
    filter.snaplen = options.snaplen;
    filter.rate = options.rate;
    filter.count = options.count;
    if (auto checked = check_name(options.name); !checked) {
        return checked.error();
    }
    if (auto read = read_places(options, sources, filter); !read) {
        return read.error();
    }
    if (auto read = read_expressions(options, request); !read) {
        return read.error();
    }
    if (filter.exclude && filter::matches_everything(filter) && options.reasons.empty() &&
        options.function.empty()) {
        return Error{verb, "--exclude: without a condition, no drop at all would be reported",
                     "say which packets to exclude", Exit::Usage};
    }
    return request;
}

Result<void> look_up_names(const AddFilterOptions &options, const Status &status,
                           const FilterSources &sources, FilterRequest &request) {
    if (!options.reasons.empty()) {
        if (auto found = look_up_reasons(options, status, sources, request.filter); !found) {
            return found;
        }
    }
    return options.function.empty() ? Result<void>{} : look_up_function(options, sources, request);
}

} // namespace dropctl::commands

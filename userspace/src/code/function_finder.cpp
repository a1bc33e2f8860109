// SPDX-License-Identifier: GPL-2.0-only
#include "code/function_finder.hpp"

#include "symbols/debug_images.hpp"
#include "symbols/symbol_name.hpp"
#include "symbols/symboliser.hpp"
#include "util/near_names.hpp"
#include "util/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace dropctl::code {

namespace {

constexpr size_t near_most = 3;

bool is_cold(std::string_view symbol) {
    return symbol.find(".cold") != std::string_view::npos;
}

Instance instance_of(const symbols::Kallsyms::Symbol &symbol) {
    return {.function = std::string(symbols::without_suffixes(symbol.name)),
            .symbol = std::string(symbol.name),
            .module = std::string(symbol.module),
            .address = symbol.address,
            .end = symbol.end};
}

std::optional<uint64_t> parse_address(std::string_view text) {
    if (!text.starts_with("0x") && !text.starts_with("0X")) {
        return std::nullopt;
    }
    uint64_t value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 2, end, value, 16);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

std::string list_of_modules(const FunctionSearch &search) {
    std::set<std::string> names;
    for (const Instance &instance : search.instances) {
        names.insert(instance.module.empty() ? "vmlinux" : instance.module);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string list_of_callers(const FunctionSearch &search) {
    constexpr size_t most = 6;
    std::vector<std::string> names;
    for (const InlinedCopy &copy : search.copies) {
        const std::string &name = copy.inside.function;
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    const size_t more = names.size() > most ? names.size() - most : 0;
    names.resize(names.size() - more);
    std::string list = fmt::format("{}", fmt::join(names, ", "));
    return more == 0 ? list : list + fmt::format(" and {} more", more);
}

} // namespace

FunctionFinder::FunctionFinder(symbols::Kallsyms &kallsyms, ImageOf image_of)
    : kallsyms_(kallsyms), image_of_(std::move(image_of)) {}

FunctionSearch FunctionFinder::find(std::string_view text, bool with_copies) {
    if (const auto address = parse_address(text)) {
        return find_address(*address);
    }
    FunctionSearch search;
    const symbols::FunctionName wanted = symbols::split_function(text);
    search.function = wanted.function;
    search.module = wanted.module == "vmlinux" ? std::string_view() : wanted.module;
    const bool only_kernel = wanted.module == "vmlinux";
    find_symbols(search);
    if (only_kernel) {
        std::erase_if(search.instances, [](const Instance &i) { return !i.module.empty(); });
    }
    judge(search);
    const bool nothing = search.outcome == SearchOutcome::Unknown;
    if (nothing || (with_copies && search)) {
        find_copies(search);
    }
    if (nothing && !search.copies.empty()) {
        search.outcome = SearchOutcome::Inlined;
    } else if (nothing) {
        find_near(search);
    }
    return search;
}

/// The symbol of this very name, if there is one with a suffix, as asked for, it
/// alone; else all that the compiler made from the function.
void FunctionFinder::find_symbols(FunctionSearch &search) {
    const bool exact = symbols::without_suffixes(search.function) != search.function;
    kallsyms_.for_each([&](const symbols::Kallsyms::Symbol &symbol) {
        if (!symbol.name.starts_with(search.function) || symbol.address == 0 ||
            (!search.module.empty() && symbol.module != search.module)) {
            return;
        }
        const bool same = symbol.name == search.function;
        const bool variant = !exact && !is_cold(symbol.name) &&
                             symbols::without_suffixes(symbol.name) == search.function;
        if (same || variant) {
            search.instances.push_back(instance_of(symbol));
        }
    });
    std::stable_sort(search.instances.begin(), search.instances.end(),
                     [](const Instance &a, const Instance &b) { return a.address < b.address; });
    const auto twice =
        std::unique(search.instances.begin(), search.instances.end(),
                    [](const Instance &a, const Instance &b) { return a.address == b.address; });
    search.instances.erase(twice, search.instances.end());
}

void FunctionFinder::judge(FunctionSearch &search) {
    const auto other = [&](const Instance &instance) {
        return instance.module != search.instances.front().module;
    };
    if (kallsyms_.hidden()) {
        search.outcome = SearchOutcome::Hidden;
    } else if (search.instances.empty()) {
        const bool loaded = search.module.empty() || kallsyms_.has_module(search.module);
        search.outcome = loaded ? SearchOutcome::Unknown : SearchOutcome::NotLoaded;
    } else if (std::any_of(search.instances.begin(), search.instances.end(), other)) {
        search.outcome = SearchOutcome::Ambiguous;
    } else {
        search.outcome = SearchOutcome::Found;
        search.module = search.instances.front().module;
    }
}

FunctionSearch FunctionFinder::find_address(uint64_t address) {
    FunctionSearch search;
    search.function = fmt::format("{:#x}", address);
    if (kallsyms_.hidden()) {
        search.outcome = SearchOutcome::Hidden;
        return search;
    }
    const auto symbol = kallsyms_.at(address);
    if (!symbol || symbol->module == "bpf" || symbol->module.starts_with("__builtin__")) {
        search.outcome = SearchOutcome::NotCode;
        return search;
    }
    search.outcome = SearchOutcome::Found;
    search.instances = {instance_of(*symbol)};
    search.module = search.instances.front().module;
    if (is_cold(symbol->name)) {
        // Of several functions of one name, the nearest before it is its own.
        const std::string name(symbol->name.substr(0, symbol->name.find(".cold")));
        Instance owner;
        kallsyms_.for_each([&](const symbols::Kallsyms::Symbol &other) {
            if (other.name == name && other.module == search.module &&
                (owner.symbol.empty() || other.address < address)) {
                owner = instance_of(other);
            }
        });
        if (!owner.symbol.empty()) {
            search.instances = {owner};
        }
    }
    return search;
}

void FunctionFinder::find_copies(FunctionSearch &search) {
    const symbols::PlacedImage image = image_of_(search.module);
    if (!image) {
        return;
    }
    for (const symbols::DwarfRange &range :
         image.image->inlined_copies(search.function, search.all_copies)) {
        const uint64_t start = image.runtime(range.start);
        if (const auto symbol = kallsyms_.at(start)) {
            search.copies.push_back(
                {.range = {start, image.runtime(range.end)}, .inside = instance_of(*symbol)});
        }
    }
}

void FunctionFinder::find_near(FunctionSearch &search) {
    util::NearNames near{search.function, near_most};
    kallsyms_.for_each([&](const symbols::Kallsyms::Symbol &symbol) {
        if (search.module.empty() || symbol.module == search.module) {
            near.offer(symbols::without_suffixes(symbol.name));
        }
    });
    search.near = near.take();
    if (!search.module.empty()) {
        for (std::string &name : search.near) {
            name += "@" + search.module;
        }
    }
}

Error search_failure(const std::string &doing, const FunctionSearch &search) {
    Error error{.what = doing, .why = {}, .status = Exit::Usage};
    const std::string &name = search.function;
    switch (search.outcome) {
    case SearchOutcome::Found:
        break;
    case SearchOutcome::Unknown:
        error.why = search.module.empty()
                        ? fmt::format("there is no function '{}'", name)
                        : fmt::format("there is no function '{}' in {}", name, search.module);
        error.hint = util::did_you_mean(search.near, "");
        break;
    case SearchOutcome::Inlined:
        error.why = fmt::format("'{}' is inlined everywhere", name);
        error.hint = "its code is in " + list_of_callers(search);
        break;
    case SearchOutcome::Ambiguous:
        error.why = fmt::format("'{}' is in several places: {}", name, list_of_modules(search));
        error.hint = fmt::format(
            "say which, as in {}@{}", name,
            search.instances.back().module.empty() ? "vmlinux" : search.instances.back().module);
        break;
    case SearchOutcome::NotLoaded:
        error.why = fmt::format("module {} is not loaded", search.module);
        error.hint = "modprobe " + search.module;
        break;
    case SearchOutcome::Hidden:
        error.why = fmt::format("cannot look for '{}': {}", name, symbols::addresses_hidden);
        error.hint = symbols::show_addresses;
        error.status = Exit::Failed;
        break;
    case SearchOutcome::NotCode:
        error.why = name + " is in no function";
        break;
    }
    return error;
}

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// Answers what code an address is, and the other way round, with the kernel's
// symbol table and, where it is there, debug information.
#include "symbols/dwfl_symboliser.hpp"

#include "symbols/debug_hint.hpp"
#include "util/near_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::symbols {

namespace {

/// Code that comes from no file: BPF programs, trampolines.
bool is_made_up(std::string_view module) {
    return module == "bpf" || module.starts_with("__builtin__");
}

void add_place(Location &location, DebugImage *image, DwarfAddress address) {
    DwarfUnit *unit = image == nullptr ? nullptr : image->unit_at(address);
    if (unit == nullptr) {
        return;
    }
    location.frames = unit->place(address).frames;
    location.file = location.frames.front().file;
    location.line = location.frames.front().line;
    if (location.frames.front().function.empty()) {
        return; // a line, but no function: that of the symbol stays
    }
    location.function = location.frames.front().function;
    location.inlined.clear();
    for (const Frame &frame : location.frames) {
        location.inlined.push_back(frame.function);
    }
}

void name_place(Location &location, std::string_view symbol, std::string_view module,
                uint64_t offset) {
    location.symbol = symbol;
    location.module = module;
    location.offset = offset;
    location.function = without_suffixes(symbol);
    location.inlined = {location.function};
}

/// Sort, and join ranges that touch or overlap.
void join(std::vector<std::pair<uint64_t, uint64_t>> &ranges) {
    std::sort(ranges.begin(), ranges.end());
    size_t kept = 0;
    for (const auto &range : ranges) {
        if (kept > 0 && range.first <= ranges[kept - 1].second) {
            ranges[kept - 1].second = std::max(ranges[kept - 1].second, range.second);
        } else {
            ranges[kept++] = range;
        }
    }
    ranges.resize(kept);
}

} // namespace

DwflSymboliser::DwflSymboliser(SymboliserOptions options)
    : options_(std::move(options)), kallsyms_(options_.kallsyms, options_.modules),
      images_(options_) {}

const Location &DwflSymboliser::return_address(uint64_t address) {
    // The byte before it is the call's last: the address itself may already
    // belong to the next line, or to the next function where the call never returns.
    return cached(returns_, address, 1);
}

const Location &DwflSymboliser::exact_address(uint64_t address) {
    return cached(exacts_, address, 0);
}

const Location &DwflSymboliser::cached(Cache &cache, uint64_t address, uint64_t back) {
    const auto known = cache.find(address);
    return known != cache.end() ? known->second
                                : cache.emplace(address, resolve(address, back)).first->second;
}

Location DwflSymboliser::resolve(uint64_t address, uint64_t back) {
    Location location;
    location.address = address;
    auto symbol = kallsyms_.at(address - back);
    if ((!symbol || !symbol->module.empty()) && kallsyms_.modules_changed()) {
        refresh_modules();
        symbol = kallsyms_.at(address - back);
    }
    if (!symbol) {
        hidden_ = hidden_ || kallsyms_.hidden();
        unresolved_ = address;
        return location;
    }
    name_place(location, symbol->name, symbol->module, address - symbol->address);
    const PlacedImage image = image_of(location.module);
    add_place(location, image.image, image.dwarf(address - back));
    return location;
}

PlacedImage DwflSymboliser::image_of(const std::string &module) {
    if (is_made_up(module)) {
        return {};
    }
    return module.empty() ? images_.kernel(kallsyms_.kernel_start()) : images_.module(module);
}

std::vector<Location> DwflSymboliser::symbol_offset(const std::string &text) {
    return places(text, false);
}

std::vector<Location> DwflSymboliser::exact_symbol_offset(const std::string &text) {
    return places(text, true);
}

std::vector<Location> DwflSymboliser::places(const std::string &text, bool exact) {
    std::vector<Location> found;
    const auto wanted = parse_symbol_text(text);
    if (!wanted) {
        return found;
    }
    const uint64_t back = exact || !wanted->offset ? 0 : 1;
    const uint64_t offset = wanted->offset.value_or(0);
    for (const Named &symbol : named(*wanted)) {
        if (symbol.address != 0) {
            const uint64_t address = symbol.address + offset;
            found.push_back(back == 0 ? exact_address(address) : return_address(address));
            continue;
        }
        hidden_ = true;
        auto more = place_by_name(*wanted, symbol.name, symbol.module, back);
        std::move(more.begin(), more.end(), std::back_inserter(found));
    }
    // What the kernel printed may have been in a module that is gone since.
    if (found.empty() && !wanted->module.empty() && !kallsyms_.has_module(wanted->module)) {
        unloaded_ = wanted->module;
        return place_by_name(*wanted, wanted->symbol, wanted->module, back);
    }
    return found;
}

/// The symbols that a text may mean: those of the very name, else those that the
/// compiler made from it, less those too short for the offset or of another size.
std::vector<DwflSymboliser::Named> DwflSymboliser::named(const SymbolText &wanted) {
    std::vector<Named> same;
    std::vector<Named> variants;
    kallsyms_.for_each([&](const Kallsyms::Symbol &symbol) {
        if (!symbol.name.starts_with(wanted.symbol) ||
            (!wanted.module.empty() && symbol.module != wanted.module)) {
            return;
        }
        const bool is_same = symbol.name == wanted.symbol;
        const bool fits =
            symbol.address == 0 || wanted.offset.value_or(0) <= symbol.end - symbol.address;
        if (fits && (is_same || without_suffixes(symbol.name) == wanted.symbol)) {
            (is_same ? same : variants)
                .push_back({.address = symbol.address,
                            .size = symbol.end - symbol.address,
                            .name = std::string(symbol.name),
                            .module = std::string(symbol.module)});
        }
    });
    std::vector<Named> &found = same.empty() ? variants : same;
    const auto other_size = [&](const Named &symbol) { return symbol.size != wanted.size; };
    if (wanted.size != 0 && !std::all_of(found.begin(), found.end(), other_size)) {
        std::erase_if(found, other_size);
    }
    return found;
}

/// Places of a symbol of which only the name is known: the debug information has
/// its address too, if not the running kernel's.
std::vector<Location> DwflSymboliser::place_by_name(const SymbolText &wanted,
                                                    const std::string &name,
                                                    const std::string &module, uint64_t back) {
    std::vector<Location> found;
    Location bare;
    const uint64_t offset = wanted.offset.value_or(0);
    name_place(bare, name, module, offset);
    DebugImage *image = is_made_up(module) ? nullptr : images_.unplaced(module);
    const auto functions = image == nullptr ? std::vector<ElfFunction>() : image->functions(name);
    for (const ElfFunction &function : functions) {
        if (function.size != 0 && offset > function.size) {
            continue;
        }
        Location location = bare;
        const auto start = static_cast<uint64_t>(function.address);
        add_place(location, image, DwarfAddress{start + offset - back});
        found.push_back(std::move(location));
    }
    if (found.empty()) {
        found.push_back(std::move(bare));
    }
    return found;
}

std::vector<std::pair<uint64_t, uint64_t>>
DwflSymboliser::function_ranges(const std::string &function) {
    const FunctionName wanted = split_function(function);
    std::vector<Named> symbols;
    Ranges ranges = symbol_ranges(wanted, symbols);
    if (kallsyms_.hidden()) {
        hidden_ = true;
        return {};
    }
    if (ranges.empty()) {
        search_copies(wanted, ranges);
    } else {
        add_copies(std::string(wanted.function), symbols, ranges);
    }
    join(ranges);
    return ranges;
}

DwflSymboliser::Ranges DwflSymboliser::symbol_ranges(const FunctionName &wanted,
                                                     std::vector<Named> &symbols) {
    Ranges ranges;
    kallsyms_.for_each([&](const Kallsyms::Symbol &symbol) {
        if (!symbol.name.starts_with(wanted.function) || symbol.address == 0 ||
            (!wanted.module.empty() && symbol.module != wanted.module) ||
            (symbol.name != wanted.function && without_suffixes(symbol.name) != wanted.function)) {
            return;
        }
        ranges.emplace_back(symbol.address, symbol.end);
        symbols.push_back({.address = symbol.address,
                           .size = symbol.end - symbol.address,
                           .name = std::string(symbol.name),
                           .module = std::string(symbol.module)});
    });
    return ranges;
}

/// Copies inlined where the function itself is: a static function has no other.
void DwflSymboliser::add_copies(const std::string &function, const std::vector<Named> &symbols,
                                Ranges &ranges) {
    for (const Named &symbol : symbols) {
        const PlacedImage image = image_of(symbol.module);
        DwarfUnit *unit = image ? image.image->unit_at(image.dwarf(symbol.address)) : nullptr;
        std::vector<DwarfRange> copies;
        if (unit != nullptr) {
            unit->inlined_copies(function, copies);
        }
        for (const DwarfRange &copy : copies) {
            ranges.emplace_back(image.runtime(copy.start), image.runtime(copy.end));
        }
    }
}

/// A function without a symbol was inlined everywhere; only a search through all
/// debug information of the kernel, or of the module named, finds it.
void DwflSymboliser::search_copies(const FunctionName &wanted, Ranges &ranges) {
    const PlacedImage image = image_of(std::string(wanted.module));
    if (!image) {
        return;
    }
    if (options_.progress && wanted.module.empty()) {
        options_.progress(fmt::format("searching vmlinux for {}", wanted.function));
    }
    bool complete = true;
    const std::string function(wanted.function);
    for (const DwarfRange &copy : image.image->inlined_copies(function, complete)) {
        ranges.emplace_back(image.runtime(copy.start), image.runtime(copy.end));
    }
    if (!complete) {
        partly_searched_ = function;
    }
}

std::vector<std::string> DwflSymboliser::similar_functions(const std::string &function,
                                                           size_t most) {
    const FunctionName wanted = split_function(function);
    const bool restricted = kallsyms_.has_module(wanted.module);
    util::NearNames near{std::string(wanted.function), most};
    kallsyms_.for_each([&](const Kallsyms::Symbol &symbol) {
        if (!restricted || symbol.module == wanted.module) {
            near.offer(without_suffixes(symbol.name));
        }
    });
    std::vector<std::string> names = near.take();
    if (restricted) {
        for (std::string &name : names) {
            name += "@" + std::string(wanted.module);
        }
    }
    return names;
}

void DwflSymboliser::refresh_modules() {
    kallsyms_.forget_modules();
    images_.forget_modules();
    unresolved_ = 0;
    const auto stale = [](const auto &entry) {
        return !entry.second.module.empty() || entry.second.symbol.empty();
    };
    std::erase_if(returns_, stale);
    std::erase_if(exacts_, stale);
}

/// One hint, the one that helps most: what hides everything comes first.
std::string DwflSymboliser::hint() const {
    if (hidden_) {
        return std::string(addresses_hidden) + "; " + show_addresses;
    }
    if (images_.kernel_missing()) {
        const std::string way = how_to_get_debug_info(images_.release(), options_.os_release);
        return images_.refused().empty()
                   ? fmt::format("no debug information of kernel {}, so no files and lines: {}",
                                 images_.release(), way)
                   : fmt::format("{} is of another build than the running kernel: {}",
                                 images_.refused(), way);
    }
    if (!images_.refused().empty()) {
        return images_.refused() + " is of another build than the module that is loaded";
    }
    if (!images_.module_missing().empty()) {
        return fmt::format("no debug information of module {}, so no files and lines in it",
                           images_.module_missing());
    }
    if (!unloaded_.empty()) {
        return fmt::format("module {} is not loaded", unloaded_);
    }
    if (!partly_searched_.empty()) {
        return fmt::format("{} is inlined in more places than were searched", partly_searched_);
    }
    return unresolved_ == 0 ? std::string()
                            : fmt::format("{:#x} is in no function now; the module that it was in "
                                          "was unloaded, or was its initialisation",
                                          unresolved_);
}

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
// Walks from a function down to the innermost block at an address, and collects
// variables on the way.
#include "values/scope.hpp"

#include "values/btf_types.hpp"
#include "values/call_frame.hpp"
#include "values/dwarf_reading.hpp"

#include <algorithm>
#include <set>

namespace dropctl::values {

namespace {

constexpr unsigned deepest = 64;
constexpr size_t line_groups_most = 6;

bool is_variable(int tag) {
    return tag == DW_TAG_formal_parameter || tag == DW_TAG_variable;
}

std::string groups_of(const std::set<int> &lines) {
    std::string text;
    size_t groups = 0;
    for (auto line = lines.begin(); line != lines.end();) {
        const int first = *line;
        int last = first;
        while (++line != lines.end() && *line == last + 1) {
            last = *line;
        }
        if (groups++ == line_groups_most) {
            return text + ", ...";
        }
        text += (text.empty() ? "" : ", ") + std::to_string(first);
        text += last == first ? "" : "-" + std::to_string(last);
    }
    return text;
}

uint64_t entry_of(Dwarf_Die &function) {
    Dwarf_Addr entry = 0;
    if (dwarf_entrypc(&function, &entry) == 0) {
        return entry;
    }
    Dwarf_Addr base = 0;
    Dwarf_Addr end = 0;
    return dwarf_ranges(&function, 0, &base, &entry, &end) > 0 ? entry : 0;
}

} // namespace

Scope::Scope(Types &types, Place place)
    : types_(types), place_(std::move(place)), unit_(types.unit_at(place_)) {
    if (unit_ == nullptr) {
        return;
    }
    Dwarf_Die function;
    if (unit_->unit().function_at(place_.image.dwarf(place_.address), function)) {
        function_ = function;
    }
    locations_.emplace(*unit_, place_.image, place_.address, Scope::function());
    if (function_) {
        functions_.push_back(die_name(function));
        collect(function, 0);
        collect_origin(function);
        walk(function, 1);
        order();
    }
}

uint64_t Scope::entry() const {
    if (!function_) {
        return 0;
    }
    Dwarf_Die function = *function_;
    const uint64_t entry = entry_of(function);
    return entry == 0 ? 0 : place_.image.runtime(symbols::DwarfAddress{entry});
}

/// `depth` counts blocks, so that the order of declaration within one can be kept
/// while blocks are turned round.
void Scope::walk(Dwarf_Die &scope, unsigned depth) {
    const auto address = static_cast<uint64_t>(place_.image.dwarf(place_.address));
    bool found = false;
    each_child(scope, [&](Dwarf_Die &child) {
        const int tag = dwarf_tag(&child);
        if (found || depth > deepest ||
            (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) ||
            dwarf_haspc(&child, address) <= 0) {
            return;
        }
        found = true;
        if (tag == DW_TAG_inlined_subroutine) {
            functions_.push_back(die_name(child));
        }
        collect(child, depth);
        if (tag == DW_TAG_inlined_subroutine) {
            collect_origin(child);
        }
        walk(child, depth + 1);
    });
}

void Scope::collect(Dwarf_Die &scope, unsigned depth) {
    const auto level = static_cast<unsigned>(functions_.size() - 1);
    each_child(scope, [&](Dwarf_Die &child) {
        const int tag = dwarf_tag(&child);
        if (!is_variable(tag)) {
            return;
        }
        std::string name = die_name(child);
        // Compilers' and macros' own: nobody asks for them.
        if (name.empty() || name.starts_with("__UNIQUE_ID_")) {
            return;
        }
        const auto kind =
            tag == DW_TAG_formal_parameter ? VariableKind::Parameter : VariableKind::Local;
        variables_.push_back({.die = child, .name = std::move(name), .kind = kind, .level = level});
        depths_.push_back(depth);
    });
}

/// Variables that this copy of the function has not even a description of.
void Scope::collect_origin(Dwarf_Die &scope) {
    Dwarf_Die origin;
    if (!referred_die(scope, DW_AT_abstract_origin, origin)) {
        return;
    }
    const auto level = static_cast<unsigned>(functions_.size() - 1);
    std::set<std::string> known;
    for (const ScopedVariable &variable : variables_) {
        if (variable.level == level) {
            known.insert(variable.name);
        }
    }
    const size_t before = variables_.size();
    const unsigned depth = depths_.empty() ? 0 : depths_.back();
    collect(origin, depth);
    for (size_t i = variables_.size(); i-- > before;) {
        if (known.contains(variables_[i].name)) {
            variables_.erase(variables_.begin() + static_cast<ptrdiff_t>(i));
            depths_.erase(depths_.begin() + static_cast<ptrdiff_t>(i));
        }
    }
}

/// Innermost blocks first; levels count from the innermost function.
void Scope::order() {
    std::reverse(functions_.begin(), functions_.end());
    std::vector<size_t> places(variables_.size());
    for (size_t i = 0; i < places.size(); i++) {
        places[i] = i;
        variables_[i].level = static_cast<unsigned>(functions_.size() - 1) - variables_[i].level;
    }
    std::stable_sort(places.begin(), places.end(), [&](size_t a, size_t b) {
        const ScopedVariable &va = variables_[a];
        const ScopedVariable &vb = variables_[b];
        return va.level != vb.level ? va.level < vb.level : depths_[a] > depths_[b];
    });
    std::vector<ScopedVariable> ordered;
    std::set<std::string> seen;
    for (const size_t place : places) {
        ordered.push_back(std::move(variables_[place]));
        ordered.back().hidden = !seen.insert(ordered.back().name).second;
    }
    variables_ = std::move(ordered);
    depths_.clear();
}

const ScopedVariable *Scope::find(std::string_view name, std::string_view function) const {
    for (const ScopedVariable &variable : variables_) {
        if (variable.name == name && (function.empty() || functions_[variable.level] == function)) {
            return &variable;
        }
    }
    return nullptr;
}

const Type &Scope::type(const ScopedVariable &variable) const {
    Dwarf_Die die = variable.die;
    return unit_->type_of(die);
}

Location Scope::location(const ScopedVariable &variable) const {
    Dwarf_Die die = variable.die;
    return locations_->of(die);
}

std::string Scope::readable_at(const ScopedVariable &variable) const {
    Dwarf_Die die = variable.die;
    Dwarf_Attribute storage;
    Dwarf_Attribute *attribute = dwarf_attr_integrate(&die, DW_AT_location, &storage);
    Dwarf_Die unit = unit_->unit().die();
    Dwarf_Lines *lines = nullptr;
    size_t count = 0;
    const char *file = dwarf_decl_file(&die);
    int first = 0;
    dwarf_decl_line(&die, &first);
    if (attribute == nullptr || file == nullptr || dwarf_getsrclines(&unit, &lines, &count) != 0) {
        return {};
    }
    std::set<int> found;
    Dwarf_Addr base = 0;
    Dwarf_Addr start = 0;
    Dwarf_Addr end = 0;
    Dwarf_Op *ops = nullptr;
    size_t length = 0;
    for (ptrdiff_t at = 0;
         (at = dwarf_getlocations(attribute, at, &base, &start, &end, &ops, &length)) > 0;) {
        if (length == 0 || start >= end) {
            continue;
        }
        // Being described there does not make it readable.
        const uint64_t runtime = place_.image.runtime(symbols::DwarfAddress{start});
        if (Locations(*unit_, place_.image, runtime, function()).of(die).kind ==
            LocationKind::Nowhere) {
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            Dwarf_Line *line = dwarf_onesrcline(lines, i);
            Dwarf_Addr address = 0;
            int number = 0;
            const char *source = nullptr;
            bool statement = false;
            if (dwarf_lineaddr(line, &address) == 0 && address >= start && address < end &&
                dwarf_linebeginstatement(line, &statement) == 0 && statement &&
                dwarf_lineno(line, &number) == 0 && number >= first && number > 0 &&
                (source = dwarf_linesrc(line, nullptr, nullptr)) != nullptr &&
                std::string_view(source) == file) {
                found.insert(number);
            }
        }
    }
    return groups_of(found);
}

std::optional<Scope::Global> Scope::global(std::string_view name) const {
    Dwarf_Die die;
    Global global{.type = &void_type(), .location = {}};
    if (unit_ == nullptr) {
        return std::nullopt;
    }
    const bool described = unit_->variable(name, die);
    if (described) {
        global = {.type = &unit_->type_of(die), .location = locations_->of(die)};
    }
    if (global.location.kind != LocationKind::Nowhere) {
        return global;
    }
    // Declared here, if at all, and defined elsewhere: its symbol tells where.
    Elf *elf = dwarf_getelf(unit_->dwarf());
    const auto address = unit_->symbol(std::string(name));
    if (!address) {
        return described ? std::optional(global) : std::nullopt;
    }
    uint64_t start = 0;
    const bool per_cpu = section_holds(elf, ".data..percpu", *address, start);
    const uint64_t place =
        per_cpu && start == 0 ? *address : place_.image.runtime(symbols::DwarfAddress{*address});
    global.location = {.kind = LocationKind::Memory,
                       .node = constant(static_cast<int64_t>(place)),
                       .per_cpu = per_cpu,
                       .text = per_cpu ? "in memory of each CPU" : "in memory"};
    BtfTypes *btf = described ? nullptr : types_.btf(place_.module);
    if (const Type *known = btf == nullptr ? nullptr : btf->variable(name)) {
        global.type = known;
    }
    return global;
}

namespace {

bool find_below(Dwarf_Die &scope, std::string_view name, Dwarf_Die &found, unsigned depth) {
    bool done = false;
    each_child(scope, [&](Dwarf_Die &child) {
        const int tag = dwarf_tag(&child);
        if (done || depth > deepest) {
            return;
        }
        if (is_variable(tag) && die_name(child) == name) {
            found = child;
            done = true;
        } else if (tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) {
            done = find_below(child, name, found, depth + 1);
        }
    });
    return done;
}

} // namespace

std::optional<std::string> Scope::readable_elsewhere(std::string_view name) const {
    Dwarf_Die found;
    if (!function_) {
        return std::nullopt;
    }
    Dwarf_Die function = *function_;
    if (!find_below(function, name, found, 0)) {
        return std::nullopt;
    }
    return readable_at({.die = found});
}

std::unique_ptr<Scope> Scope::at_entry() const {
    Place place = place_;
    place.address = entry();
    if (place.address == 0) {
        return nullptr;
    }
    auto scope = std::make_unique<Scope>(types_, place);
    scope->is_entry_ = true;
    if (scope->locations_) {
        scope->locations_->at_entry();
    }
    return scope;
}

} // namespace dropctl::values

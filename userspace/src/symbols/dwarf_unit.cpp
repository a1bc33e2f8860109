// SPDX-License-Identifier: GPL-2.0-only
// Looks up addresses in one compilation unit, with libdw.
#include "symbols/dwarf_unit.hpp"

#include "symbols/die_walk.hpp"

#include <algorithm>

namespace dropctl::symbols {

namespace {

constexpr unsigned deepest = 64; ///< nested scopes; more is broken debug information

std::string text_of(Dwarf_Die &die, unsigned attribute) {
    Dwarf_Attribute storage;
    const char *text = dwarf_formstring(dwarf_attr(&die, attribute, &storage));
    return text == nullptr ? std::string() : text;
}

/// Add the ranges of the copies below `scope` of the function described at `origin`.
void add_copies(Dwarf_Die &scope, Dwarf_Off origin, std::vector<DwarfRange> &found,
                unsigned depth = 0) {
    any_child(scope, [&](Dwarf_Die &child) {
        const int tag = dwarf_tag(&child);
        if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) {
            return false;
        }
        Dwarf_Attribute storage;
        Dwarf_Die target;
        if (tag == DW_TAG_inlined_subroutine &&
            dwarf_formref_die(dwarf_attr(&child, DW_AT_abstract_origin, &storage), &target) !=
                nullptr &&
            dwarf_dieoffset(&target) == origin) {
            each_range(child, [&](Dwarf_Addr start, Dwarf_Addr end) {
                found.push_back({DwarfAddress{start}, DwarfAddress{end}});
            });
        } else if (depth < deepest) {
            add_copies(child, origin, found, depth + 1);
        }
        return false;
    });
}

} // namespace

DwarfUnit::DwarfUnit(Dwarf_Die die, uint64_t cut) : die_(die), cut_(cut) {}

SourcePlace DwarfUnit::place(DwarfAddress address) {
    SourcePlace place;
    place_functions(static_cast<uint64_t>(address), place);
    if (place.frames.empty()) {
        place.frames.emplace_back();
    }
    place_line(static_cast<uint64_t>(address), place.frames.front());
    return place;
}

/// The last row at or before the address, whatever its statement flag: a call in
/// the middle of a statement belongs to the row before it.
void DwarfUnit::place_line(uint64_t address, Frame &frame) {
    int line = 0;
    Dwarf_Line *row = dwarf_getsrc_die(&die_, address);
    // Line 0 is code that the compiler ascribes to no line; the one before it is
    // what a reader looks for.
    while (row != nullptr && dwarf_lineno(row, &line) == 0 && line == 0) {
        Dwarf_Addr start = 0;
        dwarf_lineaddr(row, &start);
        row = dwarf_getsrc_die(&die_, start - 1);
    }
    const char *file = row == nullptr ? nullptr : dwarf_linesrc(row, nullptr, nullptr);
    if (file != nullptr && line > 0) {
        frame.file = tree().relative(file);
        frame.line = static_cast<uint32_t>(line);
    }
}

bool DwarfUnit::function_at(DwarfAddress address, Dwarf_Die &function) {
    index_functions();
    const auto wanted = static_cast<uint64_t>(address);
    auto next = std::upper_bound(functions_.begin(), functions_.end(), wanted,
                                 [](uint64_t a, const Function &f) { return a < f.start; });
    return next != functions_.begin() && wanted < std::prev(next)->end &&
           dwarf_offdie(dwarf_cu_getdwarf(die_.cu), std::prev(next)->die, &function) != nullptr;
}

void DwarfUnit::place_functions(uint64_t address, SourcePlace &place) {
    Dwarf_Die function;
    if (!function_at(DwarfAddress{address}, function)) {
        return;
    }
    place.frames.push_back({.function = name_of(function), .file = {}});
    add_inlined(function, address, place, 0);
    std::reverse(place.frames.begin(), place.frames.end());
}

/// Add the functions inlined at `address` below `scope`, outermost first; each
/// tells where in the one around it the call stood.
void DwarfUnit::add_inlined(Dwarf_Die &scope, uint64_t address, SourcePlace &place,
                            unsigned depth) {
    any_child(scope, [&](Dwarf_Die &child) {
        const int tag = dwarf_tag(&child);
        if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) {
            return false;
        }
        if (dwarf_haspc(&child, address) <= 0) {
            return false;
        }
        if (tag == DW_TAG_inlined_subroutine) {
            Frame call = call_site(child);
            place.frames.back().file = std::move(call.file);
            place.frames.back().line = call.line;
            place.frames.push_back({.function = name_of(child), .file = {}});
        }
        if (depth < deepest) {
            add_inlined(child, address, place, depth + 1);
        }
        return true;
    });
}

Frame DwarfUnit::call_site(Dwarf_Die &inlined) {
    Frame call;
    Dwarf_Attribute storage;
    Dwarf_Word file = 0;
    Dwarf_Word line = 0;
    Dwarf_Files *files = nullptr;
    size_t count = 0;
    if (dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_file, &storage), &file) != 0 ||
        dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_line, &storage), &line) != 0 ||
        dwarf_getsrcfiles(&die_, &files, &count) != 0 || file >= count) {
        return call;
    }
    if (const char *name = dwarf_filesrc(files, file, nullptr, nullptr); name != nullptr) {
        call.file = tree().relative(name);
        call.line = static_cast<uint32_t>(line);
    }
    return call;
}

void DwarfUnit::inlined_copies(const std::string &function, std::vector<DwarfRange> &found) {
    std::vector<Dwarf_Off> origins;
    std::vector<Dwarf_Off> bodies;
    any_child(die_, [&](Dwarf_Die &child) {
        if (dwarf_tag(&child) == DW_TAG_subprogram) {
            if (dwarf_hasattr(&child, DW_AT_inline) != 0 && name_of(child) == function) {
                origins.push_back(dwarf_dieoffset(&child));
            } else {
                bodies.push_back(dwarf_dieoffset(&child));
            }
        }
        return false;
    });
    for (const Dwarf_Off origin : origins) {
        for (const Dwarf_Off body : bodies) {
            Dwarf_Die scope;
            if (dwarf_offdie(dwarf_cu_getdwarf(die_.cu), body, &scope) != nullptr) {
                add_copies(scope, origin, found);
            }
        }
    }
}

bool DwarfUnit::refers_elsewhere() {
    size_t length = 0;
    for (Dwarf_Off at = 0;; at += length) {
        Dwarf_Abbrev *abbrev = dwarf_getabbrev(&die_, at, &length);
        if (abbrev == nullptr || abbrev == DWARF_END_ABBREV) {
            return abbrev == nullptr;
        }
        size_t count = 0;
        dwarf_getattrcnt(abbrev, &count);
        for (size_t i = 0; i < count; i++) {
            unsigned form = 0;
            dwarf_getabbrevattr(abbrev, i, nullptr, &form, nullptr);
            if (form == DW_FORM_ref_addr || form == DW_FORM_GNU_ref_alt ||
                form == DW_FORM_ref_sup4 || form == DW_FORM_ref_sup8) {
                return true;
            }
        }
    }
}

void DwarfUnit::index_functions() {
    if (indexed_) {
        return;
    }
    indexed_ = true;
    index_children(die_);
    std::sort(functions_.begin(), functions_.end(),
              [](const Function &a, const Function &b) { return a.start < b.start; });
}

void DwarfUnit::index_children(Dwarf_Die &parent) {
    any_child(parent, [&](Dwarf_Die &child) {
        const int tag = dwarf_tag(&child);
        if (tag == DW_TAG_subprogram) {
            const Dwarf_Off offset = dwarf_dieoffset(&child);
            each_range(child, [&](Dwarf_Addr start, Dwarf_Addr end) {
                functions_.push_back({.start = start, .end = end, .die = offset});
            });
        } else if (tag == DW_TAG_namespace) {
            index_children(child); // Rust
        }
        return false;
    });
}

const SourceTree &DwarfUnit::tree() {
    if (!tree_) {
        std::vector<std::string_view> names;
        Dwarf_Files *files = nullptr;
        size_t count = 0;
        if (dwarf_getsrcfiles(&die_, &files, &count) == 0) {
            for (size_t i = 0; i < count; i++) {
                if (const char *name = dwarf_filesrc(files, i, nullptr, nullptr)) {
                    names.emplace_back(name);
                }
            }
        }
        tree_.emplace(text_of(die_, DW_AT_comp_dir), name_of(die_), names);
    }
    return *tree_;
}

} // namespace dropctl::symbols

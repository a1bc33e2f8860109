// SPDX-License-Identifier: GPL-2.0-only
// Small steps over the tree of DIEs, for those who read debug information.
#pragma once

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <cstddef>
#include <string>

namespace dropctl::symbols {

/// Call `visit` for every child of `parent`, until it returns true.
template <typename Visit> bool any_child(Dwarf_Die &parent, Visit visit) {
    Dwarf_Die child;
    if (dwarf_child(&parent, &child) != 0) {
        return false;
    }
    do {
        if (visit(child)) {
            return true;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

/// Call `visit` with start and end of each range of code of a DIE.
template <typename Visit> void each_range(Dwarf_Die &die, Visit visit) {
    Dwarf_Addr base = 0;
    Dwarf_Addr start = 0;
    Dwarf_Addr end = 0;
    for (ptrdiff_t at = 0; (at = dwarf_ranges(&die, at, &base, &start, &end)) > 0;) {
        if (start < end) {
            visit(start, end);
        }
    }
}

/// The name of a DIE or of its origin; empty: none.
inline std::string name_of(Dwarf_Die &die) {
    const char *name = dwarf_diename(&die);
    return name == nullptr ? std::string() : name;
}

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
// Small things that everybody who reads DWARF with libdw needs.
#pragma once

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>
#include <string>

namespace dropctl::values {

/// Call `visit` with every child of `parent`.
template <typename Visit> void each_child(Dwarf_Die &parent, Visit visit) {
    Dwarf_Die child;
    if (dwarf_child(&parent, &child) != 0) {
        return;
    }
    do {
        visit(child);
    } while (dwarf_siblingof(&child, &child) == 0);
}

inline std::optional<uint64_t> number_of(Dwarf_Die &die, unsigned attribute) {
    Dwarf_Attribute storage;
    Dwarf_Word value = 0;
    if (dwarf_formudata(dwarf_attr(&die, attribute, &storage), &value) != 0) {
        return std::nullopt;
    }
    return value;
}

inline std::string die_name(Dwarf_Die &die) {
    const char *name = dwarf_diename(&die);
    return name == nullptr ? std::string() : name;
}

/// The DIE that an attribute refers to, its origin's attribute included; false: none.
inline bool referred_die(Dwarf_Die &die, unsigned attribute, Dwarf_Die &found) {
    Dwarf_Attribute storage;
    Dwarf_Attribute *reference = dwarf_attr_integrate(&die, attribute, &storage);
    return reference != nullptr && dwarf_formref_die(reference, &found) != nullptr;
}

inline bool has_flag(Dwarf_Die &die, unsigned attribute) {
    Dwarf_Attribute storage;
    bool set = false;
    return dwarf_formflag(dwarf_attr(&die, attribute, &storage), &set) == 0 && set;
}

} // namespace dropctl::values

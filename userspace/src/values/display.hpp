// SPDX-License-Identifier: GPL-2.0-only
// How values are to be shown: what their type and name say, and what was asked for.
#pragma once

#include "values/checker.hpp"
#include "values/compile.hpp"

#include <string_view>

namespace dropctl::values {

/// What bytes stand for, beyond their type.
enum class Meaning {
    Number,
    Ipv4,       ///< 4 bytes in the network's order
    Ipv6,       ///< 16 bytes
    Mac,        ///< 6 bytes
    Port,       ///< 16 bits in the network's order
    BigEndian,  ///< a number in the network's order
    Protocol,   ///< an Ethernet type in the network's order
    Characters, ///< text in an array
};

/// What a value of this type means, by the names of typedefs and of what it is.
Meaning meaning_of(const Type &type, std::string_view name);

/// Fill an item for an operand, and prepare the operand: a pointer that is to be shown as
/// an address is followed. False: the format does not fit, see `complaint`.
bool choose_item(Types &types, const Place &place, Format format, Checked &checked, Item &item,
                 Complaint &complaint);

} // namespace dropctl::values

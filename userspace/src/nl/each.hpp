// SPDX-License-Identifier: GPL-2.0-only
// What the decoders have in common: the walk over attributes, and fields of kinds
// that attributes.hpp does not know.
#pragma once

#include "nl/attributes.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace dropctl::nl::decode {

inline bool read_flag(Bytes data, bool &value) {
    uint8_t number = 0;
    const bool fits = read(data, number);
    value = number != 0;
    return fits;
}

inline bool read_text(Bytes data, std::string &value) {
    value = read_string(data);
    return true;
}

template <typename Integer> bool read_some(Bytes data, std::optional<Integer> &value) {
    Integer plain{};
    const bool fits = read(data, plain);
    value = plain;
    return fits;
}

/// Hand every attribute to `field`, which says false on one that is too short.
template <typename Field> bool each(Bytes bytes, Field field) {
    Attributes attributes(bytes);
    Attribute attribute;
    while (attributes.next(attribute)) {
        if (!field(attribute.type, attribute.data)) {
            return false;
        }
    }
    return !attributes.broken();
}

/// The number in the attribute of this type, 0 without one.
inline uint32_t id_in(Bytes bytes, uint16_t wanted) {
    uint32_t id = 0;
    const bool whole =
        each(bytes, [&](uint16_t type, Bytes data) { return type != wanted || read(data, id); });
    return whole ? id : 0;
}

} // namespace dropctl::nl::decode

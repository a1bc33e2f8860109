// SPDX-License-Identifier: GPL-2.0-only
#include "render/place_text.hpp"

#include "render/location.hpp"
#include "util/escape.hpp"

namespace dropctl::render {

PlaceText place_text(const Location &location) {
    PlaceText place{.function = {}, .line = util::printable(source_text(location))};
    if (place.line.empty() || location.function.empty()) {
        place.function = util::printable(symbol_text(location));
    } else {
        place.function = util::printable(location.function);
        if (!location.module.empty()) {
            place.function += " [" + util::printable(location.module) + "]";
        }
    }
    return place;
}

} // namespace dropctl::render

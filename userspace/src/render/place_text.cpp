// SPDX-License-Identifier: GPL-2.0-only
#include "render/place_text.hpp"

#include "render/location.hpp"
#include "util/escape.hpp"

#include <fmt/format.h>

namespace dropctl::render {

namespace {

/// The frame that says most to a reader. Inlined helpers of headers (kfree_skb(),
/// NF_DROP_REASON(), dst_output()) are the same in hundreds of places: the first
/// function of a .c file is who called them.
const Frame *telling_frame(const Location &location) {
    for (const Frame &frame : location.frames) {
        if (!frame.file.empty() && !frame.file.ends_with(".h")) {
            return &frame;
        }
    }
    return location.frames.empty() ? nullptr : &location.frames.front();
}

} // namespace

PlaceText place_text(const Location &location) {
    const Frame *frame = telling_frame(location);
    PlaceText place{.function = {}, .line = util::printable(source_text(location))};
    if (place.line.empty() || location.function.empty()) {
        place.function = util::printable(symbol_text(location));
    } else {
        place.function = util::printable(frame == nullptr ? location.function : frame->function);
        if (frame != nullptr) {
            place.line = util::printable(fmt::format("{}:{}", frame->file, frame->line));
        }
        if (!location.module.empty()) {
            place.function += " [" + util::printable(location.module) + "]";
        }
    }
    return place;
}

std::string reason_text(const std::string &name) {
    return name == "NOT_SPECIFIED" ? "-" : util::printable(name);
}

} // namespace dropctl::render

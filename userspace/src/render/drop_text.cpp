// SPDX-License-Identifier: GPL-2.0-only
#include "render/drop_text.hpp"

#include "render/location.hpp"
#include "render/packet_text.hpp"
#include "util/escape.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::render {

namespace {

using util::pad_left;
using util::pad_right;

// From so many columns on, all fits on one line with widths that seldom have to grow.
constexpr size_t one_line_columns = 130;
constexpr size_t indent = 14;
// No column grows beyond this; what is longer pushes the rest of its own line only.
constexpr size_t widest = 48;

/// Where in the symbol's own function a place is, if need be in a function inlined there.
std::string own_line(const Location &location) {
    return location.frames.empty()
               ? source_text(location)
               : fmt::format("{}:{}", location.frames.back().file, location.frames.back().line);
}

void grow(size_t &width, const std::string &text) {
    width = std::min(std::max(width, util::display_width(text)), std::max(width, widest));
}

} // namespace

/// The least that the columns take, and what a terminal has beyond that in the
/// order of need. Where no terminal sets a limit, enough for nearly everything.
DropText::Widths DropText::first_widths(size_t columns) {
    Widths widths{.reason = 13, .addresses = 32, .protocol = 5, .len = 5, .dev = 5, .function = 20};
    constexpr size_t two_lines = 80;
    constexpr size_t unlimited = 6;
    const size_t needed = columns >= one_line_columns ? one_line_columns : two_lines;
    size_t spare = columns == 0 ? unlimited : columns - std::min(columns, needed);
    const auto widen = [&spare](size_t &width, size_t most) {
        const size_t more = std::min(spare, most - width);
        width += more;
        spare -= more;
    };
    widen(widths.addresses, 43);
    widen(widths.reason, 20);
    widen(widths.dev, 12);
    widen(widths.function, 30);
    return widths;
}

DropText::DropText(Names &names, const TextOptions &options)
    : names_(names), options_(options), paint_(options.colour), devs_(names), clock_(options.time),
      one_line_(options.columns == 0 || options.columns >= one_line_columns),
      widths_(first_widths(options.columns)) {}

std::string DropText::row(const std::string &time, const std::string &reason,
                          const std::string &addresses, const std::string &protocol,
                          const std::string &len, const std::string &dev) const {
    return paint_.dim(pad_right(time, clock_.width())) + "  " +
           paint_.yellow(pad_right(reason, widths_.reason)) + "  " +
           pad_right(addresses, widths_.addresses) + " " + pad_right(protocol, widths_.protocol) +
           " " + pad_left(len, widths_.len) + "  " + dev;
}

std::string DropText::header() const {
    std::string text = row("TIME", "REASON", "PACKET", "", "LEN", "DEV");
    if (one_line_) {
        text += pad_right("", widths_.dev - 3) + "  " + "DROPPED AT";
    }
    return text + "\n";
}

const PlaceText &DropText::place(uint64_t address, const std::string &symbol) {
    if (address == 0 && !symbol.empty()) {
        const auto known = symbols_.find(symbol);
        return known != symbols_.end()
                   ? known->second
                   : symbols_.emplace(symbol, place_text(names_.location(symbol))).first->second;
    }
    const auto known = places_.find(address);
    return known != places_.end()
               ? known->second
               : places_.emplace(address, place_text(names_.location(address))).first->second;
}

/// The reason; where the kernel gives none, or one that says as much, a dash.
std::string DropText::reason(const Event &event) {
    if (!event.reason) {
        return "-";
    }
    auto known = reasons_.find(*event.reason);
    if (known == reasons_.end()) {
        known = reasons_.emplace(*event.reason, reason_text(names_.reason(*event.reason))).first;
    }
    return known->second;
}

std::string DropText::filters(const Event &event) {
    std::string text;
    for (const uint32_t id : event.filters) {
        auto known = filters_.find(id);
        if (known == filters_.end()) {
            known = filters_.emplace(id, util::printable(names_.filter(id))).first;
        }
        text += (text.empty() ? "" : ",") + known->second;
    }
    return text;
}

/// The lines below a drop that --verbose adds.
std::string DropText::everything(const Event &event) {
    const std::string margin(indent, ' ');
    std::string text = margin + fmt::format("cpu {}", event.cpu);
    const auto add = [&text](bool there, const std::string &more) {
        text += there ? "  " + more : "";
    };
    add(event.pid.has_value(),
        fmt::format("pid {} {}", event.pid.value_or(0), util::printable(event.comm)));
    add(!event.filters.empty(), "filter " + filters(event));
    add(event.netns != 0, fmt::format("netns {}", event.netns));
    add(event.ifindex != 0, fmt::format("ifindex {}", event.ifindex));
    add(event.mark != 0, fmt::format("mark {:#x}", event.mark));
    add(true, fmt::format("protocol {:#06x}", event.protocol));
    add(true, fmt::format("pkt-type {}", event.pkt_type));
    add(event.skb != 0, fmt::format("skb {:#x}", event.skb));
    text += '\n';
    for (const uint64_t address : event.stack) {
        const Location &place = names_.location(address);
        text += margin + pad_right(util::printable(symbol_text(place)), widths_.function + 8) +
                "  " + paint_.cyan(util::printable(own_line(place))) + "\n";
    }
    return text + hexdump(event.packet, margin);
}

/// The place, and what else there is to tell of the packet: behind it, or if the
/// terminal is too narrow for both, on a line of its own.
std::string DropText::with_details(const PlaceText &place, const std::string &details) const {
    const std::string function =
        place.line.empty() ? place.function : pad_right(place.function, widths_.function);
    std::string text = paint_.bold(function);
    text += place.line.empty() ? "" : "  " + paint_.cyan(place.line);
    if (!details.empty()) {
        const size_t used = indent + util::display_width(function) + 2 +
                            util::display_width(place.line) + 2 + util::display_width(details);
        const bool apart = !one_line_ && used > options_.columns;
        text += apart ? "\n" + std::string(indent, ' ') : "  ";
        text += paint_.dim(details);
    }
    return text + "\n";
}

std::string DropText::line(const Event &event, const packet::Packet &packet) {
    const std::string reason = this->reason(event);
    const std::string addresses = render::addresses(packet);
    const std::string protocol = render::protocol(packet);
    const std::string dev = devs_.text(event.dev, event.ifindex, event.netns);
    const PlaceText &place = this->place(event.location, event.symbol);
    grow(widths_.reason, reason);
    grow(widths_.addresses, addresses);
    grow(widths_.protocol, protocol);
    grow(widths_.dev, dev);
    grow(widths_.function, place.function);

    std::string text = row(clock_.text(event.time_ns), reason, addresses, protocol,
                           std::to_string(event.len), dev);
    text +=
        one_line_
            ? pad_right("", widths_.dev - std::min(widths_.dev, util::display_width(dev))) + "  "
            : "\n" + std::string(indent, ' ');
    text += with_details(place, render::details(packet));
    return options_.verbose ? text + everything(event) : text;
}

} // namespace dropctl::render

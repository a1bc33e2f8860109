// SPDX-License-Identifier: GPL-2.0-only
#include "render/drop_json.hpp"

#include "render/location.hpp"
#include "util/escape.hpp"

namespace dropctl::render {

namespace {

using util::Decimal;
using util::Hex;
using util::Writer;

/// What `make` gives for a key, made at the first time.
template <typename Map, typename Key, typename Make>
const std::string &cached(Map &map, const Key &key, Make make) {
    const auto found = map.find(key);
    return found != map.end() ? found->second : map.emplace(key, make()).first->second;
}

/// A string that this program has made itself and that needs no escapes, or null.
/// @param key with the quotes and what stands before them
template <size_t Size>
void append_plain(Writer &out, const char (&key)[Size], const std::string &text) {
    if (text.empty()) {
        out.add(key, "null");
    } else {
        out.add(key, '"', text, '"');
    }
}

template <size_t Size> void append_or_null(Writer &out, const char (&key)[Size], uint32_t number) {
    if (number == 0) {
        out.add(key, "null");
    } else {
        out.add(key, Decimal{number});
    }
}

/// What is there only sometimes.
void append_extras(Writer &out, const packet::Packet &packet);

/// What the bytes of a packet say, and those of the packet in it.
void append_headers(Writer &out, const packet::Packet &packet) {
    append_plain(out, "\"l3\":", packet.l3);
    append_plain(out, ",\"src\":", packet.src);
    append_plain(out, ",\"dst\":", packet.dst);
    append_plain(out, ",\"l4\":", packet.l4);
    if (packet.sport && packet.dport) {
        out.add(",\"sport\":", Decimal{*packet.sport}, ",\"dport\":", Decimal{*packet.dport});
    }
    if (packet.vlan || packet.inner || !packet.info.empty()) {
        append_extras(out, packet);
    }
}

void append_extras(Writer &out, const packet::Packet &packet) {
    if (packet.vlan) {
        out.add(",\"vlan\":", Decimal{*packet.vlan});
    }
    if (!packet.info.empty()) {
        out.add(",\"info\":");
        util::append_json_string(out, packet.info);
    }
    if (packet.inner) {
        append_plain(out, ",\"tunnel\":", packet.tunnel);
        out.add(",\"tunnel_id\":", Decimal{packet.tunnel_id}, ",\"inner\":{");
        append_headers(out, *packet.inner);
        out.add('}');
    }
}

void append_bytes(Writer &out, const Event &event) {
    out.add(",\"protocol\":", Decimal{event.protocol}, ",\"pkt_type\":", Decimal{event.pkt_type});
    if (event.l3_offset) {
        out.add(",\"l3_offset\":", Decimal{*event.l3_offset});
    } else {
        out.add(",\"l3_offset\":null");
    }
    out.add(",\"bytes\":\"");
    for (const uint8_t byte : event.packet) {
        constexpr std::string_view digits = "0123456789abcdef";
        out.add(digits[byte >> 4U], digits[byte & 15U]);
    }
    out.add('"');
}

} // namespace

const std::string &DropJson::location(uint64_t address) {
    return cached(locations_, address, [&] {
        std::string json;
        append_json(json, names_.location(address));
        return json;
    });
}

const std::string &DropJson::location(const std::string &symbol) {
    return cached(symbols_, symbol, [&] {
        std::string json;
        append_json(json, names_.location(symbol));
        return json;
    });
}

const std::string &DropJson::filter(uint32_t id) {
    return cached(filters_, id, [&] { return util::json_string(names_.filter(id)); });
}

std::string DropJson::make_cause(const Event &event) {
    std::string json = ",\"reason\":";
    json += event.reason ? util::json_string(names_.reason(*event.reason)) : "null";
    json += ",\"location\":";
    const bool named = event.location == 0 && !event.symbol.empty();
    return json + (named ? location(event.symbol) : location(event.location));
}

/// Reason and location, in one piece.
std::string_view DropJson::cause(const Event &event) {
    if (event.location == 0) {
        return other_cause_ = make_cause(event);
    }
    const Cause cause{event.location, event.reason ? int64_t{*event.reason} : -1};
    return cached(causes_, cause, [&] { return make_cause(event); });
}

void DropJson::append_filters(Writer &out, const Event &event) {
    out.add(",\"filter\":[");
    for (const uint32_t &id : event.filters) {
        if (&id != event.filters.data()) {
            out.add(',');
        }
        out.add(std::string_view(filter(id)));
    }
    out.add(']');
}

void DropJson::append_packet(Writer &out, const Event &event, const packet::Packet &packet) {
    if (event.dev.empty()) {
        out.add(",\"packet\":{\"dev\":null");
    } else {
        out.add(",\"packet\":{\"dev\":");
        util::append_json_string(out, event.dev);
    }
    append_or_null(out, ",\"ifindex\":", event.ifindex);
    append_or_null(out, ",\"netns\":", event.netns);
    out.add(",\"mark\":", Decimal{event.mark}, ",\"len\":", Decimal{event.len}, ',');
    append_headers(out, packet);
    if (verbose_) {
        append_bytes(out, event);
    }
    out.add('}');
}

void DropJson::append_stack(Writer &out, const Event &event) {
    out.add(",\"stack\":[");
    for (const uint64_t &address : event.stack) {
        if (&address != event.stack.data()) {
            out.add(',');
        }
        out.add(std::string_view(location(address)));
    }
    out.add(']');
}

void DropJson::append(Writer &out, const Event &event, const packet::Packet &packet) {
    out.add("{\"schema\":1,\"type\":\"drop\",\"time_ns\":", Decimal{event.time_ns},
            ",\"cpu\":", Decimal{event.cpu});
    append_filters(out, event);
    out.add(cause(event));
    append_packet(out, event, packet);
    if (event.skb != 0) {
        out.add(",\"skb\":\"0x", Hex{event.skb}, '"');
    }
    if (event.pid) {
        out.add(",\"pid\":", Decimal{*event.pid}, ",\"comm\":");
        util::append_json_string(out, event.comm);
    }
    if (!event.stack.empty()) {
        append_stack(out, event);
    }
    out.add('}');
}

} // namespace dropctl::render

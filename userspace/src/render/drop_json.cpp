// SPDX-License-Identifier: GPL-2.0-only
#include "render/drop_json.hpp"

#include "render/location.hpp"
#include "util/escape.hpp"

namespace dropctl::render {

namespace {

using util::Writer;

/// What `make` gives for a key, made at the first time.
template <typename Map, typename Key, typename Make>
const std::string &cached(Map &map, const Key &key, Make make) {
    const auto found = map.find(key);
    return found != map.end() ? found->second : map.emplace(key, make()).first->second;
}

/// A string that this program has made itself and that needs no escapes, or null.
void append_plain(Writer &out, const std::string &text) {
    if (text.empty()) {
        out.literal("null");
    } else {
        out.put('"');
        out.text(text);
        out.put('"');
    }
}

void append_or_null(Writer &out, uint32_t number) {
    if (number == 0) {
        out.literal("null");
    } else {
        out.number(number);
    }
}

/// What the bytes of a packet say, and those of the packet in it.
void append_headers(Writer &out, const packet::Packet &packet) {
    out.literal("\"l3\":");
    append_plain(out, packet.l3);
    out.literal(",\"src\":");
    append_plain(out, packet.src);
    out.literal(",\"dst\":");
    append_plain(out, packet.dst);
    out.literal(",\"l4\":");
    append_plain(out, packet.l4);
    if (packet.sport) {
        out.literal(",\"sport\":");
        out.number(*packet.sport);
    }
    if (packet.dport) {
        out.literal(",\"dport\":");
        out.number(*packet.dport);
    }
    if (packet.vlan) {
        out.literal(",\"vlan\":");
        out.number(*packet.vlan);
    }
    if (!packet.info.empty()) {
        out.literal(",\"info\":");
        util::append_json_string(out, packet.info);
    }
    if (packet.inner) {
        out.literal(",\"tunnel\":");
        append_plain(out, packet.tunnel);
        out.literal(",\"tunnel_id\":");
        out.number(packet.tunnel_id);
        out.literal(",\"inner\":{");
        append_headers(out, *packet.inner);
        out.put('}');
    }
}

void append_bytes(Writer &out, const Event &event) {
    out.literal(",\"protocol\":");
    out.number(event.protocol);
    out.literal(",\"pkt_type\":");
    out.number(event.pkt_type);
    out.literal(",\"l3_offset\":");
    if (event.l3_offset) {
        out.number(*event.l3_offset);
    } else {
        out.literal("null");
    }
    out.literal(",\"bytes\":\"");
    for (const uint8_t byte : event.packet) {
        out.put("0123456789abcdef"[byte >> 4U]);
        out.put("0123456789abcdef"[byte & 15U]);
    }
    out.put('"');
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

const std::string &DropJson::reason(uint32_t number) {
    return cached(reasons_, number, [&] { return util::json_string(names_.reason(number)); });
}

const std::string &DropJson::filter(uint32_t id) {
    return cached(filters_, id, [&] { return util::json_string(names_.filter(id)); });
}

void DropJson::append_filters(Writer &out, const Event &event) {
    out.literal(",\"filter\":[");
    for (const uint32_t &id : event.filters) {
        if (&id != event.filters.data()) {
            out.put(',');
        }
        out.text(filter(id));
    }
    out.put(']');
}

void DropJson::append_location(Writer &out, const Event &event) {
    out.literal(",\"location\":");
    if (event.location == 0 && !event.symbol.empty()) {
        out.text(location(event.symbol));
    } else {
        out.text(location(event.location));
    }
}

void DropJson::append_packet(Writer &out, const Event &event, const packet::Packet &packet) {
    out.literal(",\"packet\":{\"dev\":");
    if (event.dev.empty()) {
        out.literal("null");
    } else {
        util::append_json_string(out, event.dev);
    }
    out.literal(",\"ifindex\":");
    append_or_null(out, event.ifindex);
    out.literal(",\"netns\":");
    append_or_null(out, event.netns);
    out.literal(",\"mark\":");
    out.number(event.mark);
    out.literal(",\"len\":");
    out.number(event.len);
    out.put(',');
    append_headers(out, packet);
    if (verbose_) {
        append_bytes(out, event);
    }
    out.put('}');
}

void DropJson::append_stack(Writer &out, const Event &event) {
    out.literal(",\"stack\":[");
    for (const uint64_t &address : event.stack) {
        if (&address != event.stack.data()) {
            out.put(',');
        }
        out.text(location(address));
    }
    out.put(']');
}

void DropJson::append(Writer &out, const Event &event, const packet::Packet &packet) {
    out.literal("{\"schema\":1,\"type\":\"drop\",\"time_ns\":");
    out.number(event.time_ns);
    out.literal(",\"cpu\":");
    out.number(event.cpu);
    append_filters(out, event);
    out.literal(",\"reason\":");
    if (event.reason) {
        out.text(reason(*event.reason));
    } else {
        out.literal("null");
    }
    append_location(out, event);
    append_packet(out, event, packet);
    if (event.skb != 0) {
        out.literal(",\"skb\":\"0x");
        out.hex(event.skb);
        out.put('"');
    }
    if (event.pid) {
        out.literal(",\"pid\":");
        out.number(*event.pid);
        out.literal(",\"comm\":");
        util::append_json_string(out, event.comm);
    }
    if (!event.stack.empty()) {
        append_stack(out, event);
    }
    out.put('}');
}

} // namespace dropctl::render

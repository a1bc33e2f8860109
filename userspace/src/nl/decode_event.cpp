// SPDX-License-Identifier: GPL-2.0-only
// The decoder of drops. It runs once for every event of a stream, so it walks the
// attributes once, in a switch, into an Event whose buffers are used again: no
// table of pointers, no allocation once the buffers have grown.
#include "nl/decode.hpp"

#include <linux/droptrace.h>

namespace dropctl::nl::decode {

namespace {

/// An integer that goes into an optional.
template <typename Integer> bool read(Bytes data, std::optional<Integer> &value) {
    Integer plain{};
    const bool fits = nl::read(data, plain);
    value = plain;
    return fits;
}

using nl::read;

bool read(Bytes data, std::string &value) {
    value.assign(read_string(data));
    return true;
}

bool read(Bytes data, std::vector<uint8_t> &value) {
    value.assign(data.begin(), data.end());
    return true;
}

/// Back to an empty event, keeping the memory.
void reset(Event &event) {
    event.time_ns = 0;
    event.cpu = 0;
    event.skb = 0;
    event.reason.reset();
    event.location = 0;
    event.symbol.clear();
    event.filters.clear();
    event.dev.clear();
    event.ifindex = 0;
    event.netns = 0;
    event.mark = 0;
    event.len = 0;
    event.protocol = 0;
    event.l3_protocol = 0;
    event.vlan_tpid = 0;
    event.vlan_tci = 0;
    event.pkt_type = 0;
    event.l3_offset.reset();
    event.l4_offset.reset();
    event.packet.clear();
    event.pid.reset();
    event.comm.clear();
    event.stack.clear();
}

/// One attribute into its field; false if it is too short. Attributes that are not
/// known are no error. A flat table, longer than other functions.
inline bool field(const Attribute &attribute, Event &out) {
    const Bytes data = attribute.data;
    switch (attribute.type) {
    case DROPTRACE_A_EVENT_TIME_NS:
        return read(data, out.time_ns);
    case DROPTRACE_A_EVENT_CPU:
        return read(data, out.cpu);
    case DROPTRACE_A_EVENT_SKB:
        return read(data, out.skb);
    case DROPTRACE_A_EVENT_REASON:
        return read(data, out.reason);
    case DROPTRACE_A_EVENT_LOCATION:
        return read(data, out.location);
    case DROPTRACE_A_EVENT_SYMBOL:
        return read(data, out.symbol);
    case DROPTRACE_A_EVENT_FILTERS:
        return read_array(data, out.filters);
    case DROPTRACE_A_EVENT_DEV:
        return read(data, out.dev);
    case DROPTRACE_A_EVENT_IFINDEX:
        return read(data, out.ifindex);
    case DROPTRACE_A_EVENT_NETNS:
        return read(data, out.netns);
    case DROPTRACE_A_EVENT_MARK:
        return read(data, out.mark);
    case DROPTRACE_A_EVENT_LEN:
        return read(data, out.len);
    case DROPTRACE_A_EVENT_PROTOCOL:
        return read(data, out.protocol);
    case DROPTRACE_A_EVENT_L3_PROTOCOL:
        return read(data, out.l3_protocol);
    case DROPTRACE_A_EVENT_VLAN_TPID:
        return read(data, out.vlan_tpid);
    case DROPTRACE_A_EVENT_VLAN_TCI:
        return read(data, out.vlan_tci);
    case DROPTRACE_A_EVENT_PKT_TYPE:
        return read(data, out.pkt_type);
    case DROPTRACE_A_EVENT_L3_OFFSET:
        return read(data, out.l3_offset);
    case DROPTRACE_A_EVENT_L4_OFFSET:
        return read(data, out.l4_offset);
    case DROPTRACE_A_EVENT_PACKET:
        return read(data, out.packet);
    case DROPTRACE_A_EVENT_PID:
        return read(data, out.pid);
    case DROPTRACE_A_EVENT_COMM:
        return read(data, out.comm);
    case DROPTRACE_A_EVENT_STACK:
        return read_array(data, out.stack);
    default:
        return true;
    }
}

} // namespace

bool event(Bytes bytes, Event &out) {
    reset(out);
    Attributes attributes(bytes);
    Attribute attribute;
    bool has_cpu = false;
    while (attributes.next(attribute)) {
        if (!field(attribute, out)) {
            return false;
        }
        has_cpu |= attribute.type == DROPTRACE_A_EVENT_CPU;
    }
    // 1970 is no time of a drop, so that 0 means the attribute was not there.
    return !attributes.broken() && has_cpu && out.time_ns != 0;
}

} // namespace dropctl::nl::decode

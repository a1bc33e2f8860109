// SPDX-License-Identifier: GPL-2.0-only
// Decoders of everything but drops: they run a few times a command, and are
// written to be short. Each names its attributes in a switch and, at the end,
// what it cannot do without.
#include "nl/decode.hpp"

#include "nl/each.hpp"

#include <linux/droptrace.h>

namespace dropctl::nl::decode {

namespace {

bool features(Bytes data, Status &out) {
    uint32_t bits = 0;
    const bool fits = read(data, bits);
    out.has_reason = (bits & DROPTRACE_FEATURE_REASON) != 0;
    out.has_rx_sk = (bits & DROPTRACE_FEATURE_RX_SK) != 0;
    out.sees_addresses = (bits & DROPTRACE_FEATURE_ADDRESSES) != 0;
    out.has_points = (bits & DROPTRACE_FEATURE_POINTS) != 0;
    return fits;
}

} // namespace

bool loss(Bytes bytes, Loss &out) {
    out = {};
    return each(bytes, [&out](uint16_t type, Bytes data) {
        switch (type) {
        case DROPTRACE_A_LOSS_RING_FULL:
            return read(data, out.ring_full);
        case DROPTRACE_A_LOSS_UNDELIVERED:
            return read(data, out.undelivered);
        case DROPTRACE_A_LOSS_RECURSION:
            return read(data, out.recursion);
        case DROPTRACE_A_LOSS_RATE_LIMITED:
            return read(data, out.rate_limited);
        case DROPTRACE_A_LOSS_POINT_MISSED:
            return read(data, out.point_missed);
        case DROPTRACE_A_LOSS_NO_CONTEXT:
            return read(data, out.no_context);
        default:
            return true;
        }
    });
}

bool status(Bytes bytes, Status &out) {
    out = {};
    const bool whole = each(bytes, [&out](uint16_t type, Bytes data) {
        switch (type) {
        case DROPTRACE_A_STATUS_MODULE_VERSION:
            return read_text(data, out.module_version);
        case DROPTRACE_A_STATUS_ABI:
            return read(data, out.abi);
        case DROPTRACE_A_STATUS_FEATURES:
            return features(data, out);
        case DROPTRACE_A_STATUS_UPTIME_NS:
            return read(data, out.uptime_ns);
        case DROPTRACE_A_STATUS_PROBE_ARMED:
            return read_flag(data, out.probe_armed);
        case DROPTRACE_A_STATUS_COUNTING:
            return read_flag(data, out.counting);
        case DROPTRACE_A_STATUS_SESSIONS:
            return read(data, out.sessions);
        case DROPTRACE_A_STATUS_FILTERS:
            return read(data, out.filters);
        case DROPTRACE_A_STATUS_OBJECTS:
            return read(data, out.objects);
        case DROPTRACE_A_STATUS_PRODUCED:
            return read(data, out.produced);
        case DROPTRACE_A_STATUS_DELIVERED:
            return read(data, out.delivered);
        case DROPTRACE_A_STATUS_LOSS:
            return loss(data, out.loss);
        default:
            return true;
        }
    });
    return whole && out.abi != 0;
}

// A flat table, longer than other functions.
bool filter(Bytes bytes, Filter &out) {
    out = {};
    const bool whole = each(bytes, [&out](uint16_t type, Bytes data) {
        switch (type) {
        case DROPTRACE_A_FILTER_ID:
            return read(data, out.id);
        case DROPTRACE_A_FILTER_NAME:
            return read_text(data, out.name);
        case DROPTRACE_A_FILTER_EXPR:
            return read_text(data, out.expr);
        case DROPTRACE_A_FILTER_INNER_EXPR:
            return read_text(data, out.inner_expr);
        case DROPTRACE_A_FILTER_DEV:
            return read_text(data, out.dev);
        case DROPTRACE_A_FILTER_NETNS:
            return read(data, out.netns);
        case DROPTRACE_A_FILTER_MARK:
            return read_some(data, out.mark);
        case DROPTRACE_A_FILTER_MARK_MASK:
            return read(data, out.mark_mask);
        case DROPTRACE_A_FILTER_REASONS:
            return read_array(data, out.reasons);
        case DROPTRACE_A_FILTER_FUNCTION:
            return read_text(data, out.function);
        case DROPTRACE_A_FILTER_EXCLUDE:
            return out.exclude = true;
        case DROPTRACE_A_FILTER_OWNED:
            return out.owned = true;
        case DROPTRACE_A_FILTER_SNAPLEN:
            return read_some(data, out.snaplen);
        case DROPTRACE_A_FILTER_RATE:
            return read(data, out.rate);
        case DROPTRACE_A_FILTER_COUNT:
            return read(data, out.count);
        case DROPTRACE_A_FILTER_STALE:
            return out.stale = true;
        case DROPTRACE_A_FILTER_HITS:
            return read(data, out.hits);
        case DROPTRACE_A_FILTER_RATE_LIMITED:
            return read(data, out.rate_limited);
        case DROPTRACE_A_FILTER_ERRORS:
            return read(data, out.errors);
        default:
            return true;
        }
    });
    return whole && out.id != 0;
}

bool session(Bytes bytes, Session &out) {
    out = {};
    const bool whole = each(bytes, [&out](uint16_t type, Bytes data) {
        switch (type) {
        case DROPTRACE_A_SESSION_ID:
            return read(data, out.id);
        case DROPTRACE_A_SESSION_PORTID:
            return read(data, out.portid);
        case DROPTRACE_A_SESSION_PID:
            return read(data, out.pid);
        case DROPTRACE_A_SESSION_COMM:
            return read_text(data, out.comm);
        case DROPTRACE_A_SESSION_RING_SIZE:
            return read(data, out.ring_size);
        case DROPTRACE_A_SESSION_SNAPLEN:
            return read(data, out.snaplen);
        case DROPTRACE_A_SESSION_STACK_DEPTH:
            return read(data, out.stack_depth);
        case DROPTRACE_A_SESSION_FILTERS:
            return read_array(data, out.filters);
        case DROPTRACE_A_SESSION_STREAMING:
            return read_flag(data, out.streaming);
        case DROPTRACE_A_SESSION_PRODUCED:
            return read(data, out.produced);
        case DROPTRACE_A_SESSION_DELIVERED:
            return read(data, out.delivered);
        case DROPTRACE_A_SESSION_LOSS:
            return loss(data, out.loss);
        default:
            return true;
        }
    });
    return whole && out.id != 0;
}

bool session_end(Bytes bytes, SessionEnd &out) {
    out = {};
    const bool whole = each(bytes, [&out](uint16_t type, Bytes data) {
        switch (type) {
        case DROPTRACE_A_SESSION_END_CAUSE:
            return read(data, out.cause);
        case DROPTRACE_A_SESSION_PRODUCED:
            return read(data, out.produced);
        case DROPTRACE_A_SESSION_DELIVERED:
            return read(data, out.delivered);
        case DROPTRACE_A_SESSION_LOSS:
            return loss(data, out.loss);
        default:
            return true;
        }
    });
    return whole && out.cause != 0;
}

bool counter(Bytes bytes, Counter &out, uint64_t &since_ns) {
    out = {};
    return each(bytes, [&out, &since_ns](uint16_t type, Bytes data) {
        switch (type) {
        case DROPTRACE_A_COUNTER_LOCATION:
            return read(data, out.location);
        case DROPTRACE_A_COUNTER_SYMBOL:
            return read_text(data, out.symbol);
        case DROPTRACE_A_COUNTER_REASON:
            return read_some(data, out.reason);
        case DROPTRACE_A_COUNTER_NETNS:
            return read(data, out.netns);
        case DROPTRACE_A_COUNTER_IFINDEX:
            return read(data, out.ifindex);
        case DROPTRACE_A_COUNTER_DEV:
            return read_text(data, out.dev);
        case DROPTRACE_A_COUNTER_PROTOCOL:
            return read(data, out.protocol);
        case DROPTRACE_A_COUNTER_PACKETS:
            return read(data, out.packets);
        case DROPTRACE_A_COUNTER_BYTES:
            return read(data, out.bytes);
        case DROPTRACE_A_COUNTER_OVERFLOW:
            return out.overflow = true;
        case DROPTRACE_A_COUNTER_SINCE_NS:
            return read(data, since_ns);
        default:
            return true;
        }
    });
}

uint32_t filter_id(Bytes bytes) {
    return id_in(bytes, DROPTRACE_A_FILTER_ID);
}

uint32_t session_id(Bytes bytes) {
    return id_in(bytes, DROPTRACE_A_SESSION_ID);
}

} // namespace dropctl::nl::decode

// SPDX-License-Identifier: GPL-2.0-only
// Decoders of traces, points and paths.
#include "nl/decode.hpp"

#include "nl/each.hpp"

#include <linux/droptrace.h>

namespace dropctl::nl::decode {

// A flat table, longer than other functions.
bool trace(Bytes bytes, TraceInfo &out) {
    out = {};
    const bool whole = each(bytes, [&out](uint16_t type, Bytes data) {
        switch (type) {
        case DROPTRACE_A_TRACE_ID:
            return read(data, out.id);
        case DROPTRACE_A_TRACE_NAME:
            return read_text(data, out.name);
        case DROPTRACE_A_TRACE_FILTERS:
            return read_array(data, out.filters);
        case DROPTRACE_A_TRACE_OWNED:
            out.owned = true;
            return true;
        case DROPTRACE_A_TRACE_SPEC:
            return read_text(data, out.spec);
        case DROPTRACE_A_TRACE_EXPIRE:
            return read(data, out.expire);
        case DROPTRACE_A_TRACE_AGE_NS:
            return read(data, out.age_ns);
        case DROPTRACE_A_TRACE_LIVE:
            return read_flag(data, out.live);
        case DROPTRACE_A_TRACE_PASSING:
            return read(data, out.passing);
        case DROPTRACE_A_TRACE_PATH_SIZE:
            return read(data, out.path_size);
        case DROPTRACE_A_TRACE_NR_POINTS:
            return read(data, out.points);
        case DROPTRACE_A_TRACE_NR_ARMED:
            return read(data, out.armed);
        case DROPTRACE_A_TRACE_NR_OPTIMIZED:
            return read(data, out.optimized);
        case DROPTRACE_A_TRACE_HITS:
            return read(data, out.hits);
        case DROPTRACE_A_TRACE_MISSED:
            return read(data, out.missed);
        case DROPTRACE_A_TRACE_OPENED:
            return read(data, out.opened);
        case DROPTRACE_A_TRACE_KEPT:
            return read(data, out.kept);
        case DROPTRACE_A_TRACE_TRUNCATED:
            return read(data, out.truncated);
        case DROPTRACE_A_TRACE_NO_CONTEXT:
            return read(data, out.no_context);
        default:
            return true;
        }
    });
    return whole && out.id != 0;
}

bool point(Bytes bytes, PointInfo &out) {
    out = {};
    const bool whole = each(bytes, [&out](uint16_t type, Bytes data) {
        uint32_t error = 0;
        switch (type) {
        case DROPTRACE_A_POINT_TRACE:
            return read(data, out.trace);
        case DROPTRACE_A_POINT_INDEX:
            return read(data, out.index);
        case DROPTRACE_A_POINT_ADDRESS:
            return read(data, out.address);
        case DROPTRACE_A_POINT_KIND:
            return read(data, out.kind);
        case DROPTRACE_A_POINT_STATE:
            return read(data, out.state);
        case DROPTRACE_A_POINT_OPTIMIZED:
            return read_flag(data, out.optimized);
        case DROPTRACE_A_POINT_ERROR:
            if (!read(data, error)) {
                return false;
            }
            out.error = static_cast<int>(error);
            return true;
        case DROPTRACE_A_POINT_HITS:
            return read(data, out.hits);
        case DROPTRACE_A_POINT_MISSED:
            return read(data, out.missed);
        default:
            return true;
        }
    });
    return whole && out.trace != 0;
}

bool path(Bytes bytes, PathChunk &out) {
    out.trace = 0;
    out.context = 0;
    out.chunk = 0;
    out.flags = 0;
    out.packet.reset();
    out.steps.clear();
    const bool whole = each(bytes, [&out](uint16_t type, Bytes data) {
        switch (type) {
        case DROPTRACE_A_PATH_TRACE:
            return read(data, out.trace);
        case DROPTRACE_A_PATH_CONTEXT:
            return read(data, out.context);
        case DROPTRACE_A_PATH_CHUNK:
            return read(data, out.chunk);
        case DROPTRACE_A_PATH_FLAGS:
            return read(data, out.flags);
        case DROPTRACE_A_PATH_TIME_NS:
            return read(data, out.time_ns);
        case DROPTRACE_A_PATH_EVENT:
            return packet(data, out.packet.emplace());
        case DROPTRACE_A_PATH_STEPS:
            out.steps.assign(data.begin(), data.end());
            return true;
        default:
            return true;
        }
    });
    return whole && out.trace != 0 && out.context != 0;
}

bool gone(Bytes bytes, PointsGone &out) {
    return each(bytes, [&out](uint16_t type, Bytes data) {
        switch (type) {
        case DROPTRACE_A_TRACE_ID:
            return read(data, out.trace);
        case DROPTRACE_A_TRACE_MODULE:
            return read_text(data, out.module);
        case DROPTRACE_A_TRACE_NR_POINTS:
            return read(data, out.points);
        default:
            return true;
        }
    });
}

bool refusals(Bytes bytes, std::vector<PointRefusal> &out) {
    return each(bytes, [&out](uint16_t type, Bytes data) {
        if (type != DROPTRACE_A_TRACE_REFUSED) {
            return true;
        }
        if (data.size() % sizeof(droptrace_refusal) != 0) {
            return false;
        }
        for (size_t at = 0; at < data.size(); at += sizeof(droptrace_refusal)) {
            droptrace_refusal refusal{};
            std::memcpy(&refusal, data.data() + at, sizeof(refusal));
            out.push_back(
                {.point = refusal.point, .error = refusal.error, .reason = refusal.reason});
        }
        return true;
    });
}

uint32_t trace_id(Bytes bytes) {
    return id_in(bytes, DROPTRACE_A_TRACE_ID);
}

} // namespace dropctl::nl::decode

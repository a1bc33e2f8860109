// SPDX-License-Identifier: GPL-2.0-only
// Traces as passive values: what the module is asked to follow, and what it said
// of a packet's way. The structures of the interface itself (frames, points,
// instructions) are those of <linux/droptrace.h>.
#pragma once

#include "model.hpp"

#include <linux/droptrace.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dropctl {

using FetchProgram = std::vector<droptrace_insn>;

/// A trace, as asked for.
struct TraceRequest {
    std::string name;              ///< empty: none
    std::vector<uint32_t> filters; ///< ids; empty: every packet
    bool owned = true;             ///< goes with the socket
    uint32_t passing = 0;          ///< paths to keep of packets not dropped, UINT32_MAX: all
    uint32_t path_size = 0;        ///< bytes kept of a path, 0: the module's default
    std::string spec;              ///< kept with it, for whoever lists it
    uint32_t expire = 0;           ///< seconds after which it goes, 0: never
    bool traps = false;            ///< armed and disarmed at once, for hits that cost more
    std::optional<uint32_t> snaplen;
};

/// Functions, places in them and programs, each numbered from 0 in the order in which
/// they are added to a trace.
struct TracePoints {
    std::vector<droptrace_frame> frames;
    std::vector<droptrace_point> points;
    std::vector<FetchProgram> programs;
};

/// A point that could not be armed.
struct PointRefusal {
    uint32_t point = 0;
    int error = 0;       ///< errno
    uint32_t reason = 0; ///< enum droptrace_refusal_reason
};

/// A trace, as listed.
struct TraceInfo {
    uint32_t id = 0;
    std::string name;
    std::vector<uint32_t> filters;
    bool owned = false;
    bool live = false;
    uint32_t passing = 0;
    uint32_t path_size = 0; ///< bytes
    std::string spec;       ///< as asked for; means nothing to the module
    uint32_t expire = 0;    ///< seconds after it was added, 0: never
    uint64_t age_ns = 0;
    uint32_t points = 0;
    uint32_t armed = 0;
    uint32_t optimized = 0;
    uint64_t hits = 0;
    uint64_t missed = 0;
    uint64_t opened = 0; ///< contexts
    uint64_t kept = 0;   ///< ... whose paths were recorded
    uint64_t truncated = 0;
    uint64_t no_context = 0; ///< packets for which there was no context to be had
};

/// A point, as listed.
struct PointInfo {
    uint32_t trace = 0;
    uint32_t index = 0;
    uint64_t address = 0;
    uint8_t kind = 0;  ///< enum droptrace_point_kind
    uint8_t state = 0; ///< enum droptrace_point_state
    bool optimized = false;
    int error = 0; ///< errno
    uint64_t hits = 0;
    uint64_t missed = 0;
};

/// A part of a path. Reused by the decoder for the next one.
struct PathChunk {
    uint32_t trace = 0;
    uint64_t context = 0;
    uint32_t chunk = 0;          ///< 0, 1, ...
    uint32_t flags = 0;          ///< enum droptrace_path_flag
    uint64_t time_ns = 0;        ///< CLOCK_REALTIME
    std::optional<Event> packet; ///< when the context opened; in the first chunk
    std::vector<uint8_t> steps;
};

/// Points that went away with the module they were in.
struct PointsGone {
    uint32_t trace = 0;
    std::string module;
    uint32_t points = 0;
};

} // namespace dropctl

// SPDX-License-Identifier: GPL-2.0-only
// What a trace is made of: which functions, which points in each, which values there.
// Made once, kept while the trace runs, since steps name points by their number.
#pragma once

#include "code/function.hpp"
#include "code/placement.hpp"
#include "trace_model.hpp"
#include "values/compile.hpp"
#include "values/packet_argument.hpp"
#include "values/prototype.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dropctl::trace {

/// A function of a plan; its place in Plan::functions is the number of its frame.
struct PlannedFunction {
    code::Function code;
    code::Placement placement;
    values::Prototype prototype;
    std::optional<values::PacketArgument> packet;
    bool root = false;        ///< packets are looked for at its entry
    bool bare = false;        ///< nothing is known of it but where its points are
    bool carrier = false;     ///< only where a packet begins and ends: its lines are not asked for
    uint16_t first_point = 0; ///< number of its first point in the trace
};

/// A function and one of the points chosen in it.
struct PointOrigin {
    uint16_t frame = 0;
    uint32_t index = 0; ///< in its placement
};

struct Plan {
    std::vector<PlannedFunction> functions;
    TracePoints points;
    std::vector<PointOrigin> origins;             ///< by number of the point
    std::vector<uint16_t> frame_of;               ///< the same, frame alone
    std::vector<std::vector<values::Item>> items; ///< of the program of each point
    std::vector<std::string> notes;               ///< what could not be done as asked, and why

    [[nodiscard]] const code::Point &point(uint16_t number) const {
        const PointOrigin &origin = origins[number];
        return functions[origin.frame].placement.points[origin.index];
    }
    [[nodiscard]] const PlannedFunction &function_of(uint16_t number) const {
        return functions[origins[number].frame];
    }
};

} // namespace dropctl::trace

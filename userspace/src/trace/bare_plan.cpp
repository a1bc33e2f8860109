// SPDX-License-Identifier: GPL-2.0-only
#include "trace/bare_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::trace {

namespace {

PlannedFunction bare_function(const Location &place, uint64_t address, values::Types &types) {
    PlannedFunction function;
    function.bare = true;
    function.code.address = address - place.offset;
    function.code.symbol = place.symbol;
    function.code.function = place.symbol.substr(0, place.symbol.find('.'));
    function.code.module = place.module;
    if (place.symbol.empty()) { // its module has gone
        function.code.symbol = function.code.function = fmt::format("{:#x}", address);
        return function;
    }
    const values::Place nowhere{
        .image = {}, .module = place.module, .address = function.code.address};
    function.prototype = values::prototype_of(types, nowhere, place.symbol);
    return function;
}

/// The function in a plan of which a point is a part (its .cold part, too).
size_t frame_of(const PlannedFunction &function, Plan &plan) {
    const auto same = [&function](const PlannedFunction &other) {
        return other.code.function == function.code.function &&
               other.code.module == function.code.module;
    };
    const auto found = std::find_if(plan.functions.begin(), plan.functions.end(), same);
    if (found != plan.functions.end()) {
        return static_cast<size_t>(found - plan.functions.begin());
    }
    plan.functions.push_back(function);
    return plan.functions.size() - 1;
}

code::PointKind kind_of(const PointInfo &point) {
    return point.kind == DROPTRACE_POINT_ENTRY  ? code::PointKind::Entry
           : point.kind == DROPTRACE_POINT_EXIT ? code::PointKind::Exit
                                                : code::PointKind::Block;
}

} // namespace

Plan bare_plan(const std::vector<PointInfo> &points, values::Types &types, const PlaceNamer &name) {
    Plan plan;
    for (const PointInfo &point : points) {
        const size_t frame =
            frame_of(bare_function(name(point.address), point.address, types), plan);
        auto &chosen = plan.functions[frame].placement.points;
        plan.origins.push_back(
            {.frame = static_cast<uint16_t>(frame), .index = static_cast<uint32_t>(chosen.size())});
        plan.frame_of.push_back(static_cast<uint16_t>(frame));
        code::Point at;
        at.address = point.address;
        at.kind = kind_of(point);
        chosen.push_back(at);
    }
    plan.items.resize(points.size());
    return plan;
}

bool same_points(const Plan &plan, const std::vector<PointInfo> &points) {
    return std::equal(plan.points.points.begin(), plan.points.points.end(), points.begin(),
                      points.end(), [](const droptrace_point &planned, const PointInfo &has) {
                          return planned.address == has.address && planned.kind == has.kind;
                      });
}

} // namespace dropctl::trace

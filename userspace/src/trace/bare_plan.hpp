// SPDX-License-Identifier: GPL-2.0-only
// What can be told of a trace whose plan is not to be had any more: which functions its
// points lie in and where, what is returned, but no line.
#pragma once

#include "trace/plan.hpp"
#include "values/types.hpp"

#include <functional>
#include <vector>

namespace dropctl::trace {

/// The place of an address; an empty symbol: nothing is known of it.
using PlaceNamer = std::function<Location(uint64_t address)>;

/// @param points of the trace, in the order of their numbers
/// @param types outlives the plan
Plan bare_plan(const std::vector<PointInfo> &points, values::Types &types, const PlaceNamer &name);

/// A plan has its points just where the module has those of the trace.
bool same_points(const Plan &plan, const std::vector<PointInfo> &points);

} // namespace dropctl::trace

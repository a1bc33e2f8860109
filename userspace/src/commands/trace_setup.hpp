// SPDX-License-Identifier: GPL-2.0-only
// Sets a trace up in the module: plan, points, arming. What the kernel refuses to probe
// is planned around, as far as that goes, and told.
#pragma once

#include "nl/client.hpp"
#include "trace/planner.hpp"
#include "util/result.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace dropctl::commands {

/// A trace that is armed.
struct ArmedTrace {
    uint32_t id = 0;
    trace::Plan plan;
    std::vector<PointRefusal> refusals; ///< points of the plan that are not armed
};

/// What is to be kept with a trace that does without some addresses.
using SpecWriter = std::function<std::string(const std::set<uint64_t> &refused)>;

/// The plan is made anew, without them, where points are refused, since others may then
/// be needed to tell ways apart.
Result<ArmedTrace> arm_trace(nl::Client &client, trace::Planner &planner,
                             const TraceRequest &request, const SpecWriter &spec = {});

/// "net/ipv4/ip_input.c:381 (static branch)", for a point that was refused.
std::string refusal_text(const trace::Plan &plan, const PointRefusal &refusal);

} // namespace dropctl::commands

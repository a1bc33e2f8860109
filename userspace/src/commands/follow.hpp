// SPDX-License-Identifier: GPL-2.0-only
// What the FUNC words of trace and add-probe mean: the functions to be followed, what
// they call if that is asked for, and the functions around them that carry the packet
// where they have none themselves.
#pragma once

#include "cli.hpp"
#include "trace/planner.hpp"
#include "util/result.hpp"

#include <string>
#include <vector>

namespace dropctl::commands {

/// An error if this kernel, or what this process may see of it, allows no points.
Result<void> check_points(const Status &status);

/// Add to a planner what `options` ask for, values included. `notes`: what could not be followed as
/// asked and is left out; for stderr.
Result<void> add_functions(const FollowOptions &options, code::KernelCode &code,
                           trace::Planner &planner, std::vector<std::string> &notes);

} // namespace dropctl::commands

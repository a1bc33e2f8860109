// SPDX-License-Identifier: GPL-2.0-only
// The lines and calls of one invocation: its hits to a path of blocks, each block to the
// lines it has, calls with what they returned.
#pragma once

#include "trace/invocations.hpp"
#include "trace/plan.hpp"
#include "trace/report.hpp"
#include "values/types.hpp"

#include <vector>

namespace dropctl::trace {

/// A followed function that an invocation called.
struct FollowedCall {
    size_t frame = 0;         ///< index into ReportedPath::frames
    uint64_t entry = 0;       ///< of the function called
    size_t caller_passed = 0; ///< hits of the caller before it
    std::optional<uint64_t> retval;
};

/// Add items, values and doubts to `frame`. `drops`: where the packet was freed
/// (return addresses), if that was in this invocation.
void add_lines(const PlannedFunction &function, const Plan &plan, const Invocation &invocation,
               const std::vector<FollowedCall> &calls, const std::vector<uint64_t> &drops,
               values::Types &types, const values::SymbolNamer &symbol, ReportedFrame &frame);

/// Put repetitions of the same lines together: a loop is shown once, with counts.
void fold(std::vector<ReportedItem> &items);

} // namespace dropctl::trace

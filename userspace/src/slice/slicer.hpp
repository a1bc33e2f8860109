// SPDX-License-Identifier: GPL-2.0-only
// From the recorded way of a dropped packet to the statement that decided.
//
//   Execution -> Dataflow (every value of the run, forwards) -> criteria, backwards
//
// The criterion begins as "the packet was freed here" and changes at each step:
// a test that could have avoided it; the value that was tested; the function that
// returned it; the constant that was set, and again the test that led there.
#pragma once

#include "slice/answer.hpp"
#include "slice/execution.hpp"
#include "slice/knowledge.hpp"

#include <cstddef>

namespace dropctl::slice {

struct SliceLimits {
    size_t steps = 64;            ///< of the chain
    size_t instructions = 400000; ///< of the whole execution
    size_t also = 4;
};

/// Find what decided. Never fails: an answer may be empty, and says how it ended.
Answer slice(const Execution &execution, const Knowledge &knowledge = Knowledge(),
             const SliceLimits &limits = {});

} // namespace dropctl::slice

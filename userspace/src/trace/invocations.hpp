// SPDX-License-Identifier: GPL-2.0-only
// The calls of traced functions in a path, out of its steps: who called whom, which
// packet each worked on, which of its points it passed.
#pragma once

#include "trace/assembler.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace dropctl::trace {

/// A point that an invocation passed.
struct Passed {
    uint16_t point = 0;
    size_t step = 0; ///< in the path
    std::optional<uint64_t> reg;
};

/// A value that was read at a point.
struct ReadValue {
    uint16_t point = 0;
    uint16_t item = 0;
    uint16_t status = 0; ///< enum droptrace_value_status
    size_t passed = 0;   ///< index into Invocation::passed of the point it was read at
    std::vector<uint8_t> bytes;
};

/// One call of a traced function.
struct Invocation {
    uint16_t frame = 0;           ///< of the trace
    uint32_t depth = 0;           ///< traced functions around it
    std::optional<size_t> caller; ///< index of the innermost traced one
    size_t caller_passed = 0;     ///< points the caller had passed by then
    uint64_t skb = 0;             ///< its packet, or that of the function around it
    bool own_packet = false;      ///< it has one of its own
    uint64_t sp = 0;
    uint32_t delta_ns = 0;
    std::array<uint64_t, 6> args{};
    std::vector<Passed> passed;
    std::vector<ReadValue> values;
    bool ended = false;             ///< its exit was seen
    std::optional<uint64_t> retval; ///< as kept at the exit
    std::vector<size_t> drops;      ///< steps of drops while it was the innermost
};

/// @param frames frame of each point of the trace
std::vector<Invocation> invocations(const std::vector<Step> &steps,
                                    const std::vector<uint16_t> &frames);

} // namespace dropctl::trace

// SPDX-License-Identifier: GPL-2.0-only
// The steps of a path as the module recorded them, out of their bytes. Bounds-checked:
// any bytes may come in.
#pragma once

#include "trace_model.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace dropctl::trace {

/// One step. Which members mean something depends on its kind.
struct Step {
    uint16_t point = 0;
    droptrace_step_kind kind = DROPTRACE_STEP_BLOCK;

    uint64_t skb = 0;               ///< ENTER: the function's own packet, 0: none; DROP
    uint64_t sp = 0;                ///< ENTER: the stack pointer, at the return address
    uint32_t delta_ns = 0;          ///< ENTER: since the context was opened
    std::array<uint64_t, 6> args{}; ///< ENTER: registers of the arguments
    std::optional<uint64_t> reg;    ///< BLOCK, EXIT: the register that the point keeps
    uint16_t item = 0;              ///< VALUE: which
    uint16_t status = 0;            ///< VALUE: enum droptrace_value_status
    std::vector<uint8_t> bytes;     ///< VALUE
    uint64_t location = 0;          ///< DROP: return address
    uint32_t reason = 0;            ///< DROP: the running kernel's number
};

/// False if the bytes make no sense; what was read before that stays in `steps`.
bool read_steps(std::span<const uint8_t> bytes, std::vector<Step> &steps);

} // namespace dropctl::trace

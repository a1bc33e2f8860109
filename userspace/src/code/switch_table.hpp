// SPDX-License-Identifier: GPL-2.0-only
// Where an indirect jump through a table of addresses leads (a switch statement,
// in kernels without retpolines).
#pragma once

#include "code/code_bytes.hpp"
#include "code/decoder.hpp"

#include <optional>
#include <vector>

namespace dropctl::code {

struct SwitchTargets {
    std::vector<uint64_t> targets; ///< each once
    bool complete = false;         ///< the test of the bound was found as well
};

/// `before`: instructions in front of the jump, in order, the jump last. Nothing
/// if it is no jump through a table.
std::optional<SwitchTargets> switch_targets(CodeView &view, const CodeBytes &bytes,
                                            Decoder &decoder, std::span<const Instruction> before);

} // namespace dropctl::code

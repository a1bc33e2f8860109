// SPDX-License-Identifier: GPL-2.0-only
// Tests for zero right behind a call: which way is taken says whether 0 was returned.
#pragma once

#include "code/cfg.hpp"

#include <optional>

namespace dropctl::code {

/// `test %eax,%eax` and a jump, alone in the block behind a call, or behind what leaves
/// the value where it is.
struct ZeroTest {
    uint32_t call = no_index;
    BlockIndex block = no_index; ///< which ends in the test; only the call leads to it
    BlockIndex zero = no_index;  ///< where it goes if 0 was returned
    BlockIndex other = no_index; ///< if not
    uint8_t bytes = 8;           ///< that were tested
};

/// The test behind a call; nothing if there is none, or of another kind.
std::optional<ZeroTest> zero_test(const Cfg &cfg, uint32_t call);

} // namespace dropctl::code

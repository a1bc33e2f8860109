// SPDX-License-Identifier: GPL-2.0-only
// Where a returned value can be read: by a point behind a call, and by a point
// before the end of a function.
#pragma once

#include "code/cfg.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace dropctl::code {

/// At this instruction, before it runs, this register has the value; or, without
/// one, the value is known by having come here.
struct ValuePlace {
    uint64_t address = 0;
    BlockIndex block = no_index;
    Register reg = no_register;
    uint8_t bytes = 8;  ///< that are kept: 4 for a copy of eax
    bool always = true; ///< every way from the call leads here
    std::optional<int64_t> constant;
    bool optimisable = false; ///< the kernel can put a jump there
};

/// Places where what a call returned can be read, best first: those that every way
/// from the call leads to, of these the ones that can be jump-optimised, then by
/// address. All but those in the block right behind the call are in blocks that can
/// only be reached through it. None for calls that do not return here.
std::vector<ValuePlace> return_value_places(const Cfg &cfg, const Call &call);

/// The same for what the function itself returns, in an exit block; a constant where
/// the block sets it. For a tail call places with neither: what it returns is not
/// known here.
std::vector<ValuePlace> exit_value_places(const Cfg &cfg, const Block &block);

/// The kernel can put a jump in place of the instructions from `address` on, as
/// far as the code shows: five bytes that can run elsewhere and into which
/// nothing jumps. Probes elsewhere use a trap, three times as dear.
bool is_optimisable(const Cfg &cfg, uint64_t address);
/// Bytes that such a jump at `address` would take the place of, 0: none can be put there.
uint64_t optimised_length(const Cfg &cfg, uint64_t address);

/// The kernel rewrites this instruction itself, so nothing else is to be put there.
bool is_reserved(const Cfg &cfg, const Instruction &instruction);

} // namespace dropctl::code

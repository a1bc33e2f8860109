// SPDX-License-Identifier: GPL-2.0-only
// Which argument of a function is the packet, or leads to it, and the program that
// reads it at the function's entry.
#pragma once

#include "util/result.hpp"
#include "values/types.hpp"

#include <linux/droptrace.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::values {

struct PacketArgument {
    std::vector<droptrace_insn> program; ///< yields the packet in register 0
    uint32_t frame_flags = 0;            ///< DROPTRACE_FRAME_LIST where it is a list
    unsigned argument = 0;               ///< from 0, as the source counts
    std::string path;                    ///< "skb", "*pskb", "pkt->skb", "head"
};

/// Find the packet among the arguments of the function that begins at `entry`; nothing
/// if it has none that could be read. `symbol` as for prototype_of().
std::optional<PacketArgument> find_packet_argument(Types &types, const Place &entry,
                                                   std::string_view symbol);

/// The packet is argument `number`, from 1, or what it leads to; an Error says why not.
/// Without any type information it is taken as struct sk_buff *.
Result<PacketArgument> given_packet_argument(Types &types, const Place &entry,
                                             std::string_view symbol, unsigned number);

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
// Makes a program shorter and its way to a verdict too. libpcap's own optimiser
// cannot be used: it would fold the loads that the rewriting has to recognise.
#pragma once

#include "filter/graph.hpp"

namespace dropctl::filter {

/// Same verdict for every packet, with fewer instructions. A load that may end
/// the program is only left out where the same one has gone well before.
void shorten(Graph &graph);

/// What is in a register or memory cell, as far as it has a name: equal names
/// mean equal contents.
struct Name {
    enum class Kind : uint8_t { Unknown, Constant, Load };

    Kind kind = Kind::Unknown;
    uint16_t code = 0; ///< of a Load, which is by fixed offset
    uint32_t k = 0;    ///< the constant, the load's offset, or a number of its own
    bool operator==(const Name &) const = default;
    auto operator<=>(const Name &) const = default; // NOLINT(modernize-use-nullptr): clang-tidy 14
};

/// Forward: constants, copies, repeated loads. Returns, for every block, what a
/// comparison at its end finds in A.
std::vector<Name> propagate(Graph &graph);

/// Registers and memory cells as a set of bits: A, X, M[0], ...
using Live = uint32_t;
constexpr Live live_a = 1;
constexpr Live live_x = 2;

/// What is needed on entry to each block.
std::vector<Live> find_live(const Graph &graph);

/// Backward: leave out what is computed and not needed.
void drop_dead(Graph &graph);

/// Lead an edge past a comparison whose outcome is known there.
/// @param tested from propagate()
void skip_decided(Graph &graph, const std::vector<Name> &tested);

} // namespace dropctl::filter

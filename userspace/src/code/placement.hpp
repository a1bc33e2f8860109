// SPDX-License-Identifier: GPL-2.0-only
// Chooses the points of a function: as few as leave no doubt about the way that
// was taken between two of them. The argument is in docs/points.md.
#pragma once

#include "code/function.hpp"
#include "code/return_values.hpp"
#include "code/zero_test.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace dropctl::code {

enum class PointKind : uint8_t { Entry, Block, Exit };

/// A place to probe.
struct Point {
    uint64_t address = 0;
    BlockIndex block = no_index;
    PointKind kind = PointKind::Block;
    Register reg = no_register; ///< to be kept: a returned value
    uint8_t reg_bytes = 8;      ///< of it that are meaningful
    /// Whose value `reg` is: of the last one made of these. None: the function's own.
    std::vector<uint32_t> calls;
    std::optional<int64_t> constant; ///< of exits without `reg`: what is returned here
    bool optimisable = false;
    int16_t sp_offset = 0; ///< of entries: from rsp up to the return address

    /// It reads what this call returned.
    [[nodiscard]] bool reads(uint32_t call) const {
        return std::find(calls.begin(), calls.end(), call) != calls.end();
    }
};

/// What is wanted besides the path.
struct PlacementWishes {
    std::vector<uint64_t> addresses; ///< points at these very instructions
    std::vector<BlockIndex> blocks;  ///< a point somewhere in each of these
    std::vector<uint32_t> calls;     ///< whose returned values are to be read
    std::set<uint64_t> refused;      ///< addresses that cannot be probed
    bool every_block = false;        ///< no sparing
};

struct Placement {
    /// By address; the entry first. One address has one point.
    std::vector<Point> points;
    /// Blocks in which nothing can be probed, so that whether they ran is not always known.
    std::vector<BlockIndex> blind;
    /// Pairs of probed blocks (or the entry, or no_index for the end) between
    /// which the way is in doubt, because of blind blocks. Empty: never in doubt.
    std::vector<std::pair<BlockIndex, BlockIndex>> doubtful;
    /// Wanted calls that have no point where they returned 0: the way says so.
    std::vector<ZeroTest> tests;
    std::vector<uint32_t> unreadable; ///< wanted calls whose value can be read nowhere
    std::vector<uint64_t> unplaced;   ///< wanted addresses that are refused, or no instructions

    /// A block has a point.
    [[nodiscard]] bool probed(BlockIndex block) const;
    /// The test that tells whether this call returned 0; null if points tell.
    [[nodiscard]] const ZeroTest *test_of(uint32_t call) const;
};

/// Choose points for a function.
Placement place_points(const Function &function, const PlacementWishes &wishes = {});

/// The heart of it, on a bare graph: which nodes to observe so that the walk of
/// any run from `entry` to an exit follows from the observed nodes in their
/// order. `allowed`: nodes that can be observed; `kept`: those that shall be;
/// entry and exit are seen in any case. `cost` orders those to do without first.
std::vector<bool> choose_nodes(const Graph &graph, Node entry, const std::vector<Node> &exits,
                               const std::vector<bool> &allowed, const std::vector<bool> &kept,
                               const std::vector<uint32_t> &cost);

/// Pairs of observed nodes (no_node: the end) between which several ways lead
/// through nodes that are not observed.
std::vector<std::pair<Node, Node>> doubtful_pairs(const Graph &graph, Node entry,
                                                  const std::vector<Node> &exits,
                                                  const std::vector<bool> &observed);

/// The graph with one node more, to which every exit leads: the end.
Graph with_end(const Graph &graph, const std::vector<Node> &exits);

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// From the points that one frame hit to the blocks that it ran through. Never
// guesses: where two ways fit, or none, the path says so and goes on behind it.
#pragma once

#include "code/graph.hpp"
#include "code/placement.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace dropctl::code {

/// How a block follows the one before it on a path.
enum class Join : uint8_t {
    Edge,       ///< by an edge of the graph; the first block: it is the entry
    Ambiguous,  ///< several ways lead here, and nothing tells which
    Impossible, ///< none does: a hit was missed, or the code is not what it was
};

struct PathStep {
    BlockIndex block = no_index;
    Join join = Join::Edge;
    uint32_t first_hit = no_index; ///< index of its first hit, none: inferred
    uint32_t hits = 0;             ///< points hit in it
};

struct BlockPath {
    std::vector<PathStep> steps;
    bool complete = false; ///< the frame's end is known, and reached
    Join end = Join::Edge; ///< how the end follows the last block
    bool certain = true;   ///< no join but edges

    [[nodiscard]] std::vector<BlockIndex> blocks() const;
};

/// What is known of a frame's end.
struct FrameEnd {
    bool ended = true; ///< the function was left; false: the record stops in its midst
    /// Of the instruction where it was when the record stopped, from a stack or a
    /// callee's frame (for a return address: the byte before it).
    std::optional<uint64_t> address;
};

class Reconstruction {
  public:
    /// Points of `placement` are meant by their index in it.
    Reconstruction(const Function &function, const Placement &placement);
    /// The same on a graph of which `observed` nodes are seen; hits are nodes.
    Reconstruction(const Graph &graph, Node entry, const std::vector<Node> &exits,
                   std::vector<bool> observed);

    /// The path of a frame that was entered and then hit these points, the entry's
    /// own hit included or not.
    [[nodiscard]] BlockPath path(std::span<const uint32_t> hits, const FrameEnd &end = {}) const;

  private:
    /// One run through a block, and its hits.
    struct Visit {
        BlockIndex block = no_index;
        uint32_t first_hit = 0;
        uint32_t hits = 0;
    };
    [[nodiscard]] std::vector<Visit> visits(std::span<const uint32_t> hits) const;
    Join bridge(Node from, Node to, BlockPath &path) const;
    void finish(const FrameEnd &end, BlockPath &path) const;
    [[nodiscard]] BlockIndex block_at(uint64_t address) const;

    Graph graph_; ///< with one node more, behind all exits
    Node entry_ = 0;
    std::vector<bool> observed_;
    std::vector<BlockIndex> block_of_; ///< of each point
    std::vector<uint64_t> order_;      ///< of each point: grows within a block
    std::vector<Range> blocks_;        ///< empty: a bare graph
};

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// Between two observed blocks the way is found by looking at what is not observed
// only: the nodes that the first reaches and that reach the second. Where each of
// them has one successor among them there is one way.
#include "code/reconstruction.hpp"

#include <algorithm>
#include <utility>

namespace dropctl::code {

Reconstruction::Reconstruction(const Function &function, const Placement &placement)
    : graph_(with_end(function.cfg.graph(), function.cfg.exits())), entry_(function.cfg.entry),
      observed_(graph_.size()) {
    for (const Point &point : placement.points) {
        observed_[point.block] = true;
        block_of_.push_back(point.block);
        order_.push_back(point.address);
    }
    for (const Block &block : function.cfg.blocks) {
        blocks_.push_back({block.start, block.end});
    }
    observed_[entry_] = true;
    observed_.back() = true;
}

Reconstruction::Reconstruction(const Graph &graph, Node entry, const std::vector<Node> &exits,
                               std::vector<bool> observed)
    : graph_(with_end(graph, exits)), entry_(entry), observed_(std::move(observed)) {
    for (Node node = 0; node < graph.size(); node++) {
        block_of_.push_back(node);
        order_.push_back(0);
    }
    observed_[entry_] = true;
    observed_.push_back(true);
}

/// A block's points are hit in their order, so one that is not behind the last is of
/// the next run.
std::vector<Reconstruction::Visit> Reconstruction::visits(std::span<const uint32_t> hits) const {
    std::vector<Visit> found;
    for (uint32_t i = 0; i < hits.size(); i++) {
        if (hits[i] >= block_of_.size()) {
            continue; // a point of another function
        }
        const BlockIndex block = block_of_[hits[i]];
        const bool same =
            !found.empty() && found.back().block == block && order_[hits[i]] > order_[hits[i - 1]];
        if (same) {
            found.back().hits++;
        } else {
            found.push_back({.block = block, .first_hit = i, .hits = 1});
        }
    }
    return found;
}

BlockPath Reconstruction::path(std::span<const uint32_t> hits, const FrameEnd &end) const {
    BlockPath path;
    path.steps.push_back({.block = entry_});
    bool first = true;
    for (const Visit &visit : visits(hits)) {
        Join join = Join::Edge;
        if (!first || visit.block != entry_) {
            join = bridge(path.steps.back().block, visit.block, path);
            path.steps.push_back({.block = visit.block, .join = join});
        }
        path.certain = path.certain && join == Join::Edge;
        path.steps.back().first_hit = visit.first_hit;
        path.steps.back().hits = visit.hits;
        first = false;
    }
    finish(end, path);
    return path;
}

/// Append what lies between two blocks, if there is one way from one to the other.
Join Reconstruction::bridge(Node from, Node to, BlockPath &path) const {
    std::vector<bool> reaches(graph_.size()); // `to`, through what is not observed
    std::vector<Node> open{to};
    while (!open.empty()) {
        const Node node = open.back();
        open.pop_back();
        for (const Node before : graph_.predecessors(node)) {
            if (!reaches[before] && !observed_[before] && before != to) {
                reaches[before] = true;
                open.push_back(before);
            }
        }
    }
    const size_t known = path.steps.size();
    for (Node node = from;;) {
        Node next = no_node;
        for (const Node successor : graph_.successors(node)) {
            if (successor != to && !reaches[successor]) {
                continue;
            }
            if (next != no_node) {
                path.steps.resize(known);
                return Join::Ambiguous;
            }
            next = successor;
        }
        if (next == no_node || next == to) {
            return next == to ? Join::Edge : Join::Impossible;
        }
        path.steps.push_back({.block = next});
        node = next;
    }
}

void Reconstruction::finish(const FrameEnd &end, BlockPath &path) const {
    const BlockIndex last = path.steps.back().block;
    if (end.ended) {
        const auto behind = static_cast<Node>(graph_.size() - 1);
        path.end = bridge(last, behind, path);
        path.complete = path.end == Join::Edge;
    } else if (end.address) {
        const BlockIndex block = block_at(*end.address);
        path.complete = block == last;
        if (block != no_index && block != last) {
            path.end = bridge(last, block, path);
            path.steps.push_back({.block = block, .join = path.end});
            path.complete = path.end == Join::Edge;
        }
    }
    path.certain = path.certain && path.end == Join::Edge;
}

BlockIndex Reconstruction::block_at(uint64_t address) const {
    const auto found = std::find_if(blocks_.begin(), blocks_.end(),
                                    [&](const Range &range) { return range.holds(address); });
    return found == blocks_.end() ? no_index : static_cast<BlockIndex>(found - blocks_.begin());
}

std::vector<BlockIndex> BlockPath::blocks() const {
    std::vector<BlockIndex> found;
    found.reserve(steps.size());
    for (const PathStep &step : steps) {
        found.push_back(step.block);
    }
    return found;
}

} // namespace dropctl::code

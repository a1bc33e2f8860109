// SPDX-License-Identifier: GPL-2.0-only
// Random walks through graphs, and what an observer of some nodes sees of them.
#pragma once

#include "code/graph.hpp"

#include <algorithm>
#include <random>
#include <vector>

namespace dropctl::test {

struct Walk {
    std::vector<code::Node> nodes;
    bool ended = false; ///< at an exit; false: it was broken off, or nothing follows
};

/// From `entry` to an exit, or `most` steps.
inline Walk random_walk(const code::Graph &graph, code::Node entry,
                        const std::vector<code::Node> &exits, size_t most, std::mt19937 &random) {
    Walk walk{.nodes = {entry}};
    while (walk.nodes.size() < most) {
        const std::vector<code::Node> &next = graph.successors(walk.nodes.back());
        const bool exit = std::find(exits.begin(), exits.end(), walk.nodes.back()) != exits.end();
        if (exit && (next.empty() || random() % 2 == 0)) {
            walk.ended = true;
            return walk;
        }
        if (next.empty()) {
            return walk;
        }
        walk.nodes.push_back(next[random() % next.size()]);
    }
    return walk;
}

} // namespace dropctl::test

// SPDX-License-Identifier: GPL-2.0-only
#include "code/cfg.hpp"

#include <algorithm>

namespace dropctl::code {

BlockIndex Cfg::block_at(uint64_t address) const {
    const auto next = std::upper_bound(blocks.begin(), blocks.end(), address,
                                       [](uint64_t a, const Block &b) { return a < b.start; });
    if (next == blocks.begin() || !std::prev(next)->holds(address)) {
        return no_index;
    }
    return static_cast<BlockIndex>(std::prev(next) - blocks.begin());
}

const Instruction *Cfg::instruction_at(uint64_t address) const {
    const auto found =
        std::lower_bound(instructions.begin(), instructions.end(), address,
                         [](const Instruction &i, uint64_t a) { return i.address < a; });
    return found == instructions.end() || found->address != address ? nullptr : &*found;
}

Graph Cfg::graph() const {
    Graph graph(blocks.size());
    for (BlockIndex from = 0; from < blocks.size(); from++) {
        for (const BlockIndex to : blocks[from].successors) {
            graph.add_edge(from, to);
        }
    }
    return graph;
}

std::vector<BlockIndex> Cfg::exits() const {
    std::vector<BlockIndex> found;
    for (BlockIndex i = 0; i < blocks.size(); i++) {
        if (blocks[i].is_exit()) {
            found.push_back(i);
        }
    }
    return found;
}

} // namespace dropctl::code

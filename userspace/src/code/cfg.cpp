// SPDX-License-Identifier: GPL-2.0-only
#include "code/cfg.hpp"

#include <algorithm>

namespace dropctl::code {

bool Cfg::read(uint64_t address, std::span<uint8_t> bytes) const {
    for (const CodeStretch &stretch : stretches) {
        const uint64_t offset = address - stretch.start;
        if (address >= stretch.start && offset + bytes.size() <= stretch.bytes.size()) {
            std::copy_n(stretch.bytes.begin() + static_cast<std::ptrdiff_t>(offset), bytes.size(),
                        bytes.begin());
            return true;
        }
    }
    return false;
}

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

// SPDX-License-Identifier: GPL-2.0-only
#include "slice/ways.hpp"

namespace dropctl::slice {

std::vector<bool> Ways::reach(BlockIndex from, const std::vector<bool> &shunned) const {
    std::vector<bool> reached(cfg_.blocks.size());
    std::vector<BlockIndex> open;
    const auto enter = [&](BlockIndex block) {
        if (block < reached.size() && !reached[block] && (shunned.empty() || !shunned[block])) {
            reached[block] = true;
            open.push_back(block);
        }
    };
    enter(from);
    while (!open.empty()) {
        const BlockIndex block = open.back();
        open.pop_back();
        for (const BlockIndex next : cfg_.blocks[block].successors) {
            enter(next);
        }
    }
    return reached;
}

std::vector<bool> Ways::reach_by_tests(BlockIndex from) const {
    std::vector<bool> reached(cfg_.blocks.size());
    std::vector<BlockIndex> open{from};
    while (!open.empty()) {
        const BlockIndex block = open.back();
        open.pop_back();
        if (reached[block]) {
            continue;
        }
        reached[block] = true;
        if (cfg_.blocks[block].call == code::no_index) {
            open.insert(open.end(), cfg_.blocks[block].successors.begin(),
                        cfg_.blocks[block].successors.end());
        }
    }
    return reached;
}

bool Ways::leads_out(BlockIndex from, const std::vector<bool> &shunned) const {
    const std::vector<bool> reached = reach(from, shunned);
    for (BlockIndex block = 0; block < reached.size(); ++block) {
        if (reached[block] && cfg_.blocks[block].is_exit()) {
            return true;
        }
    }
    return false;
}

} // namespace dropctl::slice

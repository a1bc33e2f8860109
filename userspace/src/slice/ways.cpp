// SPDX-License-Identifier: GPL-2.0-only
#include "slice/ways.hpp"

#include <set>

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

bool Ways::meet(const std::vector<bool> &one, const std::vector<bool> &other,
                const std::vector<bool> &bad) const {
    std::set<uint64_t> called;
    for (BlockIndex block = 0; block < one.size(); ++block) {
        if (!one[block] || bad[block]) {
            continue;
        }
        if (other[block] && forks_or_calls(block)) {
            return true;
        }
        if (const uint32_t call = cfg_.blocks[block].call; call != code::no_index) {
            called.insert(cfg_.calls[call].target);
        }
    }
    called.erase(0);
    for (BlockIndex block = 0; block < other.size(); ++block) {
        const uint32_t call = cfg_.blocks[block].call;
        if (other[block] && !bad[block] && call != code::no_index &&
            called.contains(cfg_.calls[call].target)) {
            return true;
        }
    }
    return false;
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

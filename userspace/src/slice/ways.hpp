// SPDX-License-Identifier: GPL-2.0-only
// Where control could have gone in a function: which blocks can be reached, and
// whether it could have been left without passing some of them.
#pragma once

#include "code/cfg.hpp"

#include <vector>

namespace dropctl::slice {

using code::BlockIndex;

class Ways {
  public:
    /// Outlived by the graph.
    explicit Ways(const code::Cfg &cfg) : cfg_(cfg) {}

    /// Blocks that can be reached from one, itself included, without entering `shunned`
    /// (which may be empty: none).
    [[nodiscard]] std::vector<bool> reach(BlockIndex from,
                                          const std::vector<bool> &shunned = {}) const;
    /// The same through blocks that call nothing; one that calls is reached, not passed.
    [[nodiscard]] std::vector<bool> reach_by_tests(BlockIndex from) const;
    /// Two sets of blocks lead to the same, `bad` ones apart: they have a block in common that
    /// does something, or call the same function (code may be there twice).
    [[nodiscard]] bool meet(const std::vector<bool> &one, const std::vector<bool> &other,
                            const std::vector<bool> &bad) const;
    /// The function can be left from `from` without entering `shunned`.
    [[nodiscard]] bool leads_out(BlockIndex from, const std::vector<bool> &shunned) const;
    /// There are several ways to go on from a block.
    [[nodiscard]] bool forks(BlockIndex block) const {
        return cfg_.blocks[block].successors.size() > 1;
    }
    /// The block does more than to test and to clean up: it calls, stores or forks.
    [[nodiscard]] bool forks_or_calls(BlockIndex block) const {
        return forks(block) || cfg_.blocks[block].call != code::no_index;
    }

  private:
    const code::Cfg &cfg_;
};

} // namespace dropctl::slice

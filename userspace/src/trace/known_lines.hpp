// SPDX-License-Identifier: GPL-2.0-only
// Packets of a flow mostly take the same way. What was worked out for one of them is
// kept for the next.
#pragma once

#include "trace/frame_lines.hpp"

#include <string>
#include <unordered_map>

namespace dropctl::trace {

class KnownLines {
  public:
    /// All outlive this.
    KnownLines(const Plan &plan, values::Types &types, const values::SymbolNamer &symbol)
        : plan_(plan), types_(types), symbol_(symbol) {}

    /// As add_lines().
    void add(const Invocation &invocation, const std::vector<FollowedCall> &calls,
             const std::vector<uint64_t> &drops, ReportedFrame &frame);

  private:
    /// What add_lines() fills in; without values there is nothing else.
    struct Lines {
        std::vector<ReportedItem> items;
        std::vector<uint32_t> unprobed;
        bool truncated = false;
        bool certain = true;
    };

    const Plan &plan_;
    values::Types &types_;
    const values::SymbolNamer &symbol_;
    std::unordered_map<std::string, Lines> known_; ///< by all that they follow from
    std::string key_;
};

} // namespace dropctl::trace

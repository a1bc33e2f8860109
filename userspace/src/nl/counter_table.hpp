// SPDX-License-Identifier: GPL-2.0-only
// Adds up the counters: the module sends one row for each CPU and key.
#pragma once

#include "model.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace dropctl::nl {

/// What makes two counters the same one. Usable as a key, and from one refresh to the next.
using CounterKey = std::tuple<bool, uint64_t, std::string, int64_t, uint32_t, uint32_t, uint16_t>;
CounterKey key_of(const Counter &counter);

class CounterTable {
  public:
    void clear() { rows_.clear(); }
    void add(const Counter &row);
    [[nodiscard]] std::vector<Counter> rows() const;

  private:
    std::map<CounterKey, Counter> rows_;
};

} // namespace dropctl::nl

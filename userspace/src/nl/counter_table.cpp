// SPDX-License-Identifier: GPL-2.0-only
#include "nl/counter_table.hpp"

namespace dropctl::nl {

CounterKey key_of(const Counter &counter) {
    // The device's name is no part: it can change, and be gone, while its index stays.
    const int64_t reason = counter.reason ? int64_t{*counter.reason} : -1;
    return {counter.overflow, counter.location, counter.symbol,  reason,
            counter.netns,    counter.ifindex,  counter.protocol};
}

void CounterTable::add(const Counter &row) {
    const auto [place, added] = rows_.try_emplace(key_of(row), row);
    if (added) {
        return;
    }
    Counter &sum = place->second;
    sum.packets += row.packets;
    sum.bytes += row.bytes;
    if (sum.dev.empty()) {
        sum.dev = row.dev;
    }
}

std::vector<Counter> CounterTable::rows() const {
    std::vector<Counter> rows;
    rows.reserve(rows_.size());
    for (const auto &[key, row] : rows_) {
        rows.push_back(row);
    }
    return rows;
}

} // namespace dropctl::nl

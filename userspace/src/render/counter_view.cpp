// SPDX-License-Identifier: GPL-2.0-only
#include "render/counter_view.hpp"

#include "render/location.hpp"

#include <fmt/format.h>
#include <linux/if_ether.h>

#include <algorithm>
#include <tuple>

namespace dropctl::render {

namespace {

std::string protocol_name(uint16_t protocol) {
    switch (protocol) {
    case 0:
        return "-";
    case ETH_P_IP:
        return "ipv4";
    case ETH_P_IPV6:
        return "ipv6";
    case ETH_P_ARP:
        return "arp";
    default:
        return fmt::format("{:#06x}", protocol);
    }
}

bool before(const CounterRow &left, const CounterRow &right, TopSort sort) {
    // Equal ones stay where they are from refresh to refresh: the rest of the key decides.
    const auto rest = [](const CounterRow &row) {
        return std::tie(row.place.function, row.place.line, row.reason, row.dev, row.protocol);
    };
    const auto by = [&](const auto &key) {
        const auto one = key(left);
        const auto other = key(right);
        return one != other ? one < other : rest(left) < rest(right);
    };
    const auto most = [](const CounterRow &row) {
        return -static_cast<double>(row.counter.packets);
    };
    switch (sort) {
    case TopSort::Rate:
        return by([&](const CounterRow &row) { return std::tuple(-row.rate, most(row)); });
    case TopSort::Total:
        return by(most);
    case TopSort::Reason:
        return by([&](const CounterRow &row) { return std::tuple(row.reason, most(row)); });
    case TopSort::Function:
        return by([&](const CounterRow &row) { return std::tuple(row.place.function, most(row)); });
    case TopSort::Line:
        return by([&](const CounterRow &row) { return std::tuple(row.place.line, most(row)); });
    case TopSort::Dev:
        return by([&](const CounterRow &row) { return std::tuple(row.dev, most(row)); });
    }
    return false;
}

} // namespace

const Location &CounterView::location(const Counter &counter) {
    if (counter.location == 0 && !counter.symbol.empty()) {
        const auto known = symbols_.find(counter.symbol);
        return known != symbols_.end()
                   ? known->second
                   : symbols_.emplace(counter.symbol, names_.location(counter.symbol))
                         .first->second;
    }
    const auto known = locations_.find(counter.location);
    return known != locations_.end()
               ? known->second
               : locations_.emplace(counter.location, names_.location(counter.location))
                     .first->second;
}

const std::string &CounterView::reason(uint32_t number) {
    const auto known = reasons_.find(number);
    return known != reasons_.end() ? known->second
                                   : reasons_.emplace(number, names_.reason(number)).first->second;
}

double CounterView::rate(const Counter &counter, const CounterTotals &totals) const {
    const auto last = last_packets_.find(nl::key_of(counter));
    const uint64_t before = last == last_packets_.end() ? 0 : last->second;
    const double elapsed = totals.seconds - last_seconds_;
    // A counter that has become smaller began again from zero.
    if (first_ || counter.packets < before || elapsed <= 0) {
        const double since = static_cast<double>(totals.since_ns) / 1e9;
        return since > 0 ? static_cast<double>(counter.packets) / since : 0;
    }
    return static_cast<double>(counter.packets - before) / elapsed;
}

CounterRow CounterView::row(const Counter &counter, const CounterTotals &totals) {
    CounterRow row;
    row.counter = counter;
    row.rate = rate(counter, totals);
    if (counter.overflow) {
        // What found no room in the module's table has no key.
        row.reason = "-";
        row.place.function = "(others: the table is full)";
        row.dev = "-";
        row.protocol = "-";
        return row;
    }
    row.reason = counter.reason ? reason(*counter.reason) : "-";
    row.place = place_text(location(counter));
    row.dev = devs_.text(counter.dev, counter.ifindex, counter.netns);
    row.protocol = protocol_name(counter.protocol);
    return row;
}

CounterRows CounterView::rows(const CounterTotals &totals) {
    CounterRows all;
    all.since_ns = totals.since_ns;
    for (const Counter &counter : totals.counters) {
        all.rows.push_back(row(counter, totals));
        all.packets += counter.packets;
        all.rate += all.rows.back().rate;
    }
    std::sort(all.rows.begin(), all.rows.end(),
              [this](const CounterRow &left, const CounterRow &right) {
                  return before(left, right, sort_);
              });
    first_ = false;
    last_seconds_ = totals.seconds;
    last_packets_.clear();
    for (const Counter &counter : totals.counters) {
        last_packets_[nl::key_of(counter)] = counter.packets;
    }
    return all;
}

} // namespace dropctl::render

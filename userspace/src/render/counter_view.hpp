// SPDX-License-Identifier: GPL-2.0-only
// The drop counters as rows with names and rates, in the order asked for, as a
// table and as JSON.
#pragma once

#include "cli.hpp"
#include "model.hpp"
#include "nl/counter_table.hpp"
#include "render/dev_text.hpp"
#include "render/names.hpp"
#include "render/place_text.hpp"
#include "util/terminal.hpp"
#include "util/writer.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace dropctl::render {

/// A counter with what a person wants to know of it.
struct CounterRow {
    Counter counter;
    double rate = 0; ///< packets a second
    std::string reason;
    PlaceText place;
    std::string dev;
    std::string protocol; ///< "ipv4", "0x88cc"
};

/// The counters at one moment.
struct CounterTotals {
    std::vector<Counter> counters;
    uint64_t since_ns = 0; ///< how long was counted
    double seconds = 0;    ///< when this was, on any clock
};

/// All rows and their sums.
struct CounterRows {
    std::vector<CounterRow> rows;
    uint64_t packets = 0;
    double rate = 0;
    uint64_t since_ns = 0;
};

class CounterView {
  public:
    CounterView(Names &names, TopSort sort) : names_(names), devs_(names), sort_(sort) {}

    /// Rates are those since the moment before; of the first one, since counting began.
    CounterRows rows(const CounterTotals &totals);

    /// Lines for a terminal of some size; no cutting where columns are 0, nor rows.
    /// The first is a headline.
    static std::vector<std::string> lines(const CounterRows &rows, util::TerminalSize size,
                                          bool colour);
    /// A line of JSON for each row, `limit` at most (0: all).
    void append_json(util::Writer &out, const CounterRows &rows, size_t limit);

  private:
    double rate(const Counter &counter, const CounterTotals &totals) const;
    CounterRow row(const Counter &counter, const CounterTotals &totals);
    void append_row(util::Writer &out, const CounterRow &row, uint64_t since_ns);
    const Location &location(const Counter &counter);
    const std::string &reason(uint32_t number);

    Names &names_;
    DevText devs_;
    TopSort sort_;
    bool first_ = true;
    double last_seconds_ = 0;
    std::map<nl::CounterKey, uint64_t> last_packets_;
    std::unordered_map<uint64_t, Location> locations_;
    std::unordered_map<std::string, Location> symbols_;
    std::unordered_map<uint32_t, std::string> reasons_;
};

} // namespace dropctl::render

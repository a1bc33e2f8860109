// SPDX-License-Identifier: GPL-2.0-only
// The two forms of CounterView: a table that fits a terminal, and JSON.
#include "render/clock_text.hpp"
#include "render/counter_view.hpp"
#include "render/json.hpp"
#include "render/location.hpp"
#include "render/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dropctl::render {

namespace {

using Align = Table::Align;

/// Widest contents of the columns that can do with less, and the least they are left.
struct Flexible {
    size_t width;
    size_t least;
};

std::string rate_text(double rate) {
    if (rate >= 9.95 || rate == 0) {
        return fmt::format("{:.0f}/s", rate);
    }
    return rate >= 0.05 ? fmt::format("{:.1f}/s", rate) : "<0.1/s";
}

/// The end of a path, which tells most.
std::string cut_front(const std::string &text, size_t width) {
    const size_t used = util::display_width(text);
    return used <= width ? text : "…" + text.substr(used - width + 1);
}

/// Make the flexible columns narrower, the widest first, until all fits.
template <size_t Count> void shrink(std::array<Flexible, Count> &columns, size_t too_much) {
    while (too_much > 0) {
        const auto spare = [](const Flexible &column) {
            return column.width > column.least ? column.width - column.least : 0;
        };
        const auto widest = std::max_element(columns.begin(), columns.end(),
                                             [&](const Flexible &left, const Flexible &right) {
                                                 return spare(left) < spare(right);
                                             });
        if (spare(*widest) == 0) {
            return;
        }
        --widest->width;
        --too_much;
    }
}

Table make_table() {
    return Table({{"RATE", Align::Right, 7, 0},
                  {"TOTAL", Align::Right, 7, 0},
                  {"REASON", Align::Left, 0, 0},
                  {"FUNCTION", Align::Left, 0, 0},
                  {"LINE", Align::Left, 0, 0},
                  {"DEV", Align::Left, 0, 0},
                  {"PROTO", Align::Left, 0, 0}});
}

/// Fill a table with rows whose long cells are cut as `cut` says.
Table fill(const CounterRows &rows, size_t limit, const std::array<Flexible, 3> &cut) {
    Table table = make_table();
    for (const CounterRow &row : rows.rows) {
        if (limit-- == 0) {
            break;
        }
        table.add({rate_text(row.rate), grouped(row.counter.packets),
                   util::cut(reason_text(row.reason), cut[0].width),
                   util::cut(row.place.function, cut[1].width),
                   cut_front(row.place.line, cut[2].width), row.dev, row.protocol});
    }
    return table;
}

} // namespace

std::vector<std::string> CounterView::lines(const CounterRows &rows, util::TerminalSize size,
                                            bool colour) {
    constexpr size_t heads = 2;
    const size_t limit = size.rows == 0 ? rows.rows.size() : size.rows - std::min(size.rows, heads);
    constexpr size_t any = 4096;
    std::array<Flexible, 3> cut{{{any, 10}, {any, 14}, {any, 16}}};
    Table table = fill(rows, limit, cut);
    if (size.columns != 0) {
        const auto widths = table.widths();
        cut = {{{widths[2], 10}, {widths[3], 14}, {widths[4], 16}}};
        size_t total = 2 * (widths.size() - 1);
        for (const size_t width : widths) {
            total += width;
        }
        shrink(cut, total > size.columns ? total - size.columns : 0);
        table = fill(rows, limit, cut);
    }
    std::vector<std::string> lines = table.lines();
    const util::Paint paint(colour);
    lines[0] = paint.bold(lines[0]);
    const std::string headline =
        fmt::format("droptrace  counting for {}   {} drops   {}   {} {}",
                    duration_text(rows.since_ns), grouped(rows.packets), rate_text(rows.rate),
                    rows.rows.size(), rows.rows.size() == 1 ? "row" : "rows");
    lines.insert(lines.begin(), headline);
    return lines;
}

void CounterView::append_row(util::Writer &out, const CounterRow &row, uint64_t since_ns) {
    const Counter &counter = row.counter;
    JsonObject object(out, "counter");
    std::string place = "null";
    if (!counter.overflow) {
        place.clear();
        render::append_json(place, location(counter));
    }
    object.raw("location", place);
    if (counter.reason) {
        object.text("reason", row.reason);
    } else {
        object.null("reason");
    }
    const auto number = [&object](const char *key, uint32_t value) {
        value == 0 ? object.null(key) : object.number(key, value);
    };
    number("netns", counter.netns);
    number("ifindex", counter.ifindex);
    object.text_or_null("dev", counter.dev)
        .text_or_null("protocol", counter.protocol == 0 ? "" : row.protocol)
        .number("packets", counter.packets)
        .number("bytes", counter.bytes)
        .decimal("rate", row.rate)
        .boolean("overflow", counter.overflow)
        .number("since_ns", since_ns)
        .end_line();
}

void CounterView::append_json(util::Writer &out, const CounterRows &rows, size_t limit) {
    for (const CounterRow &row : rows.rows) {
        append_row(out, row, rows.since_ns);
        if (--limit == 0) {
            break;
        }
    }
}

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
// dropctl list-probes: a table, or an object for each.
#include "commands/commands.hpp"
#include "commands/list_filters.hpp"
#include "commands/live_names.hpp"
#include "commands/probe_spec.hpp"
#include "render/clock_text.hpp"
#include "render/json.hpp"
#include "render/table.hpp"
#include "util/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

namespace dropctl::commands {

namespace {

constexpr uint64_t second = 1000000000;

/// A probe, and what is to be asked for elsewhere.
struct Row {
    TraceInfo probe;
    std::optional<AddProbeOptions> spec; ///< absent: not made by this dropctl
    std::vector<Filter> filters;         ///< that still exist
    uint32_t gone = 0;                   ///< points whose module was unloaded
};

Result<std::vector<Row>> rows(nl::Client &client) {
    const auto probes = client.traces();
    const auto filters = client.filters();
    const auto points = client.points();
    for (const Error *error :
         {probes ? nullptr : &probes.error(), filters ? nullptr : &filters.error(),
          points ? nullptr : &points.error()}) {
        if (error != nullptr) {
            return *error;
        }
    }
    std::map<uint32_t, uint32_t> gone;
    for (const PointInfo &point : *points) {
        gone[point.trace] += point.state == DROPTRACE_POINT_GONE ? 1 : 0;
    }
    std::vector<Row> rows;
    for (const TraceInfo &probe : *probes) {
        if (probe.owned) {
            continue; // of a command that is running
        }
        Row &row = rows.emplace_back();
        row.probe = probe;
        row.gone = gone[probe.id];
        if (auto spec = read_probe_spec(probe.spec)) {
            row.spec = std::move(*spec);
        }
        std::copy_if(filters->begin(), filters->end(), std::back_inserter(row.filters),
                     [&probe](const Filter &filter) {
                         return std::find(probe.filters.begin(), probe.filters.end(), filter.id) !=
                                probe.filters.end();
                     });
    }
    return rows;
}

uint64_t left_ns(const TraceInfo &probe) {
    const uint64_t end = probe.expire * second;
    return end > probe.age_ns ? end - probe.age_ns : 0;
}

std::string packets_text(const Row &row, render::Names &names) {
    if (row.probe.filters.empty()) {
        return "every packet";
    }
    std::string text;
    for (const Filter &filter : row.filters) {
        text += (text.empty() ? "" : " or ") + filter::conditions(filter, namer(names));
    }
    return text.empty() ? "none" : text;
}

std::string remarks(const Row &row) {
    std::string text;
    const auto add = [&text](const std::string &remark) {
        text += (text.empty() ? "" : ", ") + remark;
    };
    const TraceInfo &probe = row.probe;
    if (probe.passing != 0) {
        add(probe.passing == std::numeric_limits<uint32_t>::max()
                ? "every packet"
                : fmt::format("{} that passed", probe.passing));
    }
    if (row.gone != 0) {
        add(fmt::format("{} points gone with their module", row.gone));
    }
    if (row.filters.size() < probe.filters.size()) {
        add("a filter of it was deleted");
    }
    if (!row.spec) {
        add("not of this dropctl");
    }
    if (probe.truncated != 0) {
        add(fmt::format("{} paths cut", probe.truncated));
    }
    if (probe.no_context != 0) {
        add(fmt::format("no room for {} packets", probe.no_context));
    }
    return text;
}

std::string table(const std::vector<Row> &rows, render::Names &names) {
    using Align = render::Table::Align;
    render::Table table({{.head = "ID", .align = Align::Right},
                         {.head = "NAME"},
                         {.head = "POINTS", .align = Align::Right},
                         {.head = "HITS", .align = Align::Right},
                         {.head = "MISSED", .align = Align::Right},
                         {.head = "PATHS", .align = Align::Right},
                         {.head = "AGE", .align = Align::Right},
                         {.head = "ENDS IN", .align = Align::Right},
                         {.head = "FUNCTIONS"},
                         {.head = "PACKETS"},
                         {.head = "REMARKS"}});
    for (const Row &row : rows) {
        const TraceInfo &probe = row.probe;
        table.add({std::to_string(probe.id), probe.name.empty() ? "-" : probe.name,
                   std::to_string(probe.armed), render::grouped(probe.hits),
                   render::grouped(probe.missed), render::grouped(probe.kept),
                   render::duration_text(probe.age_ns),
                   probe.expire == 0 ? "-" : render::duration_text(left_ns(probe)),
                   row.spec ? followed_text(row.spec->follow) : "?", packets_text(row, names),
                   remarks(row)});
    }
    return table.text();
}

void append_json(util::Writer &out, const Row &row, render::Names &names) {
    const TraceInfo &probe = row.probe;
    std::string functions;
    if (row.spec) {
        for (const std::string &function : row.spec->follow.functions) {
            functions += (functions.empty() ? "" : ",") + util::json_string(function);
        }
    }
    render::JsonObject object(out, "probe");
    object.number("id", probe.id)
        .text_or_null("name", probe.name)
        .raw("functions", row.spec ? "[" + functions + "]" : "null")
        .raw("filters", fmt::format("[{}]", fmt::join(probe.filters, ",")))
        .text("packets", packets_text(row, names))
        .number("points", probe.points)
        .number("armed", probe.armed)
        .number("gone", row.gone)
        .number("hits", probe.hits)
        .number("missed", probe.missed)
        .number("followed", probe.opened)
        .number("paths", probe.kept)
        .number("truncated", probe.truncated)
        .number("no_context", probe.no_context)
        .number("passing", probe.passing)
        .number("age_s", probe.age_ns / second);
    probe.expire != 0 ? object.number("ends_in_s", left_ns(probe) / second)
                      : object.null("ends_in_s");
    object.end_line();
}

} // namespace

Result<Exit> list_probes(const ListProbesOptions & /*options*/, Context &context) {
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    const auto found = rows(**client);
    if (!found) {
        return found.error();
    }
    LiveNames names(**client, context.err);
    if (context.options.json) {
        util::Writer lines;
        for (const Row &row : *found) {
            append_json(lines, row, names);
        }
        context.out.write(lines.view());
    } else {
        context.out.write(found->empty() ? "no probes\n" : table(*found, names));
    }
    return Exit::Done;
}

} // namespace dropctl::commands

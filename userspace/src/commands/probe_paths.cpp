// SPDX-License-Identifier: GPL-2.0-only
#include "commands/probe_paths.hpp"

#include "commands/follow.hpp"
#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::commands {

namespace {

std::vector<PointInfo> points_of(nl::Client &client, uint32_t trace) {
    auto points = client.points();
    if (!points) {
        return {};
    }
    std::erase_if(*points, [trace](const PointInfo &point) { return point.trace != trace; });
    std::sort(points->begin(), points->end(),
              [](const PointInfo &one, const PointInfo &other) { return one.index < other.index; });
    return std::move(*points);
}

} // namespace

Location ProbePaths::place(uint64_t address) {
    Location place = names_.location(address + 1); // as if it were a return address
    place.offset -= place.symbol.empty() ? 0 : 1;
    return place;
}

Result<void> ProbePaths::plan_again(const std::string &spec, const std::vector<PointInfo> &points,
                                    Probe &probe) {
    auto options = read_probe_spec(spec);
    if (!options) {
        return options.error();
    }
    auto lines = trace::LineRanges::parse(options->lines);
    if (!lines) {
        return lines.error();
    }
    probe.lines = std::move(*lines);
    trace::Planner planner(probe.code, probe.types);
    std::set<uint64_t> refused;
    for (const std::string &word : options->refused) {
        refused.insert(util::parse_number(word).value_or(0));
    }
    planner.refuse(refused);
    std::vector<std::string> notes; // told when it was added
    if (auto added = add_functions(options->follow, probe.code, planner, notes); !added) {
        return added;
    }
    auto plan = planner.plan();
    if (!plan) {
        return plan.error();
    }
    if (!trace::same_points(*plan, points)) {
        return Error{"", "its points are not where they would be put now"};
    }
    probe.plan = std::move(*plan);
    return {};
}

void ProbePaths::plan(uint32_t trace, Probe &probe) {
    probe.label = std::to_string(trace);
    std::string spec;
    if (const auto traces = client_.traces()) {
        for (const TraceInfo &info : *traces) {
            if (info.id == trace) {
                spec = info.spec;
                probe.label = info.name.empty() ? probe.label : info.name;
            }
        }
    }
    const std::vector<PointInfo> points = points_of(client_, trace);
    if (auto planned = plan_again(spec, points, probe); !planned) {
        err_.write(fmt::format("probe {}: {}: functions and offsets are shown, no lines\n",
                               probe.label, planned.error().why));
        err_.flush();
        probe.lines = {};
        probe.plan = trace::bare_plan(points, probe.types,
                                      [this](uint64_t address) { return place(address); });
    }
    probe.resolver = std::make_unique<trace::Resolver>(
        probe.plan, probe.types,
        [this](uint64_t address) {
            const Location at = place(address);
            return at.offset == 0 ? at.symbol : std::string();
        },
        carriers_);
}

ProbePaths::Probe &ProbePaths::probe(uint32_t trace) {
    auto &known = probes_[trace];
    if (!known) {
        known = std::make_unique<Probe>();
        plan(trace, *known);
    }
    return *known;
}

std::string ProbePaths::label(uint32_t trace) {
    const auto known = probes_.find(trace);
    if (known != probes_.end()) {
        return known->second->label;
    }
    if (const auto traces = client_.traces()) {
        for (const TraceInfo &info : *traces) {
            if (info.id == trace && !info.name.empty()) {
                return info.name;
            }
        }
    }
    return std::to_string(trace);
}

std::vector<trace::ReportedPath> ProbePaths::resolve(const trace::RawPath &path) {
    Probe &probe = this->probe(path.trace);
    // Of a trace that went before it could be asked about.
    const bool known =
        std::all_of(path.steps.begin(), path.steps.end(), [&probe](const trace::Step &step) {
            return step.point == 0xffff || step.point < probe.plan.origins.size();
        });
    if (!known) {
        return {};
    }
    auto reports = probe.resolver->resolve(path);
    for (trace::ReportedPath &report : reports) {
        report.probe = probe.label;
        probe.lines.keep(report);
    }
    return reports;
}

} // namespace dropctl::commands

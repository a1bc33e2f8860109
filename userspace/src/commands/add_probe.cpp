// SPDX-License-Identifier: GPL-2.0-only
// dropctl add-probe: the trace is made as one that goes with this process, and let go of
// when all of it is there: whatever ends us before leaves nothing behind.
#include "commands/choose_filters.hpp"
#include "commands/commands.hpp"
#include "commands/follow.hpp"
#include "commands/probe_spec.hpp"
#include "commands/trace_setup.hpp"
#include "render/clock_text.hpp"
#include "render/json.hpp"
#include "trace/line_ranges.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <limits>

namespace dropctl::commands {

namespace {

constexpr const char *verb = "add-probe";

Result<uint32_t> expiry(double seconds) {
    if (seconds > DROPTRACE_EXPIRE_MAX) {
        return Error{verb, "that is more than a year", "--expire 0: never", Exit::Usage};
    }
    return static_cast<uint32_t>(std::ceil(seconds));
}

Result<TraceRequest> request(const AddProbeOptions &options, nl::Client &client) {
    const auto expire = expiry(options.expire);
    if (!expire) {
        return expire.error();
    }
    auto known = client.filters();
    if (!known) {
        return known.error();
    }
    auto filters = choose_filters(client, options.filters, *known);
    if (!filters) {
        return filters.error();
    }
    TraceRequest request;
    request.name = options.name;
    request.filters = std::move(*filters);
    request.owned = true;
    request.passing = options.every ? std::numeric_limits<uint32_t>::max() : options.passing;
    request.path_size = options.follow.path_size;
    request.expire = *expire;
    return request;
}

/// In the words of those who know of probes, not of traces.
Error explain(Error error, const AddProbeOptions &options) {
    if (error.number == EEXIST) {
        return Error{verb, "there is a probe '" + options.name + "' already",
                     "dropctl del-probe " + options.name};
    }
    if (error.number == ENOSPC) {
        error.why =
            fmt::format("there are {} probes and running traces already", DROPTRACE_TRACES_MAX);
    }
    return error;
}

void tell(const ArmedTrace &armed, const AddProbeOptions &options, Context &context) {
    const size_t points = armed.plan.points.points.size() - armed.refusals.size();
    if (context.options.json) {
        util::Writer line;
        render::JsonObject object(line, "probe-added");
        object.number("id", armed.id)
            .text_or_null("name", options.name)
            .number("points", points)
            .number("refused", armed.refusals.size())
            .end_line();
        context.out.write(line.view());
        return;
    }
    constexpr uint64_t second = 1000000000;
    const auto seconds = static_cast<uint64_t>(std::ceil(options.expire));
    context.out.write(fmt::format(
        "probe {}{} added: {}, {} points{}{}\n", armed.id,
        options.name.empty() ? "" : " \"" + options.name + "\"", followed_text(options.follow),
        points,
        armed.refusals.empty() ? "" : fmt::format(", {} not traceable", armed.refusals.size()),
        seconds == 0 ? "" : ", for " + render::duration_text(seconds * second)));
    for (const PointRefusal &refusal : armed.refusals) {
        if (context.options.verbose) {
            context.err.write("not traceable: " + refusal_text(armed.plan, refusal) + "\n");
        }
    }
}

Result<void> plan(const AddProbeOptions &options, Context &context, code::KernelCode &code,
                  trace::Planner &planner) {
    if (auto lines = trace::LineRanges::parse(options.lines); !lines) {
        return lines.error();
    }
    std::vector<std::string> notes;
    auto added = add_functions(options.follow, code, planner, notes);
    for (const std::string &note : notes) {
        context.err.write(note + "\n");
    }
    return added;
}

} // namespace

Result<Exit> add_probe(const AddProbeOptions &options, Context &context) {
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    const auto status = (*client)->status();
    if (!status) {
        return status.error();
    }
    if (auto able = check_points(*status); !able) {
        return able.error();
    }
    code::KernelCode code;
    values::Types types;
    trace::Planner planner(code, types);
    if (auto planned = plan(options, context, code, planner); !planned) {
        return planned.error();
    }
    const auto wanted = request(options, **client);
    if (!wanted) {
        return wanted.error();
    }
    const auto spec = [&options](const std::set<uint64_t> &refused) {
        return probe_spec(options, refused);
    };
    if (spec({}).size() > DROPTRACE_SPEC_MAX) {
        return Error{verb, "these are too many words", "several probes", Exit::Usage};
    }
    const auto armed = arm_trace(**client, planner, *wanted, spec);
    if (!armed) {
        return explain(armed.error(), options);
    }
    if (auto kept = (*client)->keep_trace(armed->id); !kept) {
        return kept.error();
    }
    tell(*armed, options, context);
    return Exit::Done;
}

} // namespace dropctl::commands

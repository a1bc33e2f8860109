// SPDX-License-Identifier: GPL-2.0-only
// dropctl trace: functions are taken apart and armed first, which may take a moment;
// then paths are shown as they come.
#include "commands/choose_filters.hpp"
#include "commands/commands.hpp"
#include "commands/follow.hpp"
#include "commands/live_names.hpp"
#include "commands/live_run.hpp"
#include "commands/path_stream.hpp"
#include "commands/path_view.hpp"
#include "commands/trace_setup.hpp"
#include "render/clock_text.hpp"
#include "render/json_renderer.hpp"
#include "render/text_renderer.hpp"
#include "trace/line_ranges.hpp"
#include "util/ready_file.hpp"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <memory>

namespace dropctl::commands {

namespace {

constexpr const char *verb = "trace";

/// The command's parts, and what it goes through: plan, arm, watch.
class Trace {
  public:
    Trace(const TraceOptions &options, Context &context, nl::Client &client)
        : options_(options), context_(context), client_(client), names_(client, context.err),
          live_(context, client, options.timeout), view_(context, names_, options.source) {}

    Result<void> start();
    Result<Exit> run();

  private:
    Result<void> plan();
    Result<void> arm();
    Result<uint32_t> start_session(const std::vector<uint32_t> &filters);
    [[nodiscard]] uint32_t passing() const;
    void show(trace::ReportedPath &path);
    void compare(const trace::ReportedPath &path);
    void tell_loss(const Loss &now, const Loss &before);
    void tell_hint();
    void tell(const std::string &line);
    void summary(const PathStream &stream);

    const TraceOptions &options_;
    Context &context_;
    nl::Client &client_;
    LiveNames names_;
    LiveRun live_;
    PathView view_;
    code::KernelCode code_;
    values::Types types_;
    trace::Planner planner_{code_, types_};
    trace::LineRanges lines_;
    ArmedTrace armed_;
    std::unique_ptr<trace::Resolver> resolver_;
    uint64_t recursion_ = 0;
    uint64_t armed_ns_ = 0; ///< CLOCK_REALTIME
    uint64_t shown_ = 0;
    bool hinted_ = false;
    uint64_t dropped_ = 0;
    std::optional<trace::ReportedPath> last_dropped_; ///< not compared yet
    std::optional<trace::ReportedPath> last_passed_;
};

void Trace::tell(const std::string &line) {
    context_.err.write(line + "\n");
    context_.err.flush();
}

uint32_t Trace::passing() const {
    if (options_.every) {
        return std::numeric_limits<uint32_t>::max();
    }
    constexpr uint32_t to_compare = 1000; // one of them will be like the dropped one
    return options_.passing != 0 ? options_.passing : options_.diff ? to_compare : 0;
}

Result<void> Trace::plan() {
    auto lines = trace::LineRanges::parse(options_.lines);
    if (!lines) {
        return lines.error();
    }
    lines_ = std::move(*lines);
    std::vector<std::string> notes;
    auto added = add_functions(options_.follow, code_, planner_, notes);
    for (const std::string &note : notes) {
        tell(note);
    }
    return added;
}

Result<uint32_t> Trace::start_session(const std::vector<uint32_t> &filters) {
    nl::SessionOptions wanted;
    wanted.ring_size = options_.ring_size;
    wanted.filters = filters;
    return client_.start_session(wanted);
}

Result<void> Trace::arm() {
    auto known = client_.filters();
    if (!known) {
        return known.error();
    }
    auto filters = choose_filters(client_, options_.filters, *known);
    if (!filters) {
        return filters.error();
    }
    names_.remember(*known);
    if (auto session = start_session(*filters); !session) {
        return session.error();
    }
    TraceRequest request;
    request.filters = *filters;
    request.owned = true;
    request.passing = passing();
    request.path_size = options_.follow.path_size;
    auto armed = arm_trace(client_, planner_, request);
    if (!armed) {
        Error error = armed.error();
        if (error.hint.empty()) {
            error.hint = code_.hint(); // what is missing may be why
        }
        return error;
    }
    armed_ = std::move(*armed);
    return {};
}

Result<void> Trace::start() {
    const auto status = client_.status();
    if (!status) {
        return status.error();
    }
    if (auto able = check_points(*status); !able) {
        return able;
    }
    recursion_ = status->loss.recursion;
    if (auto planned = plan(); !planned) {
        return planned;
    }
    if (auto armed = arm(); !armed) {
        return armed;
    }
    live_.begin();
    armed_ns_ = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
    return util::create_ready_file(verb, options_.ready_file);
}

/// A packet that passed beside one that was dropped, as soon as there is one of each.
void Trace::compare(const trace::ReportedPath &path) {
    (path.dropped ? last_dropped_ : last_passed_) = path;
    if (!last_dropped_ || !last_passed_) {
        return;
    }
    view_.compare(*last_dropped_, *last_passed_);
    last_dropped_.reset();
    last_passed_.reset();
}

void Trace::show(trace::ReportedPath &path) {
    lines_.keep(path);
    ++shown_;
    dropped_ += path.dropped ? 1 : 0;
    if (options_.diff && !context_.options.json) {
        compare(path);
        return;
    }
    view_.show(path, shown_);
}

void Trace::tell_loss(const Loss &now, const Loss &before) {
    if (now.total() != before.total()) {
        tell(fmt::format("lost {} more: {}", now.total() - before.total(), render::loss_text(now)));
    }
}

void Trace::tell_hint() {
    if (hinted_) {
        return;
    }
    for (const std::string &hint : {names_.hint(), shown_ != 0 ? code_.hint() : std::string()}) {
        if (!hint.empty()) {
            tell("hint: " + hint);
            hinted_ = true;
            return;
        }
    }
}

void Trace::summary(const PathStream &stream) {
    context_.out.flush();
    if (context_.options.json) {
        render::JsonRenderer renderer(context_.out, names_, false);
        render::Summary summary;
        summary.events = stream.shown();
        summary.seconds = live_.seconds();
        summary.complete = stream.ended().has_value() && stream.ended()->cause != 0;
        summary.end = stream.ended().value_or(nl::SessionEnd{});
        summary.end.loss = stream.lost();
        renderer.summary(summary);
        return;
    }
    std::string text = fmt::format(
        "{} {} ({} dropped) in {:.1f} s, {} points, {} not traceable, {}",
        render::grouped(stream.shown()), stream.shown() == 1 ? "packet" : "packets", dropped_,
        live_.seconds(), armed_.plan.points.points.size() - armed_.refusals.size(),
        armed_.refusals.size(), render::loss_text(stream.lost()));
    if (stream.broken() != 0) {
        text += fmt::format(", {} paths incomplete", stream.broken());
    }
    tell(text);
    for (const PointRefusal &refusal : armed_.refusals) {
        if (context_.options.verbose) {
            tell("not traceable: " + refusal_text(armed_.plan, refusal));
        }
    }
    if (stream.elsewhere() != 0) {
        const Location &place = names_.location(stream.elsewhere_location());
        tell(fmt::format("{} matching packets were dropped outside of what was followed, the last "
                         "in {}",
                         render::grouped(stream.elsewhere()),
                         place.function.empty() ? place.symbol : place.function));
    }
}

Result<Exit> Trace::run() {
    const auto symbol = [this](uint64_t address) {
        const Location &place = names_.location(address + 1);
        return place.offset == 1 ? place.symbol : std::string();
    };
    resolver_ = std::make_unique<trace::Resolver>(armed_.plan, types_, symbol,
                                                  context_.options.verbose, !context_.options.json);
    PathStream stream(*resolver_, context_.out, options_.count, recursion_, armed_ns_);
    stream.show = [this](trace::ReportedPath &path) { show(path); };
    stream.on_loss = [this](const Loss &now, const Loss &before) { tell_loss(now, before); };
    stream.on_gone = [this](const PointsGone &gone) {
        tell(
            fmt::format("module {} was unloaded, and {} points with it", gone.module, gone.points));
    };
    stream.flush = [this] { context_.out.flush(); };
    stream.on_idle = [this] { tell_hint(); };
    const auto watched = live_.stream(stream);
    if (!watched) {
        return watched.error();
    }
    if (!*watched) {
        return Exit::Done;
    }
    summary(stream);
    return live_.conclude(verb, stream);
}

} // namespace

Result<Exit> trace(const TraceOptions &options, Context &context) {
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    Trace trace(options, context, **client);
    if (auto started = trace.start(); !started) {
        return started.error();
    }
    return trace.run();
}

} // namespace dropctl::commands

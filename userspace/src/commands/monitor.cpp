// SPDX-License-Identifier: GPL-2.0-only
// dropctl monitor: a session, shown as it comes. What is slow (debug information,
// names of reasons) waits until the session is armed and a drop has come.
#include "commands/choose_filters.hpp"
#include "commands/commands.hpp"
#include "commands/drop_stream.hpp"
#include "commands/live_names.hpp"
#include "commands/live_run.hpp"
#include "commands/path_view.hpp"
#include "commands/probe_paths.hpp"
#include "render/json_renderer.hpp"
#include "render/text_renderer.hpp"
#include "util/ready_file.hpp"
#include "util/terminal.hpp"

#include <fmt/format.h>

#include <memory>

namespace dropctl::commands {

namespace {

constexpr const char *verb = "monitor";
constexpr uint32_t verbose_stack_depth = 16;

/// The command's parts, and what it goes through: start, watch, finish.
class Monitor {
  public:
    Monitor(const MonitorOptions &options, Context &context, nl::Client &client)
        : options_(options), context_(context), client_(client), names_(client, context.err),
          live_(context, client, options.timeout),
          probes_(client, names_, context.err, context.options.verbose) {}

    Result<void> start();
    Result<Exit> run();

  private:
    Result<uint32_t> start_session();
    std::unique_ptr<render::Renderer> renderer();
    void tell_hint();
    uint64_t show_path(const trace::RawPath &path);
    void tell_gone(const PointsGone &gone);

    const MonitorOptions &options_;
    Context &context_;
    nl::Client &client_;
    LiveNames names_;
    LiveRun live_;
    ProbePaths probes_;
    std::unique_ptr<PathView> view_; ///< made for the first path
    uint64_t recursion_ = 0;
    bool sees_addresses_ = false;
};

Result<uint32_t> Monitor::start_session() {
    auto filters = client_.filters();
    if (!filters) {
        return filters.error();
    }
    auto chosen = choose_filters(client_, options_.filters, *filters);
    if (!chosen) {
        return chosen.error();
    }
    names_.remember(*filters);
    nl::SessionOptions wanted;
    wanted.ring_size = options_.ring_size;
    wanted.snaplen = options_.snaplen;
    wanted.stack_depth = options_.stack_depth;
    if (wanted.stack_depth == 0 && context_.options.verbose) {
        wanted.stack_depth = verbose_stack_depth;
    }
    wanted.filters = std::move(*chosen);
    if (sees_addresses_) {
        wanted.paths.emplace(); // of all probes, now and later
    }
    return client_.start_session(wanted);
}

Result<void> Monitor::start() {
    const auto status = client_.status();
    if (!status) {
        return status.error();
    }
    recursion_ = status->loss.recursion;
    sees_addresses_ = status->sees_addresses;
    const auto session = start_session();
    if (!session) {
        return session.error();
    }
    live_.begin();
    return util::create_ready_file(verb, options_.ready_file);
}

std::unique_ptr<render::Renderer> Monitor::renderer() {
    const GlobalOptions &global = context_.options;
    if (global.json) {
        return std::make_unique<render::JsonRenderer>(context_.out, names_, global.verbose);
    }
    render::TextOptions text;
    text.columns = context_.out.is_terminal() ? util::terminal_size(context_.out).columns : 0;
    text.colour = util::want_colour(global.colour, context_.out);
    text.verbose = global.verbose;
    text.time = options_.time;
    return std::make_unique<render::TextRenderer>(context_.out, context_.err, names_, text);
}

void Monitor::tell_hint() {
    const std::string hint = names_.hint();
    if (!hint.empty()) {
        context_.err.write("hint: " + hint + "\n");
        context_.err.flush();
    }
}

uint64_t Monitor::show_path(const trace::RawPath &path) {
    if (!view_) {
        view_ = std::make_unique<PathView>(context_, names_, std::string());
    }
    const auto reports = probes_.resolve(path);
    for (const trace::ReportedPath &report : reports) {
        view_->show(report, 0);
    }
    return reports.size();
}

void Monitor::tell_gone(const PointsGone &gone) {
    context_.err.write(fmt::format("module {} was unloaded, and {} points of probe {} with it\n",
                                   gone.module, gone.points, probes_.label(gone.trace)));
    context_.err.flush();
}

Result<Exit> Monitor::run() {
    const auto renderer = this->renderer();
    DropStream stream(*renderer, context_.out, options_.count, recursion_);
    stream.on_path = [this](const trace::RawPath &path) { return show_path(path); };
    stream.on_gone = [this](const PointsGone &gone) { tell_gone(gone); };
    stream.on_idle = [this] { tell_hint(); };
    renderer->begin();
    const auto watched = live_.stream(stream);
    if (!watched) {
        return watched.error();
    }
    if (!*watched) {
        return Exit::Done;
    }
    render::Summary summary;
    summary.events = stream.shown() - stream.paths();
    summary.paths = stream.paths();
    summary.seconds = live_.seconds();
    summary.complete = stream.ended().has_value() && stream.ended()->cause != 0;
    summary.end = stream.ended().value_or(nl::SessionEnd{});
    summary.end.loss = stream.lost();
    summary.decode_errors = client_.decode_errors();
    renderer->summary(summary);
    return live_.conclude(verb, stream);
}

} // namespace

Result<Exit> monitor(const MonitorOptions &options, Context &context) {
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    Monitor monitor(options, context, **client);
    if (auto started = monitor.start(); !started) {
        return started.error();
    }
    return monitor.run();
}

} // namespace dropctl::commands

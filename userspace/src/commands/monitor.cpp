// SPDX-License-Identifier: GPL-2.0-only
// dropctl monitor: a session, shown as it comes. What is slow (debug information,
// names of reasons) waits until the session is armed and a drop has come.
#include "commands/choose_filters.hpp"
#include "commands/commands.hpp"
#include "commands/drop_stream.hpp"
#include "commands/live_names.hpp"
#include "render/json_renderer.hpp"
#include "render/text_renderer.hpp"
#include "util/ready_file.hpp"
#include "util/signals.hpp"
#include "util/terminal.hpp"
#include "util/wake.hpp"

#include <linux/droptrace.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <limits>
#include <memory>

namespace dropctl::commands {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char *verb = "monitor";
constexpr uint32_t verbose_stack_depth = 16;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The command's parts, and what it goes through: start, watch, finish.
class Monitor {
  public:
    Monitor(const MonitorOptions &options, Context &context, nl::Client &client)
        : options_(options), context_(context), client_(client), names_(client, context.err) {}

    Result<void> start();
    Result<Exit> run();

  private:
    Result<uint32_t> start_session();
    std::unique_ptr<render::Renderer> renderer();
    Result<bool> watch(DropStream &stream);
    Result<void> finish(DropStream &stream, bool streaming);
    Result<Exit> conclude(const DropStream &stream);
    [[nodiscard]] int left_ms() const;
    [[nodiscard]] bool nobody_reads() const;
    void tell_hint();

    const MonitorOptions &options_;
    Context &context_;
    nl::Client &client_;
    LiveNames names_;
    util::SignalFd signals_{SIGINT, SIGTERM, SIGHUP};
    util::Wake wake_{signals_, context_.out};
    uint64_t recursion_ = 0;
    Clock::time_point begun_;
    bool timed_out_ = false;
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
    return client_.start_session(wanted);
}

Result<void> Monitor::start() {
    const auto status = client_.status();
    if (!status) {
        return status.error();
    }
    recursion_ = status->loss.recursion;
    const auto session = start_session();
    if (!session) {
        return session.error();
    }
    begun_ = Clock::now();
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

/// Milliseconds until --timeout, -1: there is none.
int Monitor::left_ms() const {
    if (!options_.timeout) {
        return -1;
    }
    const double left = (*options_.timeout - seconds_since(begun_)) * 1000;
    return static_cast<int>(std::clamp(left + 0.999, 0.0, double{std::numeric_limits<int>::max()}));
}

/// The output is closed, or its reader has gone: there is nobody to show more to.
bool Monitor::nobody_reads() const {
    return context_.out.closed() || wake_.reader_gone();
}

void Monitor::tell_hint() {
    const std::string hint = names_.hint();
    if (!hint.empty()) {
        context_.err.write("hint: " + hint + "\n");
        context_.err.flush();
    }
}

/// Show what comes until there is a reason to end. False: the session has ended by itself.
Result<bool> Monitor::watch(DropStream &stream) {
    for (;;) {
        const int left = left_ms();
        if (left == 0) {
            timed_out_ = true;
            return true;
        }
        auto more = client_.receive(stream, wake_.fd(), left);
        if (!more || !*more) {
            return more;
        }
        if (stream.limit_reached() || nobody_reads() || signals_.take() != 0) {
            return true;
        }
    }
}

/// Stop the session and show what it had recorded.
Result<void> Monitor::finish(DropStream &stream, bool streaming) {
    if (!streaming) {
        return {};
    }
    auto stopped = client_.stop_session();
    if (!stopped) {
        return stopped;
    }
    // A second Ctrl-C ends the wait for a reader of ours that is slow.
    while (!stream.ended() && !nobody_reads()) {
        const auto more = client_.receive(stream, wake_.fd(), -1);
        if (!more) {
            return more.error();
        }
        if (!*more || signals_.take() != 0) {
            break;
        }
    }
    return {};
}

Result<Exit> Monitor::conclude(const DropStream &stream) {
    const uint64_t lost = stream.lost().total() + client_.decode_errors();
    if (stream.ended() && stream.ended()->cause != DROPTRACE_END_STOPPED) {
        return Error{verb, stream.ended()->cause == DROPTRACE_END_UNLOADED
                               ? "the droptrace module was unloaded"
                               : "the session has gone, and so has its module or its socket"};
    }
    if (lost != 0) {
        return Exit::EventsLost;
    }
    return timed_out_ && stream.shown() == 0 ? Exit::NothingSeen : Exit::Done;
}

Result<Exit> Monitor::run() {
    const auto renderer = this->renderer();
    DropStream stream(*renderer, context_.out, options_.count, recursion_);
    stream.on_idle = [this] { tell_hint(); };
    renderer->begin();
    const auto streaming = watch(stream);
    if (!streaming) {
        return streaming.error();
    }
    if (auto finished = finish(stream, *streaming); !finished) {
        return finished.error();
    }
    if (nobody_reads()) {
        return Exit::Done;
    }
    stream.idle(); // under steady traffic this is the first time: there may be a hint
    render::Summary summary;
    summary.events = stream.shown();
    summary.seconds = seconds_since(begun_);
    summary.complete = stream.ended().has_value() && stream.ended()->cause != 0;
    summary.end = stream.ended().value_or(nl::SessionEnd{});
    summary.end.loss = stream.lost();
    summary.decode_errors = client_.decode_errors();
    renderer->summary(summary);
    return conclude(stream);
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

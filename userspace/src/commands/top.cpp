// SPDX-License-Identifier: GPL-2.0-only
// dropctl top: the drop counters, again and again. Counting is switched on for as
// long as the command runs: the module counts for this socket, beside whoever else
// wants it.
#include "commands/commands.hpp"
#include "commands/live_names.hpp"
#include "render/clock_text.hpp"
#include "render/counter_view.hpp"
#include "util/ready_file.hpp"
#include "util/screen.hpp"
#include "util/signals.hpp"
#include "util/terminal.hpp"
#include "util/wake.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <optional>

namespace dropctl::commands {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char *verb = "top";

class Top {
  public:
    Top(const TopOptions &options, Context &context, nl::Client &client)
        : options_(options), context_(context), client_(client), names_(client, context.err),
          view_(names_, options.sort) {}

    Result<void> start();
    Result<Exit> run();

  private:
    enum class Wake { Time, Resize, End };

    Result<void> refresh();
    void show();
    Wake wait(Clock::time_point until);
    Wake woken();
    Result<Exit> loop();
    Exit conclude(bool timed_out);

    const TopOptions &options_;
    Context &context_;
    nl::Client &client_;
    LiveNames names_;
    render::CounterView view_;
    render::CounterRows rows_;
    util::SignalFd signals_{SIGINT, SIGTERM, SIGHUP, SIGWINCH};
    util::Wake wake_{signals_, context_.out};
    std::optional<util::Screen> screen_;
    Clock::time_point begun_;
    bool was_counting_ = false;
    bool shown_ = false; ///< a table was printed already
};

Result<void> Top::start() {
    const auto status = client_.status();
    if (!status) {
        return status.error();
    }
    was_counting_ = status->counting;
    if (auto set = client_.set_counting(true, !options_.keep); !set) {
        return set;
    }
    if (options_.reset) {
        if (auto reset = client_.reset_counters(); !reset) {
            return reset;
        }
        was_counting_ = false; // as good as: there is nothing yet
    }
    begun_ = Clock::now();
    return util::create_ready_file(verb, options_.ready_file);
}

Result<void> Top::refresh() {
    render::CounterTotals totals;
    auto counters = client_.counters(totals.since_ns);
    if (!counters) {
        return counters.error();
    }
    totals.counters = std::move(*counters);
    if (totals.counters.empty()) {
        // Only rows tell for how long has been counted.
        totals.since_ns =
            static_cast<uint64_t>(std::chrono::nanoseconds(Clock::now() - begun_).count());
    }
    totals.seconds = std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
    rows_ = view_.rows(totals);
    return {};
}

void Top::show() {
    if (context_.options.json) {
        util::Writer lines;
        view_.append_json(lines, rows_, options_.limit);
        context_.out.write(lines.view());
        context_.out.flush();
        return;
    }
    util::TerminalSize size{.columns = 0, .rows = 0};
    if (context_.out.is_terminal()) {
        size = util::terminal_size(context_.out);
    }
    constexpr size_t heads = 2;
    size.rows = screen_ ? size.rows : 0;
    if (options_.limit != 0) {
        size.rows = screen_ ? std::min(size.rows, options_.limit + heads) : options_.limit + heads;
    }
    const auto lines = render::CounterView::lines(
        rows_, size, util::want_colour(context_.options.colour, context_.out));
    if (screen_) {
        screen_->draw(lines);
        return;
    }
    context_.out.write(shown_ ? "\n" : "");
    for (const std::string &line : lines) {
        context_.out.write(line + "\n");
    }
    context_.out.flush();
    shown_ = true;
}

/// What a signal or a key asks for.
Top::Wake Top::woken() {
    if ((screen_ && screen_->key() == 'q') || wake_.reader_gone()) {
        return Wake::End;
    }
    switch (signals_.take()) {
    case 0:
        return Wake::Time;
    case SIGWINCH:
        return Wake::Resize;
    default:
        return Wake::End;
    }
}

Top::Wake Top::wait(Clock::time_point until) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        if (left.count() <= 0) {
            return Wake::Time;
        }
        std::array<pollfd, 2> events{
            pollfd{.fd = wake_.fd(), .events = POLLIN, .revents = 0},
            pollfd{.fd = screen_ ? screen_->key_fd() : -1, .events = POLLIN, .revents = 0}};
        if (poll(events.data(), events.size(), static_cast<int>(left.count())) > 0) {
            const Wake wake = woken();
            if (wake != Wake::Time) {
                return wake;
            }
        }
    }
}

Exit Top::conclude(bool timed_out) {
    screen_.reset();
    if (!context_.options.json && !options_.once && context_.out.is_terminal()) {
        const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
        context_.err.write(fmt::format("{} drops counted, watched for {:.1f} s\n",
                                       render::grouped(rows_.packets), seconds));
    }
    if (const std::string hint = names_.hint(); !hint.empty()) {
        context_.err.write("hint: " + hint + "\n");
    }
    return timed_out && rows_.packets == 0 ? Exit::NothingSeen : Exit::Done;
}

Result<Exit> Top::loop() {
    const auto seconds = [](double value) {
        return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(value));
    };
    const auto end =
        options_.timeout ? begun_ + seconds(*options_.timeout) : Clock::time_point::max();
    Clock::time_point next = begun_ + seconds(options_.interval);
    for (uint64_t refreshes = 0; options_.count == 0 || refreshes < options_.count;) {
        const Wake wake = wait(std::min(next, end));
        if (wake == Wake::End || context_.out.closed()) {
            return conclude(false);
        }
        if (wake == Wake::Time) {
            if (auto refreshed = refresh(); !refreshed) {
                screen_.reset();
                return refreshed.error();
            }
            ++refreshes;
            next += seconds(options_.interval);
        }
        show();
        if (Clock::now() >= end) {
            return conclude(true);
        }
    }
    return conclude(false);
}

Result<Exit> Top::run() {
    if (options_.once && !was_counting_) {
        context_.err.write(fmt::format("counting was off: counting for {} s\n", options_.interval));
        context_.err.flush();
    }
    // Where counting goes on anyway, there is something to show at once.
    if (was_counting_ || !options_.once) {
        if (auto refreshed = refresh(); !refreshed) {
            return refreshed.error();
        }
    }
    if (options_.once && was_counting_) {
        show();
        return conclude(false);
    }
    if (!options_.once && !context_.options.json && context_.out.is_terminal()) {
        screen_.emplace(context_.out);
        show();
    }
    return loop();
}

Result<Exit> switch_off(nl::Client &client, Context &context) {
    if (auto set = client.set_counting(false, false); !set) {
        return set.error();
    }
    const auto status = client.status();
    if (!status) {
        return status.error();
    }
    context.err.write(status->counting ? "counting goes on for another dropctl top\n"
                                       : "counting is off\n");
    return Exit::Done;
}

} // namespace

Result<Exit> top(const TopOptions &options, Context &context) {
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    if (options.off) {
        return switch_off(**client, context);
    }
    TopOptions adjusted = options;
    adjusted.count = options.once ? 1 : options.count;
    Top top(adjusted, context, **client);
    if (auto started = top.start(); !started) {
        return started.error();
    }
    return top.run();
}

} // namespace dropctl::commands

// SPDX-License-Identifier: GPL-2.0-only
// The life of a command that streams: it watches until there is a reason to end (time,
// count, a signal, nobody reading), stops the session, takes what is still under way,
// and says how it went.
#pragma once

#include "commands/commands.hpp"
#include "commands/counted_stream.hpp"
#include "util/signals.hpp"
#include "util/wake.hpp"

#include <chrono>
#include <csignal>
#include <optional>

namespace dropctl::commands {

class LiveRun {
  public:
    /// @param timeout seconds; absent: no limit
    LiveRun(Context &context, nl::Client &client, std::optional<double> timeout)
        : context_(context), client_(client), timeout_(timeout) {}

    /// Time counts from here.
    void begin() { begun_ = Clock::now(); }
    /// Run to the end. False: nobody reads any more, and there is nothing to say.
    Result<bool> stream(CountedStream &stream);
    /// Only show what comes, until there is a reason to end; the session goes on. False:
    /// it has ended by itself.
    Result<bool> watch(CountedStream &stream);
    [[nodiscard]] bool timed_out() const { return timed_out_; }
    /// The user or the clock wants no more.
    [[nodiscard]] bool over() const { return timed_out_ || interrupted_; }
    /// How it went, as a status for the shell.
    [[nodiscard]] Result<Exit> conclude(const char *verb, const CountedStream &stream) const;

    [[nodiscard]] double seconds() const;
    /// A signal has come, or nobody reads: whoever waits for something should not.
    [[nodiscard]] bool interrupted();

  private:
    using Clock = std::chrono::steady_clock;

    Result<void> finish(CountedStream &stream, bool streaming);
    [[nodiscard]] int left_ms() const;
    [[nodiscard]] bool nobody_reads() const;

    Context &context_;
    nl::Client &client_;
    std::optional<double> timeout_;
    util::SignalFd signals_{SIGINT, SIGTERM, SIGHUP};
    util::Wake wake_{signals_, context_.out};
    Clock::time_point begun_ = Clock::now();
    bool timed_out_ = false;
    bool interrupted_ = false;
};

} // namespace dropctl::commands

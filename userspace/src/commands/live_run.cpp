// SPDX-License-Identifier: GPL-2.0-only
#include "commands/live_run.hpp"

#include <linux/droptrace.h>

#include <algorithm>
#include <limits>

namespace dropctl::commands {

double LiveRun::seconds() const {
    return std::chrono::duration<double>(Clock::now() - begun_).count();
}

/// Milliseconds until --timeout, -1: there is none.
int LiveRun::left_ms() const {
    if (!timeout_) {
        return -1;
    }
    const double left = (*timeout_ - seconds()) * 1000;
    return static_cast<int>(std::clamp(left + 0.999, 0.0, double{std::numeric_limits<int>::max()}));
}

/// The output is closed, or its reader has gone: there is nobody to show more to.
bool LiveRun::nobody_reads() const {
    return context_.out.closed() || wake_.reader_gone();
}

bool LiveRun::interrupted() {
    return nobody_reads() || signals_.take() != 0;
}

/// Show what comes until there is a reason to end. False: the session has ended by itself.
Result<bool> LiveRun::watch(CountedStream &stream) {
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
        interrupted_ = interrupted();
        if (stream.limit_reached() || interrupted_) {
            return true;
        }
    }
}

/// Stop the session and show what it had recorded.
Result<void> LiveRun::finish(CountedStream &stream, bool streaming) {
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

Result<bool> LiveRun::stream(CountedStream &stream) {
    const auto streaming = watch(stream);
    if (!streaming) {
        return streaming.error();
    }
    if (auto finished = finish(stream, *streaming); !finished) {
        return finished.error();
    }
    if (nobody_reads()) {
        return false;
    }
    stream.idle(); // under steady traffic this is the first time: there may be a hint
    return true;
}

Result<Exit> LiveRun::conclude(const char *verb, const CountedStream &stream) const {
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

} // namespace dropctl::commands

// SPDX-License-Identifier: GPL-2.0-only
// Typed requests to the droptrace module over one generic netlink socket, and
// the stream of a session. Errors carry the kernel's extack text.
#pragma once

#include "filter/compile.hpp"
#include "model.hpp"
#include "trace_model.hpp"
#include "util/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dropctl::nl {

/// A filter's compiled side, sent along with Filter by add_filter().
struct FilterPrograms {
    filter::Program prog;
    filter::Program inner_prog;
    std::vector<std::pair<uint64_t, uint64_t>> ranges;
};

struct SessionOptions {
    uint32_t ring_size = 0; ///< bytes per CPU, 0: the module's default
    std::optional<uint32_t> snaplen;
    uint32_t stack_depth = 0;
    std::vector<uint32_t> filters; ///< ids; empty: all
    /// Paths of these traces that stay (empty: all of them); absent: none but the
    /// session's own, which come anyway.
    std::optional<std::vector<uint32_t>> paths;
};

/// How a session ended and its totals.
struct SessionEnd {
    uint32_t cause = 0; ///< enum droptrace_end; 0: the socket told nothing more
    uint64_t produced = 0;
    uint64_t delivered = 0;
    Loss loss;
};

/// Receives a session's stream. Called from Client::receive(), same thread.
class Stream {
  public:
    virtual ~Stream() = default;
    /// One drop. The event is reused after the call. Return false to read no more:
    /// the other events of its message are thrown away. May make requests.
    virtual bool event(const Event &event) = 0;
    /// A part of a packet's way; reused after the call. Return as event() does.
    virtual bool path(const PathChunk & /*chunk*/) { return true; }
    /// A module went away, and points with it.
    virtual void gone(const PointsGone & /*gone*/) {}
    /// Losses have grown; totals since the session began.
    virtual void loss(const Loss &loss) = 0;
    /// The session's last message.
    virtual void end(const SessionEnd &end) = 0;
    /// All that had arrived was handed over: flush.
    virtual void idle() = 0;
};

class Client {
  public:
    /// Connect and compare versions. Tells apart: module not loaded, another
    /// interface version, no permission.
    static Result<std::unique_ptr<Client>> open();
    virtual ~Client() = default;

    virtual Result<Status> status() = 0;
    virtual Result<uint32_t> add_filter(const Filter &filter, const FilterPrograms &programs) = 0;
    virtual Result<void> delete_filter(uint32_t id) = 0;
    virtual Result<void> delete_filter(const std::string &name) = 0;
    virtual Result<void> delete_all_filters() = 0;
    virtual Result<std::vector<Filter>> filters() = 0;
    virtual Result<std::vector<Session>> sessions() = 0;
    virtual Result<uint32_t> start_session(const SessionOptions &options) = 0;
    /// Record no more. What was recorded still comes through receive(), then the end.
    virtual Result<void> stop_session() = 0;
    /// Rows of all CPUs added up, in no order. since_ns: how long was counted.
    virtual Result<std::vector<Counter>> counters(uint64_t &since_ns) = 0;
    virtual Result<void> set_counting(bool enable, bool owned) = 0;
    virtual Result<void> reset_counters() = 0;

    virtual Result<uint32_t> add_trace(const TraceRequest &options) = 0;
    virtual Result<void> add_points(uint32_t trace, const TracePoints &points) = 0;
    /// Arm what has been added. @param partial: arm what can be armed and return the
    /// rest; else one that cannot be is an error, and nothing is armed.
    virtual Result<std::vector<PointRefusal>> arm_points(uint32_t trace, bool partial) = 0;
    /// Let a trace and the filters made for it outlive this client. It is armed.
    virtual Result<void> keep_trace(uint32_t id) = 0;
    virtual Result<void> delete_trace(uint32_t id) = 0;
    virtual Result<void> delete_all_traces() = 0;
    virtual Result<std::vector<TraceInfo>> traces() = 0;
    /// Points of all traces.
    virtual Result<std::vector<PointInfo>> points() = 0;

    /// Read the stream until `stream` wants no more, its end, `wake_fd` becomes
    /// readable (a signal; -1: none), or the timeout (milliseconds, -1: none) has
    /// passed. True: more may come; false: the session has ended.
    virtual Result<bool> receive(Stream &stream, int wake_fd, int timeout_ms) = 0;

    /// Parts of the stream that made no sense and were not handed over; not 0 means
    /// that module and client do not belong together.
    [[nodiscard]] virtual uint64_t decode_errors() const { return 0; }
};

} // namespace dropctl::nl

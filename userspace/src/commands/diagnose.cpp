// SPDX-License-Identifier: GPL-2.0-only
// dropctl diagnose: the flow's first drop names the functions; each further one is
// recorded in them and in those that the answer so far asks for, until it is complete.
#include "code/kernel_code.hpp"
#include "commands/choose_filters.hpp"
#include "commands/commands.hpp"
#include "commands/diagnose_round.hpp"
#include "commands/diagnosis_show.hpp"
#include "commands/live_names.hpp"
#include "commands/live_run.hpp"
#include "commands/trace_setup.hpp"
#include "diagnose/namer.hpp"
#include "diagnose/scope.hpp"
#include "slice/from_trace.hpp"
#include "slice/slicer.hpp"
#include "symbols/kallsyms.hpp"
#include "trace/resolve.hpp"
#include "util/ready_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string_view>

namespace dropctl::commands {

namespace {

constexpr const char *verb = "diagnose";
constexpr uint32_t stack_depth = 24;
/// Packets of the flow that pass, whose paths are kept: one is enough to compare with.
constexpr uint32_t passing_most = 4;
/// For which they are waited for after the drop, milliseconds.
constexpr int passed_ms = 800;

uint64_t now_ns() {
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count());
}

class Diagnose {
  public:
    Diagnose(const DiagnoseOptions &options, Context &context, nl::Client &client)
        : options_(options), context_(context), client_(client), names_(client, context.err),
          live_(context, client, options.timeout), show_(options, context, names_) {}

    /// What can fail before anything is waited for.
    Result<void> prepare() { return show_.prepare(); }
    Result<void> start();
    Result<Exit> run();

  private:
    Result<bool> wait(RoundStream &stream);
    Result<bool> first_drop();
    Result<bool> round();
    void keep_paths(const trace::Plan &plan, const RoundStream &stream);
    void describe(const trace::Plan &plan, const slice::Execution &execution,
                  const slice::Answer &answer);
    void progress(const std::string &what);
    Result<bool> next_cause();
    [[nodiscard]] std::string cause_key() const;

    const DiagnoseOptions &options_;
    Context &context_;
    nl::Client &client_;
    LiveNames names_;
    LiveRun live_;
    DiagnosisShow show_;
    code::KernelCode code_;
    values::Types types_;
    slice::Knowledge knowledge_;
    diagnose::Scope scope_{code_, types_, knowledge_};
    std::set<uint64_t> refused_;
    std::vector<uint32_t> filters_;
    uint64_t recursion_ = 0;
    uint64_t armed_ns_ = 0;
    Event drop_;
    diagnose::Diagnosis diagnosis_;
};

void Diagnose::progress(const std::string &what) {
    show_.progress(what, live_.seconds(), diagnosis_.rounds);
}

Result<void> Diagnose::start() {
    const auto status = client_.status();
    if (!status) {
        return status.error();
    }
    if (!status->sees_addresses) {
        return Error{verb, "kernel addresses are hidden, and it is addresses that are probed",
                     "sysctl kernel.kptr_restrict=1, and CAP_SYSLOG"};
    }
    recursion_ = status->loss.recursion;
    auto known = client_.filters();
    if (!known) {
        return known.error();
    }
    auto filters = choose_filters(client_, options_.filters, *known);
    if (!filters) {
        return filters.error();
    }
    filters_ = std::move(*filters);
    names_.remember(*known);
    nl::SessionOptions wanted;
    wanted.stack_depth = stack_depth;
    wanted.filters = filters_;
    if (auto session = client_.start_session(wanted); !session) {
        return session.error();
    }
    live_.begin();
    armed_ns_ = now_ns();
    return util::create_ready_file(verb, options_.ready_file);
}

/// False: there is no more to be had (time, a signal, the session's end).
Result<bool> Diagnose::wait(RoundStream &stream) {
    const auto watched = live_.watch(stream);
    if (!watched) {
        return watched.error();
    }
    if (stream.ended()) {
        return Error{verb, "the droptrace module was unloaded, or the session has gone"};
    }
    diagnosis_.lost = stream.lost();
    return stream.limit_reached();
}

Result<bool> Diagnose::first_drop() {
    RoundStream stream(context_.out, recursion_, 0, armed_ns_);
    progress("waiting for a drop");
    auto seen = wait(stream);
    if (!seen || !*seen) {
        return seen;
    }
    drop_ = *stream.drop();
    diagnosis_.drop = drop_;
    diagnosis_.rounds = 1;
    scope_.begin(drop_);
    return true;
}

/// The way of this round's packet, and of one that passed, where they are to be shown.
void Diagnose::keep_paths(const trace::Plan &plan, const RoundStream &stream) {
    if (!show_.wants_paths()) {
        return;
    }
    const auto symbol = [this](uint64_t address) {
        const auto found = code_.kallsyms().at(address);
        return found && found->address == address ? std::string(found->name) : std::string();
    };
    trace::Resolver resolver(plan, types_, symbol, true);
    const auto of_drop = [this](const trace::ReportedPath &path) {
        return path.dropped && path.location == diagnosis_.drop.location;
    };
    const auto paths = resolver.resolve(*stream.raw());
    if (const auto found = std::find_if(paths.begin(), paths.end(), of_drop);
        found != paths.end()) {
        diagnosis_.path = *found;
    }
    if (stream.passed()) {
        diagnosis_.passed = resolver.resolve(*stream.passed()).front();
    }
}

void Diagnose::describe(const trace::Plan &plan, const slice::Execution &execution,
                        const slice::Answer &answer) {
    diagnose::Namer namer(code_, types_, execution);
    diagnosis_.chain.clear();
    diagnosis_.also.clear();
    for (const slice::Step &step : answer.chain) {
        diagnosis_.chain.push_back(namer.link(step));
    }
    for (const slice::Step &step : answer.also) {
        diagnosis_.also.push_back(namer.link(step));
    }
    diagnosis_.complete = answer.complete;
    diagnosis_.why_incomplete.clear();
    const diagnose::Link *cause = diagnosis_.cause();
    if (answer.complete && cause != nullptr && cause->line == 0) {
        diagnosis_.complete = false;
        diagnosis_.why_incomplete = "without debug information only its address is known";
    }
    if (!answer.complete) {
        diagnosis_.why_incomplete = slice::ended_text(answer.ended);
        for (const std::string &doubt : answer.doubts) {
            diagnosis_.why_incomplete += "; " + doubt;
        }
    }
    diagnosis_.points = plan.points.points.size();
}

/// Record the flow's next drop and think about it. True: the next round would see more.
Result<bool> Diagnose::round() {
    trace::Planner planner(code_, types_);
    for (const trace::FunctionWish &wish : scope_.functions()) {
        if (auto added = planner.add(wish); !added) {
            return added.error();
        }
    }
    scope_.captures().give(planner);
    planner.refuse(refused_);
    TraceRequest request;
    request.filters = filters_;
    request.passing = show_.wants_passing() ? passing_most : 0;
    // One drop is enough: a jump would pay for itself only after many.
    request.traps = true;
    auto armed = arm_trace(client_, planner, request);
    if (!armed) {
        return armed.error();
    }
    std::string names;
    for (const trace::FunctionWish &wish : scope_.functions()) {
        names += (names.empty() ? "" : ", ") + wish.instance.function;
    }
    progress(fmt::format("following {} ({} points)", names, armed->plan.points.points.size()));
    RoundStream stream(context_.out, recursion_, armed->id, now_ns());
    auto seen = wait(stream);
    if (!seen) {
        return seen.error();
    }
    if (*seen && show_.wants_passing() && !stream.passed()) {
        stream.await_passed();
        if (auto passed = client_.receive(stream, -1, passed_ms); !passed) {
            return passed.error();
        }
    }
    if (auto deleted = client_.delete_trace(armed->id); !deleted) {
        return deleted.error();
    }
    diagnosis_.unprobed = armed->refusals.size();
    if (!*seen) {
        diagnosis_.complete = false;
        diagnosis_.why_incomplete =
            stream.elsewhere() == 0 && live_.over() ? "it ended before the flow's next drop"
            : stream.elsewhere() != 0 ? "the flow is dropped in other functions than at first"
                                      : "the flow has not dropped a packet since";
        return false;
    }
    ++diagnosis_.rounds;
    const trace::RawPath &path = *stream.raw();
    const auto is_drop = [](const trace::Step &step) { return step.kind == DROPTRACE_STEP_DROP; };
    const auto drop = std::find_if(path.steps.begin(), path.steps.end(), is_drop);
    if (drop == path.steps.end()) {
        return false;
    }
    if (!path.drops.empty()) {
        diagnosis_.drop = path.drops.front();
    }
    const slice::ExecutionBuilder builder(
        armed->plan, knowledge_, [&](uint16_t point, uint16_t item) {
            return scope_.captures().meaning(armed->plan, point, item);
        });
    const slice::Execution execution =
        builder.build(path, static_cast<size_t>(drop - path.steps.begin()), diagnosis_.drop.stack);
    const slice::Answer answer = slice::slice(execution, knowledge_);
    describe(armed->plan, execution, answer);
    keep_paths(armed->plan, stream);
    return scope_.take(answer);
}

/// What makes two diagnoses the same: where it was decided, and where freed.
std::string Diagnose::cause_key() const {
    const diagnose::Link *cause = diagnosis_.cause();
    return fmt::format("{:#x} {}", diagnosis_.drop.location,
                       cause == nullptr ? "" : fmt::format("{:#x}", cause->address));
}

/// Find the cause of one drop. False: none came.
Result<bool> Diagnose::next_cause() {
    diagnosis_ = {};
    auto dropped = first_drop();
    if (!dropped || !*dropped) {
        return dropped;
    }
    for (bool more = true; more && diagnosis_.rounds <= options_.rounds;) {
        const auto next = round();
        if (!next) {
            return next.error();
        }
        more = *next;
    }
    return true;
}

Result<Exit> Diagnose::run() {
    std::set<std::string> seen;
    while (seen.size() < options_.count && !live_.over()) {
        const auto found = next_cause();
        if (!found) {
            return found.error();
        }
        if (!*found) {
            break;
        }
        armed_ns_ = now_ns();
        if (seen.insert(cause_key()).second) {
            if (auto shown = show_.show(diagnosis_, code_.hint()); !shown) {
                return shown.error();
            }
        }
    }
    if (!seen.empty()) {
        return diagnosis_.lost.total() != 0 ? Exit::EventsLost : Exit::Done;
    }
    if (live_.timed_out()) {
        context_.err.write("no packet of the flow was dropped in the time given\n");
        context_.err.flush();
        return Exit::NothingSeen;
    }
    return Exit::Done;
}

} // namespace

Result<Exit> diagnose(const DiagnoseOptions &options, Context &context) {
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    Diagnose diagnose(options, context, **client);
    if (auto ready = diagnose.prepare(); !ready) {
        return ready.error();
    }
    if (auto started = diagnose.start(); !started) {
        return started.error();
    }
    return diagnose.run();
}

} // namespace dropctl::commands

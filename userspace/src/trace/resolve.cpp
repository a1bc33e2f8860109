// SPDX-License-Identifier: GPL-2.0-only
#include "trace/resolve.hpp"

#include <map>

namespace dropctl::trace {

namespace {

/// The points that were passed, for want of a graph that would tell more.
void add_places(const PlannedFunction &function, const Plan &plan, const Invocation &invocation,
                ReportedFrame &frame) {
    for (const Passed &passed : invocation.passed) {
        const uint64_t address = plan.point(passed.point).address;
        frame.items.emplace_back(ReportedLine{.file = {},
                                              .line = 0,
                                              .address = address,
                                              .offset = address - function.code.address,
                                              .inlined = {function.code.function},
                                              .count = 1,
                                              .values = {},
                                              .dropped = false});
    }
    frame.truncated = !invocation.ended;
    fold(frame.items);
}

void describe_return(values::Types &types, const PlannedFunction &function,
                     const Invocation &invocation, ReportedFrame &frame) {
    frame.is_void = function.prototype.known() && function.prototype.returns_void();
    if (!invocation.retval || frame.is_void) {
        return;
    }
    const values::ReturnValue returned =
        values::describe_return(types, function.prototype, *invocation.retval);
    frame.retval = returned.number;
    frame.retval_text = returned.name;
    frame.retval_full = returned.text;
}

} // namespace

ReportedFrame Resolver::frame(const Invocation &invocation) {
    const PlannedFunction &function = plan_.functions[invocation.frame];
    ReportedFrame frame;
    frame.function = function.code.function;
    frame.symbol = function.code.symbol;
    frame.module = function.code.module;
    frame.file = function.code.declared_in;
    frame.carrier = function.carrier;
    if (call_texts_) {
        frame.call = function.prototype.known()
                         ? values::call_text(types_, function.prototype, invocation.args, symbol_)
                         : function.code.function + "()";
    }
    describe_return(types_, function, invocation, frame);
    return frame;
}

ReportedPath Resolver::packet_path(const RawPath &path, const std::vector<Invocation> &invocations,
                                   const PacketPath &packet) {
    ReportedPath report;
    // Its journey may have begun on another device: where it ended is what is asked for.
    report.packet = packet.drop ? *packet.drop : path.packet;
    report.dropped = packet.dropped;
    report.drop = packet.drop;
    report.location = packet.location;
    report.reason = packet.reason;
    report.truncated = (path.flags & DROPTRACE_PATH_TRUNCATED) != 0;
    report.missed = (path.flags & (DROPTRACE_PATH_MISSED | DROPTRACE_PATH_DEEP)) != 0;
    report.dropped_later = packet.dropped;

    std::map<size_t, size_t> frame_of; // by invocation
    for (const size_t index : packet.invocations) {
        report.dropped_later = report.dropped_later && invocations[index].drops.empty();
        if (plan_.functions[invocations[index].frame].carrier && !carriers_) {
            continue;
        }
        frame_of[index] = report.frames.size();
        report.frames.push_back(frame(invocations[index]));
        const auto &caller = invocations[index].caller;
        if (caller && frame_of.contains(*caller)) {
            report.frames.back().depth = report.frames[frame_of[*caller]].depth + 1;
        }
    }
    for (const size_t index : packet.invocations) {
        if (!frame_of.contains(index)) {
            continue;
        }
        const Invocation &invocation = invocations[index];
        std::vector<FollowedCall> calls;
        for (const auto &[other, number] : frame_of) {
            if (invocations[other].caller == index) {
                calls.push_back({.frame = number,
                                 .entry = plan_.functions[invocations[other].frame].code.address,
                                 .caller_passed = invocations[other].caller_passed,
                                 .retval = invocations[other].retval});
            }
        }
        std::vector<uint64_t> drops;
        for (const size_t step : invocation.drops) {
            drops.push_back(path.steps[step].location);
        }
        ReportedFrame &frame = report.frames[frame_of[index]];
        if (plan_.functions[invocation.frame].bare) {
            add_places(plan_.functions[invocation.frame], plan_, invocation, frame);
            continue;
        }
        lines_.add(invocation, calls, drops, frame);
    }
    return report;
}

std::vector<ReportedPath> Resolver::resolve(const RawPath &path) {
    const std::vector<Invocation> all = invocations(path.steps, plan_.frame_of);
    std::vector<ReportedPath> reports;
    for (const PacketPath &packet : packets(path, all)) {
        ReportedPath report = packet_path(path, all, packet);
        // One that only went by, around what is followed, is nothing to tell.
        if (report.dropped || !report.frames.empty()) {
            reports.push_back(std::move(report));
        }
    }
    return reports;
}

} // namespace dropctl::trace

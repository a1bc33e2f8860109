// SPDX-License-Identifier: GPL-2.0-only
#include "trace/known_lines.hpp"

namespace dropctl::trace {

namespace {

// Ways through a function are few, but a value that differs each time may be among what
// they are told apart by.
constexpr size_t most_known = 1024;

void put(std::string &key, uint64_t number) {
    key.append(reinterpret_cast<const char *>(&number), sizeof(number));
}

void put(std::string &key, const std::optional<uint64_t> &number) {
    put(key, uint64_t{number.has_value()});
    put(key, number.value_or(0));
}

/// All that add_lines() looks at but values.
void write_key(const Invocation &invocation, const std::vector<FollowedCall> &calls,
               const std::vector<uint64_t> &drops, std::string &key) {
    key.clear();
    put(key, invocation.frame);
    put(key, uint64_t{invocation.ended});
    put(key, invocation.passed.size());
    for (const Passed &passed : invocation.passed) {
        put(key, passed.point);
        put(key, passed.reg);
    }
    put(key, calls.size());
    for (const FollowedCall &call : calls) {
        put(key, call.frame);
        put(key, call.entry);
        put(key, call.caller_passed);
        put(key, call.retval);
    }
    for (const uint64_t drop : drops) {
        put(key, drop);
    }
}

} // namespace

void KnownLines::add(const Invocation &invocation, const std::vector<FollowedCall> &calls,
                     const std::vector<uint64_t> &drops, ReportedFrame &frame) {
    const PlannedFunction &function = plan_.functions[invocation.frame];
    if (!invocation.values.empty()) {
        add_lines(function, plan_, invocation, calls, drops, types_, symbol_, frame);
        return;
    }
    write_key(invocation, calls, drops, key_);
    const auto known = known_.find(key_);
    if (known != known_.end()) {
        const Lines &lines = known->second;
        frame.items = lines.items;
        frame.unprobed = lines.unprobed;
        frame.truncated = lines.truncated;
        frame.certain = lines.certain;
        return;
    }
    add_lines(function, plan_, invocation, calls, drops, types_, symbol_, frame);
    if (known_.size() == most_known) {
        known_.clear();
    }
    known_.emplace(key_, Lines{.items = frame.items,
                               .unprobed = frame.unprobed,
                               .truncated = frame.truncated,
                               .certain = frame.certain});
}

} // namespace dropctl::trace

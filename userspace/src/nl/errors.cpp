// SPDX-License-Identifier: GPL-2.0-only
#include "nl/errors.hpp"

#include <linux/droptrace.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <sys/utsname.h>

namespace dropctl::nl {

namespace {

// Spelt as in the netlink spec; what a request can carry, the rest is left empty.
constexpr std::array<std::string_view, 18> filter_names{
    "",           "id",     "name",    "expr",  "prog",      "inner-expr",
    "inner-prog", "dev",    "netns",   "mark",  "mark-mask", "reasons",
    "function",   "ranges", "exclude", "owned", "snaplen",   "rate"};
constexpr std::array<std::string_view, 9> session_names{
    "", "id", "portid", "pid", "comm", "ring-size", "snaplen", "stack-depth", "filters"};
constexpr std::array<std::string_view, 4> counter_names{"", "enable", "owned", "reset"};
constexpr std::array<std::string_view, 13> trace_names{
    "",        "id",  "name",   "filters", "owned", "passing", "path-size",
    "snaplen", "all", "frames", "points",  "progs", "partial"};
// Behind a stretch of attributes that no request can carry.
constexpr std::array<std::string_view, 5> late_trace_names{"spec", "expire", "keep", "age-ns",
                                                           "traps"};

std::string attribute_name(uint8_t command, uint32_t type) {
    const auto pick = [type](const auto &names) {
        return type < names.size() ? std::string(names[type]) : std::string();
    };
    switch (command) {
    case DROPTRACE_CMD_FILTER_ADD:
    case DROPTRACE_CMD_FILTER_DEL:
        return type == DROPTRACE_A_FILTER_COUNT ? "count" : pick(filter_names);
    case DROPTRACE_CMD_SESSION_START:
        return pick(session_names);
    case DROPTRACE_CMD_COUNTER_SET:
        return pick(counter_names);
    case DROPTRACE_CMD_TRACE_ADD:
    case DROPTRACE_CMD_TRACE_DEL:
    case DROPTRACE_CMD_POINT_ADD:
    case DROPTRACE_CMD_POINT_ARM:
        return type >= DROPTRACE_A_TRACE_SPEC &&
                       type - DROPTRACE_A_TRACE_SPEC < late_trace_names.size()
                   ? std::string(late_trace_names[type - DROPTRACE_A_TRACE_SPEC])
                   : pick(trace_names);
    default:
        return {};
    }
}

/// Name of the attribute that the answer blames; empty: none, or one of no name.
std::string blamed(const Request &request, const Answer &answer) {
    if (answer.missing != 0) {
        return attribute_name(request.command(), answer.missing);
    }
    const Bytes sent = request.bytes();
    nlattr header{};
    if (answer.offset == 0 || answer.offset + sizeof(header) > sent.size()) {
        return {};
    }
    std::memcpy(&header, sent.data() + answer.offset, sizeof(header));
    return attribute_name(request.command(), header.nla_type & NLA_TYPE_MASK);
}

/// There are as many as there can be.
const char *who_takes_the_room(uint8_t command) {
    switch (command) {
    case DROPTRACE_CMD_FILTER_ADD:
        return "`dropctl list-filters` shows them, `dropctl del-filter` makes room";
    case DROPTRACE_CMD_SESSION_START:
        return "`dropctl status` shows whose they are";
    case DROPTRACE_CMD_TRACE_ADD:
        return "`dropctl list-probes` shows them, `dropctl del-probe` makes room";
    default:
        return "";
    }
}

} // namespace

Error not_loaded() {
    utsname system{};
    uname(&system);
    return Error{"",
                 std::string("the droptrace module is not loaded on this kernel (") +
                     system.release + ")",
                 "insmod kmod/droptrace.ko, or `make install` and `modprobe droptrace`"};
}

Error wrong_version(uint32_t version) {
    return Error{"",
                 "the loaded droptrace module speaks version " + std::to_string(version) +
                     " of the interface, this dropctl version " +
                     std::to_string(DROPTRACE_GENL_VERSION),
                 "load the module that was built together with this dropctl: `rmmod droptrace`, "
                 "then `insmod kmod/droptrace.ko`"};
}

Error refused(const std::string &what, const Request &request, const Answer &answer) {
    if (answer.error == EPERM || answer.error == EACCES) {
        return Error{what, "needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN)", "sudo dropctl ..."};
    }
    // Generic netlink's answer for a family that has gone; the module's own come with a text.
    if (answer.error == ENOENT && answer.text.empty()) {
        return Error{what, "the droptrace module was unloaded meanwhile"};
    }
    Error error{what, answer.text.empty() ? std::strerror(answer.error) : answer.text};
    error.number = answer.error;
    error.blamed = blamed(request, answer);
    if (!error.blamed.empty() && error.why.find(error.blamed) == std::string::npos) {
        error.why += " (" + error.blamed + ")";
    }
    if (answer.error == ENOSPC) {
        error.hint = who_takes_the_room(request.command());
    }
    return error;
}

} // namespace dropctl::nl

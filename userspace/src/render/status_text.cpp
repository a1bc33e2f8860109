// SPDX-License-Identifier: GPL-2.0-only
#include "render/status_text.hpp"

#include "render/clock_text.hpp"
#include "render/json.hpp"
#include "render/table.hpp"
#include "util/escape.hpp"

#include <fmt/format.h>

namespace dropctl::render {

namespace {

using Align = Table::Align;

std::string size_text(uint64_t bytes) {
    constexpr uint64_t kib = 1024;
    if (bytes != 0 && bytes % (kib * kib) == 0) {
        return fmt::format("{}M", bytes / (kib * kib));
    }
    return bytes != 0 && bytes % kib == 0 ? fmt::format("{}K", bytes / kib) : std::to_string(bytes);
}

std::string filters_text(const Session &session) {
    std::string text;
    for (const uint32_t id : session.filters) {
        text += fmt::format("{}{}", text.empty() ? "" : ",", id);
    }
    return text.empty() ? "all" : text;
}

std::string sessions_text(const std::vector<Session> &sessions) {
    Table table({{"SESSION", Align::Right},
                 {"PID", Align::Right},
                 {"COMMAND"},
                 {"STATE"},
                 {"RING"},
                 {"FILTERS"},
                 {"PRODUCED", Align::Right},
                 {"DELIVERED", Align::Right},
                 {"LOST", Align::Right}});
    for (const Session &session : sessions) {
        // The recursions in a session's table are the whole module's.
        const uint64_t lost = session.loss.ring_full + session.loss.undelivered;
        table.add({std::to_string(session.id), std::to_string(session.pid),
                   util::printable(session.comm), session.streaming ? "streaming" : "idle",
                   session.streaming ? size_text(session.ring_size) : "-",
                   session.streaming ? filters_text(session) : "-", grouped(session.produced),
                   grouped(session.delivered), grouped(lost)});
    }
    return table.empty() ? "" : "\n" + table.text();
}

std::string features_text(const Status &status) {
    std::string text = status.has_reason ? "drop reasons" : "no drop reasons (before Linux 5.17)";
    text += status.has_rx_sk ? ", receiving sockets" : "";
    text += status.sees_addresses ? ", addresses" : ", no addresses (kernel.kptr_restrict)";
    return text;
}

void append_session(util::Writer &out, const Session &session) {
    JsonObject object(out);
    object.number("id", session.id)
        .number("portid", session.portid)
        .number("pid", session.pid)
        .text("comm", session.comm)
        .boolean("streaming", session.streaming)
        .number("ring_size", session.ring_size)
        .number("snaplen", session.snaplen)
        .number("stack_depth", session.stack_depth)
        .raw("filters", fmt::format("[{}]", fmt::join(session.filters, ",")))
        .number("produced", session.produced)
        .number("delivered", session.delivered)
        .key("lost");
    append_json(out, session.loss);
    object.number("rate_limited", session.loss.rate_limited).close();
}

} // namespace

std::string status_text(const Report &report) {
    const Status &status = report.status;
    std::string text =
        fmt::format("droptrace {} on {}, up {}\n", util::printable(status.module_version),
                    report.kernel, duration_text(status.uptime_ns));
    const auto line = [&text](const char *name, const std::string &value) {
        text += fmt::format("  {:<10} {}\n", name, value);
    };
    line("interface", fmt::format("version {}", status.abi));
    line("offers", features_text(status));
    line("probe", status.probe_armed ? "armed" : "not armed");
    line("counting", status.counting ? "on" : "off");
    line("filters", grouped(status.filters));
    line("sessions", grouped(status.sessions));
    line("objects", grouped(status.objects));
    line("events", fmt::format("{} produced, {} delivered, {} lost", grouped(status.produced),
                               grouped(status.delivered), grouped(status.loss.total())));
    line("losses", fmt::format("ring full {}, undelivered {}, recursion {}; rate limited {}",
                               grouped(status.loss.ring_full), grouped(status.loss.undelivered),
                               grouped(status.loss.recursion), grouped(status.loss.rate_limited)));
    return text + sessions_text(report.sessions);
}

void append_json(util::Writer &out, const Report &report) {
    const Status &status = report.status;
    JsonObject object(out, "status");
    object.boolean("loaded", true)
        .text("kernel", report.kernel)
        .text("module_version", status.module_version)
        .number("abi", status.abi)
        .number("uptime_ns", status.uptime_ns)
        .boolean("has_reason", status.has_reason)
        .boolean("has_rx_sk", status.has_rx_sk)
        .boolean("sees_addresses", status.sees_addresses)
        .boolean("armed", status.probe_armed)
        .boolean("counting", status.counting)
        .number("filters", status.filters)
        .number("objects", status.objects)
        .number("produced", status.produced)
        .number("delivered", status.delivered)
        .key("lost");
    append_json(out, status.loss);
    object.number("rate_limited", status.loss.rate_limited).key("sessions");
    out.put('[');
    for (const Session &session : report.sessions) {
        if (&session != report.sessions.data()) {
            out.put(',');
        }
        append_session(out, session);
    }
    out.put(']');
    object.end_line();
}

void append_json_unloaded(util::Writer &out, const std::string &kernel, bool loaded,
                          const std::string &why) {
    JsonObject(out, "status")
        .boolean("loaded", loaded)
        .text("kernel", kernel)
        .text("error", why)
        .end_line();
}

} // namespace dropctl::render

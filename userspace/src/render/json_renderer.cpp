// SPDX-License-Identifier: GPL-2.0-only
#include "render/json_renderer.hpp"

#include "render/json.hpp"

#include <linux/droptrace.h>

namespace dropctl::render {

namespace {

const char *cause_name(uint32_t cause) {
    switch (cause) {
    case DROPTRACE_END_STOPPED:
        return "stopped";
    case DROPTRACE_END_UNLOADED:
        return "unloaded";
    default:
        return "unknown";
    }
}

} // namespace

void JsonRenderer::write_line() {
    out_.write(line_.view());
    line_.clear();
}

void JsonRenderer::drop(const Event &event) {
    packet::dissect(event, packet_);
    drops_.append(line_, event, packet_);
    line_.put('\n');
    write_line();
}

void JsonRenderer::loss(const Loss &now, const Loss & /*before*/) {
    JsonObject object(line_, "loss");
    object.key("lost");
    append_json(line_, now);
    object.number("rate_limited", now.rate_limited).end_line();
    write_line();
    out_.flush();
}

void JsonRenderer::summary(const Summary &summary) {
    JsonObject object(line_, "summary");
    object.number("events", summary.events).decimal("seconds", summary.seconds);
    if (summary.complete) {
        object.number("produced", summary.end.produced).number("delivered", summary.end.delivered);
    } else {
        object.null("produced").null("delivered");
    }
    object.key("lost");
    append_json(line_, summary.end.loss);
    object.number("rate_limited", summary.end.loss.rate_limited)
        .number("decode_errors", summary.decode_errors)
        .text("cause", cause_name(summary.end.cause))
        .end_line();
    write_line();
    out_.flush();
}

} // namespace dropctl::render

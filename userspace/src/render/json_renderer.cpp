// SPDX-License-Identifier: GPL-2.0-only
#include "render/json_renderer.hpp"

#include "render/json.hpp"

#include <linux/droptrace.h>

namespace dropctl::render {

namespace {

// In a flood, lines go to the output by so many bytes.
constexpr size_t block = size_t{32} * 1024;

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

/// Hand over what was written, whole lines.
void JsonRenderer::hand_over() {
    out_.write(lines_.view());
    lines_.clear();
}

void JsonRenderer::drop(const Event &event) {
    packet::dissect(event, packet_);
    drops_.append(lines_, event, packet_);
    lines_.put('\n');
    if (lines_.size() >= block) {
        hand_over();
    }
}

void JsonRenderer::idle() {
    hand_over();
    out_.flush();
}

void JsonRenderer::loss(const Loss &now, const Loss & /*before*/) {
    JsonObject object(lines_, "loss");
    object.key("lost");
    append_json(lines_, now);
    object.number("rate_limited", now.rate_limited).end_line();
    hand_over();
    out_.flush();
}

void JsonRenderer::summary(const Summary &summary) {
    JsonObject object(lines_, "summary");
    object.number("events", summary.events).decimal("seconds", summary.seconds);
    if (summary.paths != 0) {
        object.number("paths", summary.paths);
    }
    if (summary.complete) {
        object.number("produced", summary.end.produced).number("delivered", summary.end.delivered);
    } else {
        object.null("produced").null("delivered");
    }
    object.key("lost");
    append_json(lines_, summary.end.loss);
    object.number("rate_limited", summary.end.loss.rate_limited)
        .number("decode_errors", summary.decode_errors)
        .text("cause", cause_name(summary.end.cause))
        .end_line();
    hand_over();
    out_.flush();
}

} // namespace dropctl::render

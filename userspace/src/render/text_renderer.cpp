// SPDX-License-Identifier: GPL-2.0-only
#include "render/text_renderer.hpp"

#include "render/clock_text.hpp"

#include <fmt/format.h>

namespace dropctl::render {

namespace {

// The first loss is told at once; in a flood they come with every message.
constexpr std::chrono::seconds loss_interval{1};

std::string causes(const Loss &loss) {
    std::string text;
    const auto add = [&text](const char *cause, uint64_t count) {
        if (count != 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", cause, grouped(count));
        }
    };
    add("ring full", loss.ring_full);
    add("undelivered", loss.undelivered);
    add("recursion", loss.recursion);
    return text;
}

} // namespace

std::string loss_text(const Loss &loss) {
    return loss.total() == 0 ? "0 lost"
                             : fmt::format("{} lost ({})", grouped(loss.total()), causes(loss));
}

std::string summary_text(const Summary &summary) {
    std::string text = fmt::format("{} {} in {:.1f} s, {}", grouped(summary.events),
                                   summary.events == 1 ? "drop" : "drops", summary.seconds,
                                   loss_text(summary.end.loss));
    if (summary.paths != 0) {
        text +=
            fmt::format(", {} {}", grouped(summary.paths), summary.paths == 1 ? "path" : "paths");
    }
    if (summary.end.loss.rate_limited != 0) {
        text += fmt::format(", {} over the rate or count of their filter",
                            grouped(summary.end.loss.rate_limited));
    }
    if (summary.decode_errors != 0) {
        text += fmt::format(", {} not understood", grouped(summary.decode_errors));
    }
    return text;
}

void TextRenderer::begin() {
    out_.write(drops_.header());
    out_.flush();
}

void TextRenderer::drop(const Event &event) {
    packet::dissect(event, packet_);
    out_.write(drops_.line(event, packet_));
}

void TextRenderer::loss(const Loss &now, const Loss & /*before*/) {
    lost_ = now;
    const Clock::time_point time = Clock::now();
    if (told_.total() == 0 || time - told_at_ >= loss_interval) {
        tell_loss(time);
    }
}

void TextRenderer::idle() {
    out_.flush();
    const Clock::time_point time = Clock::now();
    if (lost_.total() != told_.total() && time - told_at_ >= loss_interval) {
        tell_loss(time);
    }
}

void TextRenderer::tell_loss(Clock::time_point now) {
    if (lost_.total() == told_.total()) {
        return; // only a rate limit, which the summary tells
    }
    out_.flush(); // so that the two stay in order where both go to one terminal
    err_.write(fmt::format("lost {} more: {}\n", grouped(lost_.total() - told_.total()),
                           loss_text(lost_)));
    if (told_.ring_full == 0 && lost_.ring_full != 0) {
        err_.write("hint: a larger --ring-size, or a filter that matches less\n");
    }
    err_.flush();
    told_ = lost_;
    told_at_ = now;
}

void TextRenderer::summary(const Summary &summary) {
    out_.flush();
    err_.write(summary_text(summary) + "\n");
    err_.flush();
}

} // namespace dropctl::render

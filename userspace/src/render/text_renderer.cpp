// SPDX-License-Identifier: GPL-2.0-only
#include "render/text_renderer.hpp"

#include "render/clock_text.hpp"

#include <fmt/format.h>

namespace dropctl::render {

namespace {

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

void TextRenderer::loss(const Loss &now, const Loss &before) {
    if (now.total() == before.total()) {
        return; // only a rate limit, which the summary tells
    }
    out_.flush(); // so that the two stay in order where both go to one terminal
    err_.write(fmt::format("lost {} more drops: {}\n", grouped(now.total() - before.total()),
                           loss_text(now)));
    if (before.ring_full == 0 && now.ring_full != 0) {
        err_.write("hint: a larger --ring-size, or a filter that matches less\n");
    }
    err_.flush();
}

void TextRenderer::summary(const Summary &summary) {
    out_.flush();
    err_.write(summary_text(summary) + "\n");
    err_.flush();
}

} // namespace dropctl::render

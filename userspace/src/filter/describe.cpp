// SPDX-License-Identifier: GPL-2.0-only
#include "filter/describe.hpp"

#include "util/escape.hpp"

#include <fmt/format.h>

namespace dropctl::filter {

namespace {

void add(std::string &text, const std::string &part) {
    text += (text.empty() ? "" : ", ") + part;
}

std::string mark_text(const Filter &filter) {
    return filter.mark_mask == UINT32_MAX
               ? fmt::format("mark {:#x}", *filter.mark)
               : fmt::format("mark {:#x}/{:#x}", *filter.mark, filter.mark_mask);
}

std::string reasons_text(const Filter &filter, const Namer &namer) {
    std::string text;
    for (const uint32_t reason : filter.reasons) {
        text += (text.empty() ? "reason " : " or ") + namer.reason(reason);
    }
    return text;
}

std::string netns_text(const Filter &filter, const Namer &namer) {
    const std::string name = namer.netns(filter.netns);
    return name.empty() ? fmt::format("netns inode:{}", filter.netns)
                        : "netns " + util::printable(name);
}

} // namespace

std::string conditions(const Filter &filter, const Namer &namer) {
    std::string text = util::printable(filter.expr);
    if (!filter.inner_expr.empty()) {
        add(text, "inside a tunnel (" + util::printable(filter.inner_expr) + ")");
    }
    if (!filter.dev.empty()) {
        add(text, "dev " + util::printable(filter.dev));
    }
    if (filter.netns != 0) {
        add(text, netns_text(filter, namer));
    }
    if (filter.mark) {
        add(text, mark_text(filter));
    }
    if (!filter.reasons.empty()) {
        add(text, reasons_text(filter, namer));
    }
    if (!filter.function.empty()) {
        add(text, "dropped by " + util::printable(filter.function));
    }
    return text.empty() ? "every packet" : text;
}

std::string remarks(const Filter &filter) {
    std::string text;
    if (filter.exclude) {
        add(text, "excluded");
    }
    if (filter.snaplen) {
        add(text, fmt::format("{} bytes", *filter.snaplen));
    }
    if (filter.rate != 0) {
        add(text, fmt::format("{}/s", filter.rate));
    }
    if (filter.count != 0) {
        add(text, fmt::format("the first {}", filter.count));
    }
    if (filter.owned) {
        add(text, "temporary");
    }
    if (filter.stale) {
        add(text, "stale: its module was unloaded");
    }
    return text;
}

bool matches_everything(const Filter &filter) {
    return filter.expr.empty() && filter.inner_expr.empty() && filter.dev.empty() &&
           filter.netns == 0 && !filter.mark && filter.reasons.empty() && filter.function.empty();
}

} // namespace dropctl::filter

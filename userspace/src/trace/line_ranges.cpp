// SPDX-License-Identifier: GPL-2.0-only
#include "trace/line_ranges.hpp"

#include "util/parse.hpp"

#include <algorithm>
#include <limits>

namespace dropctl::trace {

Result<LineRanges> LineRanges::parse(const std::vector<std::string> &words) {
    LineRanges lines;
    for (const std::string &typed : words) {
        const std::string word = typed.starts_with(':') ? typed.substr(1) : typed;
        const size_t dash = word.find('-');
        const auto first = util::parse_number(word.substr(0, dash));
        const auto last =
            dash == std::string::npos ? first : util::parse_number(word.substr(dash + 1));
        if (!first || !last || *first == 0 || *first > *last ||
            *last > std::numeric_limits<uint32_t>::max()) {
            return Error{"--lines", "'" + typed + "' is neither a line nor a range of lines",
                         "--lines 2514-2521,2550", Exit::Usage};
        }
        lines.ranges_.emplace_back(static_cast<uint32_t>(*first), static_cast<uint32_t>(*last));
    }
    return lines;
}

bool LineRanges::holds(uint32_t line) const {
    return ranges_.empty() ||
           std::any_of(ranges_.begin(), ranges_.end(), [line](const auto &range) {
               return range.first <= line && line <= range.second;
           });
}

void LineRanges::keep(ReportedPath &path) const {
    if (all()) {
        return;
    }
    const auto other = [this](const ReportedItem &item) {
        if (const auto *line = std::get_if<ReportedLine>(&item)) {
            return !holds(line->line) && !line->dropped;
        }
        const auto *call = std::get_if<ReportedCall>(&item);
        return call != nullptr && !call->frame && !holds(call->line);
    };
    for (ReportedFrame &frame : path.frames) {
        std::erase_if(frame.items, other);
    }
}

} // namespace dropctl::trace

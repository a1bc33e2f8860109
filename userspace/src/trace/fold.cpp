// SPDX-License-Identifier: GPL-2.0-only
#include "trace/frame_lines.hpp"

namespace dropctl::trace {

namespace {

// Lines of a loop's body at most; longer ones are shown as often as they ran.
constexpr size_t longest = 48;

bool same_call(const ReportedCall &one, const ReportedCall &other) {
    return one.callee == other.callee && one.line == other.line && one.file == other.file &&
           one.retval == other.retval && !one.frame && !other.frame;
}

/// Values tell rounds of a loop apart.
bool same(const ReportedItem &one, const ReportedItem &other) {
    if (one.index() != other.index()) {
        return false;
    }
    if (const auto *line = std::get_if<ReportedLine>(&one)) {
        const auto &second = std::get<ReportedLine>(other);
        return line->same_place(second) && line->values.empty() && second.values.empty() &&
               !line->dropped && !second.dropped;
    }
    const auto *call = std::get_if<ReportedCall>(&one);
    return call != nullptr && same_call(*call, std::get<ReportedCall>(other));
}

/// The last `length` items repeat those before them: then only count.
bool fold_last(std::vector<ReportedItem> &items, size_t length) {
    const size_t second = items.size() - length;
    const size_t first = second - length;
    for (size_t i = 0; i < length; ++i) {
        if (!same(items[first + i], items[second + i])) {
            return false;
        }
    }
    for (size_t i = 0; i < length; ++i) {
        if (auto *line = std::get_if<ReportedLine>(&items[first + i])) {
            line->count += std::get<ReportedLine>(items[second + i]).count;
        }
    }
    items.resize(second);
    return true;
}

} // namespace

void fold(std::vector<ReportedItem> &items) {
    std::vector<ReportedItem> folded;
    for (ReportedItem &item : items) {
        folded.push_back(std::move(item));
        for (size_t length = 1; length <= longest && 2 * length <= folded.size(); ++length) {
            if (fold_last(folded, length)) {
                break;
            }
        }
    }
    items = std::move(folded);
}

} // namespace dropctl::trace

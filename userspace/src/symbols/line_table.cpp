// SPDX-License-Identifier: GPL-2.0-only
#include "symbols/line_table.hpp"

#include <algorithm>

namespace dropctl::symbols {

namespace {

void move_range(Range &range, uint64_t bias) {
    range.start += bias;
    range.end += bias;
}

} // namespace

void LineTable::move(uint64_t bias) {
    for (LineRow &row : rows) {
        row.address += bias;
        row.end += bias;
    }
    for (Range &range : ranges) {
        move_range(range, bias);
    }
    for (InlineScope &scope : scopes) {
        scope.entry += scope.entry == 0 ? 0 : bias;
        for (Range &range : scope.ranges) {
            move_range(range, bias);
        }
    }
}

/// Children come after their parents, so the last one that fits is the innermost.
uint32_t LineTable::scope_at(uint64_t address) const {
    const auto holds = [&](const InlineScope &scope) {
        return std::any_of(scope.ranges.begin(), scope.ranges.end(),
                           [&](const Range &range) { return range.holds(address); });
    };
    uint32_t found = 0;
    for (uint32_t i = 1; i < scopes.size(); i++) {
        if (scopes[i].parent == found && holds(scopes[i])) {
            found = i;
        }
    }
    return found;
}

const LineRow *LineTable::row_at(uint64_t address) const {
    auto row = std::upper_bound(rows.begin(), rows.end(), address,
                                [](uint64_t a, const LineRow &r) { return a < r.address; });
    const auto found = row;
    while (row != rows.begin()) {
        --row;
        if (row->line != 0) {
            const bool covered = std::prev(found)->end > address;
            return covered ? &*row : nullptr;
        }
    }
    return nullptr;
}

std::vector<Frame> LineTable::frames(uint64_t address) const {
    std::vector<Frame> chain;
    if (scopes.empty()) {
        return chain;
    }
    Frame place;
    if (const LineRow *row = row_at(address)) {
        place.file = files[row->file];
        place.line = row->line;
    }
    uint32_t at = scope_at(address);
    for (;;) {
        const InlineScope &scope = scopes[at];
        place.function = scope.function;
        chain.push_back(std::move(place));
        if (at == 0) {
            return chain;
        }
        place = {.function = {}, .file = files[scope.call_file], .line = scope.call_line};
        at = scope.parent;
    }
}

} // namespace dropctl::symbols

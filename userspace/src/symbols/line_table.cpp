// SPDX-License-Identifier: GPL-2.0-only
#include "symbols/line_table.hpp"

#include <algorithm>
#include <utility>

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
    Frame place;
    if (const LineRow *row = row_at(address)) {
        place.file = files[row->file];
        place.line = row->line;
    }
    return scopes.empty() ? std::vector<Frame>() : chain(scope_at(address), std::move(place));
}

std::vector<Frame> LineTable::frames_of(const LineRow &row) const {
    Frame place{.function = {}, .file = files[row.file], .line = row.line};
    return scopes.empty() ? std::vector<Frame>() : chain(scope_of(row), std::move(place));
}

std::vector<Frame> LineTable::chain(uint32_t at, Frame place) const {
    std::vector<Frame> chain;
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

/// 0: the scope holds the address.
uint64_t LineTable::distance(const InlineScope &scope, uint64_t address) const {
    uint64_t least = UINT64_MAX;
    for (const Range &range : scope.ranges) {
        const uint64_t away = range.holds(address)    ? 0
                              : address < range.start ? range.start - address
                                                      : address - range.end + 1;
        least = std::min(least, away);
    }
    return least;
}

/// The function that a line is in is the last one to begin before it in that file. Of
/// the copies of it that are inlined here the one nearest to the row is meant; of
/// several around it the innermost.
uint32_t LineTable::scope_of(const LineRow &row) const {
    const uint32_t innermost = scope_at(row.address);
    uint32_t declared = 0;
    for (const InlineScope &scope : scopes) {
        if (scope.declared_file == row.file && scope.declared_line <= row.line) {
            declared = std::max(declared, scope.declared_line);
        }
    }
    uint32_t found = innermost;
    uint64_t nearest = UINT64_MAX;
    for (uint32_t i = 0; declared != 0 && i < scopes.size(); i++) {
        if (scopes[i].declared_file != row.file || scopes[i].declared_line != declared) {
            continue;
        }
        if (const uint64_t away = distance(scopes[i], row.address); away <= nearest) {
            nearest = away;
            found = i;
        }
    }
    return found;
}

} // namespace dropctl::symbols

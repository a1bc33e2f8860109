// SPDX-License-Identifier: GPL-2.0-only
// The source lines of a function: which have code, which of them can be traced,
// what is inlined and called there.
#pragma once

#include "code/placement.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dropctl::code {

/// Why a line can be traced, or not.
enum class LineState : uint8_t {
    Traced,    ///< its code lies in blocks of which it is always known whether they ran
    InDoubt,   ///< some of its code can be probed nowhere near
    Unreached, ///< nothing leads to its code now (a static key is off)
};

/// A line in one inline context.
struct ListedLine {
    std::vector<Frame> frames; ///< innermost first; the first has the line itself
    LineState state = LineState::Unreached;
    bool is_stmt = false;
    std::vector<uint64_t> addresses; ///< of its rows, ascending
    std::vector<uint32_t> calls;     ///< made there: indices into Cfg::calls

    [[nodiscard]] const Frame &place() const { return frames.front(); }
};

/// All lines of a function that have code, those of inlined functions behind the
/// line that calls them: as one reads the source.
std::vector<ListedLine> list_lines(const Function &function, const Placement &placement);

} // namespace dropctl::code

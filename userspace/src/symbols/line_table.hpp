// SPDX-License-Identifier: GPL-2.0-only
// What the debug information says of one function's code: line rows, and the
// functions inlined into it as a tree of scopes. Passive; DwarfUnit makes it, and
// who asked moves the addresses to where the running kernel has them.
#pragma once

#include "model.hpp"
#include "symbols/range.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dropctl::symbols {

/// A row of the line table.
struct LineRow {
    uint64_t address = 0;
    uint64_t end = 0;     ///< where the next row with another address begins
    uint32_t file = 0;    ///< index into LineTable::files
    uint32_t line = 0;    ///< 0: code that belongs to no line
    uint16_t column = 0;  ///< 0: unknown
    uint16_t view = 0;    ///< counts rows of the same address
    bool is_stmt = false; ///< recommended for breakpoints
};

/// A function inlined at some place, or, the first, the function itself.
struct InlineScope {
    std::string function;
    uint32_t parent = 0;        ///< index into LineTable::scopes; the first one's: itself
    uint32_t declared_file = 0; ///< index into LineTable::files
    uint32_t declared_line = 0; ///< 0: unknown
    uint32_t call_file = 0;     ///< where the one around it calls
    uint32_t call_line = 0;     ///< 0: unknown, or not inlined
    uint64_t entry = 0;         ///< where its code is entered; 0: unknown
    uint64_t die = 0;           ///< offset of its DIE, relative to its unit's
    std::vector<Range> ranges;
};

struct LineTable {
    std::vector<std::string> files;  ///< relative to the kernel tree; the first is empty: unknown
    std::vector<LineRow> rows;       ///< by address, then view
    std::vector<InlineScope> scopes; ///< parents before children; empty: no debug information

    std::vector<Range> ranges; ///< of the function, .cold part included

    /// Add a bias to every address.
    void move(uint64_t bias);
    [[nodiscard]] bool empty() const { return scopes.empty(); }
    /// The innermost scope at an address; 0 is the function itself.
    [[nodiscard]] uint32_t scope_at(uint64_t address) const;
    /// Functions at an address, innermost first, as DwarfUnit::place() has
    /// them: the first with the line of the address itself, each other one with
    /// that of the call that was inlined.
    [[nodiscard]] std::vector<Frame> frames(uint64_t address) const;
    /// The scope that a row is of. Of several rows at one address only the last need be
    /// of the innermost scope there.
    [[nodiscard]] uint32_t scope_of(const LineRow &row) const;
    /// The same as frames(), for a row: with the row's own line.
    [[nodiscard]] std::vector<Frame> frames_of(const LineRow &row) const;
    /// The row that covers an address: of several at one address the last, and of
    /// those without a line the one before. Null: none.
    [[nodiscard]] const LineRow *row_at(uint64_t address) const;

  private:
    [[nodiscard]] std::vector<Frame> chain(uint32_t scope, Frame place) const;
    [[nodiscard]] uint64_t distance(const InlineScope &scope, uint64_t address) const;
};

} // namespace dropctl::symbols

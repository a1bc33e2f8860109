// SPDX-License-Identifier: GPL-2.0-only
// One compilation unit of debug information: what function, file and line an
// address in it stands for, through every level of inlining. Reads only what a
// lookup needs: the unit's line table and the ranges of its functions once,
// then the one function.
#pragma once

#include "symbols/line_table.hpp"
#include "symbols/source_tree.hpp"

#include <elfutils/libdw.h>

#include "model.hpp"
#include <cstdint>
#include <optional>
#include <string>

#include <utility>
#include <vector>

namespace dropctl::symbols {

/// An address as the debug information counts: the running kernel's less the
/// bias of its image. A type of its own, so that the bias is not forgotten.
enum class DwarfAddress : uint64_t {};

/// Start and end (not included).
struct DwarfRange {
    DwarfAddress start;
    DwarfAddress end;
};

/// What the debug information says of an address.
struct SourcePlace {
    /// Functions, innermost first: the first with the place itself, each other one
    /// with the place of the call that was inlined.
    std::vector<Frame> frames;
};

class DwarfUnit {
  public:
    /// `die` and what it belongs to must outlive this. `cut`: bytes of .debug_info
    /// that were left away before this unit, so that offsets into the section that
    /// stand in it are too large by as much.
    explicit DwarfUnit(Dwarf_Die die, uint64_t cut = 0);

    SourcePlace place(DwarfAddress address);

    /// The code of every inlined copy of a function that this unit holds.
    void inlined_copies(const std::string &function, std::vector<DwarfRange> &found);

    /// Rows and inlined functions of the function that holds an address; empty: none.
    LineTable line_table(DwarfAddress address);

    /// The unit refers to other units, so cannot be read by itself.
    bool refers_elsewhere();

    /// The unit itself, for those who read it further.
    [[nodiscard]] const Dwarf_Die &die() const { return die_; }
    [[nodiscard]] uint64_t cut() const { return cut_; }
    /// The function, not an inlined one, whose code holds an address; false: none.
    bool function_at(DwarfAddress address, Dwarf_Die &function);

  private:
    class LineReader;
    struct Function {
        uint64_t start;
        uint64_t end;
        Dwarf_Off die;
    };

    void place_line(uint64_t address, Frame &frame);
    void place_functions(uint64_t address, SourcePlace &place);
    void add_inlined(Dwarf_Die &scope, uint64_t address, SourcePlace &place, unsigned depth);
    Frame call_site(Dwarf_Die &inlined);
    void index_functions();
    void index_children(Dwarf_Die &parent);
    const SourceTree &tree();

    Dwarf_Die die_;
    uint64_t cut_;
    bool indexed_ = false;
    std::vector<Function> functions_; ///< by start, none overlapping
    std::optional<SourceTree> tree_;
};

} // namespace dropctl::symbols

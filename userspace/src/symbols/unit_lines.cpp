// SPDX-License-Identifier: GPL-2.0-only
// The lines of one function and what is inlined into it: a walk over the rows of
// the unit's line table and over the DIEs below the function's.
#include "symbols/die_walk.hpp"
#include "symbols/dwarf_unit.hpp"

#include <algorithm>
#include <unordered_map>

namespace dropctl::symbols {

namespace {

constexpr unsigned deepest = 64; ///< nested scopes; more is broken debug information

uint32_t number_of(Dwarf_Die &die, unsigned attribute) {
    Dwarf_Attribute storage;
    Dwarf_Word value = 0;
    if (dwarf_formudata(dwarf_attr_integrate(&die, attribute, &storage), &value) != 0) {
        return 0;
    }
    return static_cast<uint32_t>(value);
}

std::vector<Range> ranges_of(Dwarf_Die &die) {
    std::vector<Range> ranges;
    each_range(die, [&](uint64_t start, uint64_t end) { ranges.push_back({start, end}); });
    return ranges;
}

} // namespace

/// Fills one LineTable.
class DwarfUnit::LineReader {
  public:
    LineReader(DwarfUnit &unit, LineTable &table) : unit_(unit), table_(table) {
        table_.files.emplace_back();
        if (dwarf_getsrcfiles(&unit_.die_, &files_, &file_count_) != 0) {
            file_count_ = 0;
        }
    }

    void read_function(Dwarf_Die &function) {
        table_.ranges = ranges_of(function);
        InlineScope scope = describe(function, 0);
        scope.ranges = table_.ranges;
        table_.scopes.push_back(std::move(scope));
        read_scopes(function, 0, 0);
        read_rows();
    }

  private:
    InlineScope describe(Dwarf_Die &die, uint32_t parent) {
        InlineScope scope;
        scope.function = name_of(die);
        scope.parent = parent;
        scope.declared_file = unit_file(number_of(die, DW_AT_decl_file));
        scope.declared_line = number_of(die, DW_AT_decl_line);
        scope.die = dwarf_dieoffset(&die) - dwarf_dieoffset(&unit_.die_);
        Dwarf_Addr entry = 0;
        scope.entry = dwarf_entrypc(&die, &entry) == 0 ? entry : 0;
        return scope;
    }

    void read_scopes(Dwarf_Die &parent, uint32_t index, unsigned depth) {
        any_child(parent, [&](Dwarf_Die &child) {
            const int tag = dwarf_tag(&child);
            if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) {
                return false;
            }
            uint32_t below = index;
            if (tag == DW_TAG_inlined_subroutine) {
                InlineScope scope = describe(child, index);
                scope.ranges = ranges_of(child);
                scope.call_file = unit_file(number_of(child, DW_AT_call_file));
                scope.call_line = number_of(child, DW_AT_call_line);
                below = static_cast<uint32_t>(table_.scopes.size());
                table_.scopes.push_back(std::move(scope));
            }
            if (depth < deepest) {
                read_scopes(child, below, depth + 1);
            }
            return false;
        });
    }

    void read_rows() {
        Dwarf_Lines *lines = nullptr;
        size_t count = 0;
        if (dwarf_getsrclines(&unit_.die_, &lines, &count) != 0) {
            return;
        }
        std::vector<Range> ranges = table_.ranges;
        std::sort(ranges.begin(), ranges.end(),
                  [](const Range &a, const Range &b) { return a.start < b.start; });
        for (const Range &range : ranges) {
            read_rows_of(lines, count, range);
        }
    }

    void read_rows_of(Dwarf_Lines *lines, size_t count, const Range &range) {
        const auto address_of = [&](size_t index) {
            Dwarf_Addr address = 0;
            dwarf_lineaddr(dwarf_onesrcline(lines, index), &address);
            return address;
        };
        size_t low = 0;
        for (size_t high = count; low < high;) {
            const size_t middle = low + (high - low) / 2;
            if (address_of(middle) < range.start) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        const size_t first = table_.rows.size();
        for (size_t i = low; i < count && address_of(i) < range.end; i++) {
            add_row(dwarf_onesrcline(lines, i));
        }
        uint64_t end = range.end;
        uint64_t address = end;
        for (size_t i = table_.rows.size(); i-- > first;) {
            LineRow &row = table_.rows[i];
            end = row.address == address ? end : address;
            address = row.address;
            row.end = end;
        }
        for (size_t i = first + 1; i < table_.rows.size(); i++) {
            const LineRow &before = table_.rows[i - 1];
            LineRow &row = table_.rows[i];
            row.view = static_cast<uint16_t>(row.address == before.address ? before.view + 1 : 0);
        }
    }

    void add_row(Dwarf_Line *line) {
        bool flag = false;
        if (dwarf_lineendsequence(line, &flag) != 0 || flag) {
            return;
        }
        LineRow row;
        Dwarf_Addr address = 0;
        int number = 0;
        dwarf_lineaddr(line, &address);
        row.address = address;
        dwarf_lineno(line, &number);
        row.line = static_cast<uint32_t>(number);
        number = 0;
        dwarf_linecol(line, &number);
        row.column = static_cast<uint16_t>(number);
        dwarf_linebeginstatement(line, &flag);
        row.is_stmt = flag;
        row.file = file(dwarf_linesrc(line, nullptr, nullptr));
        table_.rows.push_back(row);
    }

    uint32_t unit_file(uint32_t number) {
        return number == 0 || number >= file_count_
                   ? 0
                   : file(dwarf_filesrc(files_, number, nullptr, nullptr));
    }

    /// libdw gives the same pointer for the same file of a unit.
    uint32_t file(const char *name) {
        if (name == nullptr) {
            return 0;
        }
        const auto [place, is_new] = numbers_.try_emplace(name, 0);
        if (is_new) {
            std::string relative = unit_.tree().relative(name);
            const auto known = std::find(table_.files.begin(), table_.files.end(), relative);
            place->second = static_cast<uint32_t>(known - table_.files.begin());
            if (known == table_.files.end()) {
                table_.files.push_back(std::move(relative));
            }
        }
        return place->second;
    }

    DwarfUnit &unit_;
    LineTable &table_;
    Dwarf_Files *files_ = nullptr;
    size_t file_count_ = 0;
    std::unordered_map<const char *, uint32_t> numbers_;
};

LineTable DwarfUnit::line_table(DwarfAddress address) {
    LineTable table;
    Dwarf_Die function;
    if (function_at(address, function)) {
        LineReader(*this, table).read_function(function);
    }
    return table;
}

} // namespace dropctl::symbols

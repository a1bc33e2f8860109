// SPDX-License-Identifier: GPL-2.0-only
// Which compilation unit holds an address: the contents of .debug_aranges, a
// table of some hundred kilobytes for all of vmlinux.
#pragma once

#include "symbols/dwarf_unit.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dropctl::symbols {

class UnitIndex {
  public:
    /// Read a .debug_aranges section. Broken tables are read as far as they make sense.
    void read_aranges(std::string_view section);
    /// Add one range by hand; call sort() after the last one.
    void add(uint64_t start, uint64_t end, uint64_t unit);
    void sort();

    /// Offset in .debug_info of the unit that holds `address`.
    [[nodiscard]] std::optional<uint64_t> unit_at(DwarfAddress address) const;
    /// Offset of the last unit that begins at or before `offset`.
    [[nodiscard]] std::optional<uint64_t> unit_before(uint64_t offset) const;
    [[nodiscard]] bool empty() const { return ranges_.empty(); }

  private:
    struct Range {
        uint64_t start;
        uint64_t end;
        uint64_t unit;
    };

    void read_set(std::string_view set);

    std::vector<Range> ranges_;   ///< by start
    std::vector<uint64_t> units_; ///< in ascending order
};

} // namespace dropctl::symbols

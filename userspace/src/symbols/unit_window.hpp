// SPDX-License-Identifier: GPL-2.0-only
// One compilation unit of a large file, opened as if it were the only one.
#pragma once

#include "symbols/dwarf_unit.hpp"
#include "symbols/mapped_elf.hpp"

#include <elfutils/libdw.h>

#include <cstdint>
#include <memory>
#include <optional>

namespace dropctl::symbols {

class UnitWindow {
  public:
    /// Open the unit at `offset` of section .debug_info; null if it makes no sense.
    static std::unique_ptr<UnitWindow> open(const MappedElf &elf, const MappedElf::Section &info,
                                            uint64_t offset);
    ~UnitWindow();
    UnitWindow(const UnitWindow &) = delete;
    UnitWindow &operator=(const UnitWindow &) = delete;

    [[nodiscard]] uint64_t offset() const { return offset_; }
    [[nodiscard]] uint64_t length() const { return length_; }
    DwarfUnit &unit() { return *unit_; }
    /// False: it refers to other units, and cannot be read by itself.
    [[nodiscard]] bool self_contained() const { return self_contained_; }

  private:
    UnitWindow() = default;
    bool begin();

    uint64_t offset_ = 0; ///< in the whole .debug_info
    uint64_t length_ = 0; ///< bytes
    FileMapping image_;
    Elf *elf_ = nullptr;
    Dwarf *dwarf_ = nullptr;
    std::optional<DwarfUnit> unit_;
    bool self_contained_ = true;
};

} // namespace dropctl::symbols

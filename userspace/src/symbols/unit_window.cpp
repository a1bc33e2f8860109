// SPDX-License-Identifier: GPL-2.0-only
// Opens one compilation unit with libdw, in a mapping of the file whose section
// table says that .debug_info is nothing but this unit.
#include "symbols/unit_window.hpp"

#include <cstring>

namespace dropctl::symbols {

std::unique_ptr<UnitWindow> UnitWindow::open(const MappedElf &elf, const MappedElf::Section &info,
                                             uint64_t offset) {
    constexpr uint32_t dwarf64 = 0xfffffff0; // lengths from here on mean another format
    const std::string_view contents = elf.contents(info);
    uint32_t length = 0;
    if (offset > contents.size() || contents.size() - offset < sizeof(length)) {
        return nullptr;
    }
    std::memcpy(&length, contents.data() + offset, sizeof(length));
    if (length >= dwarf64 || length > contents.size() - offset - sizeof(length)) {
        return nullptr;
    }
    std::unique_ptr<UnitWindow> window(new UnitWindow);
    window->offset_ = offset;
    window->length_ = sizeof(length) + length;
    window->image_ = elf.with_part_of(info, offset, window->length_);
    return window->image_ && window->begin() ? std::move(window) : nullptr;
}

UnitWindow::~UnitWindow() {
    unit_.reset();
    dwarf_end(dwarf_);
    elf_end(elf_);
}

bool UnitWindow::begin() {
    elf_version(EV_CURRENT);
    elf_ = elf_memory(image_.start(), image_.size());
    dwarf_ = elf_ == nullptr ? nullptr : dwarf_begin_elf(elf_, DWARF_C_READ, nullptr);
    Dwarf_CU *unit = nullptr;
    Dwarf_Die die;
    if (dwarf_ == nullptr ||
        dwarf_get_units(dwarf_, nullptr, &unit, nullptr, nullptr, &die, nullptr) != 0) {
        return false;
    }
    unit_.emplace(die, offset_);
    self_contained_ = !unit_->refers_elsewhere();
    return true;
}

} // namespace dropctl::symbols

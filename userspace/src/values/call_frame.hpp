// SPDX-License-Identifier: GPL-2.0-only
// Where a function's stack frame begins at an address: the canonical frame
// address out of .debug_frame. libdw would first read the entries of the whole
// kernel, 60000 of them; only that of one function is wanted.
#pragma once

#include <libelf.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace dropctl::values {

/// The frame address is the register's value plus the offset.
struct FrameBase {
    unsigned reg = 0; ///< DWARF number
    int64_t offset = 0;
};

/// For an address as the debug information counts; nothing if it does not tell.
std::optional<FrameBase> frame_base_at(Elf *elf, uint64_t address);
/// The same from the contents of a .debug_frame section.
std::optional<FrameBase> frame_base_in(std::string_view section, uint64_t address);

/// The contents of a section; empty if there is none.
std::string_view section_of(Elf *elf, std::string_view name);
/// Whether an address lies in a section of this name. `start`: where that begins.
bool section_holds(Elf *elf, std::string_view name, uint64_t address, uint64_t &start);

} // namespace dropctl::values

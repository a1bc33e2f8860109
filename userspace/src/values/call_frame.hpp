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

/// A .debug_frame section. Remembers the entry that was found last: it is looked for
/// from the beginning, and the next address is mostly of the same function.
class CallFrames {
  public:
    /// The contents of the section, which outlive this.
    explicit CallFrames(std::string_view section) : section_(section) {}
    explicit CallFrames(Elf *elf);

    /// For an address as the debug information counts; nothing if it does not tell.
    std::optional<FrameBase> base_at(uint64_t address);

  private:
    /// What covers the code of one function.
    struct Entry {
        uint64_t start = 0;
        uint64_t length = 0;
        uint32_t common = 0; ///< where its common part stands
        std::string_view instructions;
        [[nodiscard]] bool holds(uint64_t address) const {
            return address >= start && address - start < length;
        }
    };
    bool find(uint64_t address);

    std::string_view section_;
    Entry entry_;
};

/// The contents of a section; empty if there is none.
std::string_view section_of(Elf *elf, std::string_view name);
/// Whether an address lies in a section of this name. `start`: where that begins.
bool section_holds(Elf *elf, std::string_view name, uint64_t address, uint64_t &start);

} // namespace dropctl::values

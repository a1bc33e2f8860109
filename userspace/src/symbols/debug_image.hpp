// SPDX-License-Identifier: GPL-2.0-only
// A file of debug information: the compilation unit that holds an address, and
// the symbols by name. Two kinds: vmlinux, of which only the units asked for
// are opened (kernel_image.*), and modules, which need relocation (dwfl_image.*).
#pragma once

#include "symbols/dwarf_unit.hpp"

#include <memory>
#include <string>
#include <vector>

namespace dropctl::symbols {

/// A function of an ELF symbol table.
struct ElfFunction {
    DwarfAddress address;
    uint64_t size = 0; ///< bytes, 0: not known
};

class DebugImage {
  public:
    virtual ~DebugImage() = default;

    /// The unit that holds an address, null if none does. It stays valid until
    /// the next call.
    virtual DwarfUnit *unit_at(DwarfAddress address) = 0;

    /// The same, to be kept: it stays valid as long as it is held and the image lives.
    virtual std::shared_ptr<DwarfUnit> hold_unit_at(DwarfAddress address) {
        return {std::shared_ptr<void>(), unit_at(address)};
    }

    /// The code of inlined copies of a function, in whatever unit. `complete` is
    /// cleared if they were too many to look at all.
    virtual std::vector<DwarfRange> inlined_copies(const std::string &function, bool &complete) = 0;

    /// Functions with this very name; reads the whole symbol table.
    virtual std::vector<ElfFunction> functions(const std::string &symbol) = 0;

    /// Where the image wants its code to begin; what it was loaded at, less
    /// this, is the bias.
    virtual uint64_t start() const = 0;
};

} // namespace dropctl::symbols

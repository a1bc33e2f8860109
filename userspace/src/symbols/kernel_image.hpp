// SPDX-License-Identifier: GPL-2.0-only
// vmlinux with its debug information: some 600 MB, of which a lookup should
// touch little. libdw reads the head of every compilation unit on its way to
// the one wanted (125 MB mapped, seconds from a cold disk or in a virtual
// machine). So each unit is shown to libdw as a file of its own: the same file
// with .debug_info cut down to the unit. References within a unit, to
// abbreviations, strings and lines need nothing else.
#pragma once

#include "symbols/debug_image.hpp"
#include "symbols/mapped_elf.hpp"
#include "symbols/unit_index.hpp"

#include <list>
#include <memory>
#include <string>

namespace dropctl::symbols {

class UnitWindow;

class KernelImage : public DebugImage {
  public:
    /// Null if the file is of a form that cannot be cut up (compressed, without
    /// .debug_aranges); DwflImage reads those too, at a price.
    static std::unique_ptr<KernelImage> open(const std::string &path);
    ~KernelImage() override;

    DwarfUnit *unit_at(DwarfAddress address) override;
    std::shared_ptr<DwarfUnit> hold_unit_at(DwarfAddress address) override;
    std::vector<DwarfRange> inlined_copies(const std::string &function, bool &complete) override;
    std::vector<ElfFunction> functions(const std::string &symbol) override;
    [[nodiscard]] uint64_t start() const override;

  private:
    KernelImage();
    [[nodiscard]] std::unique_ptr<UnitWindow> open_unit(uint64_t offset) const;
    [[nodiscard]] std::vector<uint64_t> units_naming(const std::string &function) const;
    [[nodiscard]] DebugImage *whole();

    std::string path_;
    MappedElf elf_;
    MappedElf::Section info_;
    UnitIndex index_;
    std::list<std::shared_ptr<UnitWindow>> windows_; ///< the last used in front
    std::unique_ptr<DebugImage> whole_; ///< for units that refer to others (LTO); made at need
};

} // namespace dropctl::symbols

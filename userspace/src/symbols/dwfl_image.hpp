// SPDX-License-Identifier: GPL-2.0-only
// A file of debug information as libdwfl reads it: modules, which must be
// relocated to where their sections lie, files that are compressed, and
// kernels without .debug_aranges. Everything in it is opened at once, so it
// costs in proportion to the file: 1 ms for gre.ko, 100 ms for mlx5_core.ko.
#pragma once

#include "symbols/debug_image.hpp"
#include "symbols/unit_index.hpp"

#include <elfutils/libdwfl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace dropctl::symbols {

class DwflImage : public DebugImage {
  public:
    /// A module that is loaded; `sections` is its directory of section addresses
    /// in sysfs. Its addresses are the running kernel's. Null if it cannot be read.
    static std::unique_ptr<DwflImage> open_module(const std::string &path,
                                                  const std::string &sections);
    /// A file by itself: vmlinux at the addresses it was linked for, a module at
    /// addresses that mean nothing outside of this object.
    static std::unique_ptr<DwflImage> open_file(const std::string &path);
    ~DwflImage() override;

    DwarfUnit *unit_at(DwarfAddress address) override;
    std::vector<DwarfRange> inlined_copies(const std::string &function, bool &complete) override;
    std::vector<ElfFunction> functions(const std::string &symbol) override;
    [[nodiscard]] uint64_t start() const override;

  private:
    DwflImage(std::string path, std::string sections);
    bool begin();
    bool read_index();
    void index_units();
    DwarfUnit *unit(Dwarf_Off die);

    static int find_elf(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
                        char **file_name, Elf **elf);
    static int find_debuginfo(Dwfl_Module *module, void **userdata, const char *name,
                              Dwarf_Addr base, const char *file_name, const char *link,
                              GElf_Word link_crc, char **debuginfo_name);
    static int section_address(Dwfl_Module *module, void **userdata, const char *name,
                               Dwarf_Addr base, const char *section, GElf_Word index,
                               const GElf_Shdr *header, Dwarf_Addr *address);

    std::string path_;
    std::string sections_; ///< empty: not loaded
    Dwfl_Callbacks callbacks_{};
    Dwfl *dwfl_ = nullptr;
    Dwfl_Module *module_ = nullptr;
    Dwarf *dwarf_ = nullptr;
    Dwarf_Addr bias_ = 0; ///< libdwfl's addresses less the debug information's
    UnitIndex index_;     ///< units are offsets of their DIEs here
    std::map<Dwarf_Off, DwarfUnit> units_;
};

} // namespace dropctl::symbols

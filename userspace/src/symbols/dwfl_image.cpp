// SPDX-License-Identifier: GPL-2.0-only
// Opens files with libdwfl, which relocates modules' debug information and
// decompresses what is compressed. Its own ways to find files are not used:
// they walk all of /lib/modules and do not refuse a vmlinux of another build.
#include "symbols/dwfl_image.hpp"

#include <cstring>
#include <fcntl.h>
#include <fstream>

namespace dropctl::symbols {

namespace {

/// A loaded module's reach is of no interest: addresses were told apart before.
constexpr Dwarf_Addr reported_start = 0x1000;
constexpr Dwarf_Addr reported_end = 0x2000;

} // namespace

DwflImage::DwflImage(std::string path, std::string sections)
    : path_(std::move(path)), sections_(std::move(sections)) {
    callbacks_.find_elf = find_elf;
    callbacks_.find_debuginfo = find_debuginfo;
    callbacks_.section_address = sections_.empty() ? dwfl_offline_section_address : section_address;
}

std::unique_ptr<DwflImage> DwflImage::open_module(const std::string &path,
                                                  const std::string &sections) {
    std::unique_ptr<DwflImage> image(new DwflImage(path, sections));
    return image->begin() ? std::move(image) : nullptr;
}

std::unique_ptr<DwflImage> DwflImage::open_file(const std::string &path) {
    std::unique_ptr<DwflImage> image(new DwflImage(path, {}));
    return image->begin() ? std::move(image) : nullptr;
}

DwflImage::~DwflImage() {
    dwfl_end(dwfl_);
}

bool DwflImage::begin() {
    dwfl_ = dwfl_begin(&callbacks_);
    if (dwfl_ == nullptr) {
        return false;
    }
    dwfl_report_begin(dwfl_);
    if (sections_.empty()) {
        module_ = dwfl_report_offline(dwfl_, "debug", path_.c_str(), -1);
    } else {
        module_ = dwfl_report_module(dwfl_, "debug", reported_start, reported_end);
    }
    dwfl_report_end(dwfl_, nullptr, nullptr);
    void **userdata = nullptr;
    if (module_ == nullptr || dwfl_module_info(module_, &userdata, nullptr, nullptr, nullptr,
                                               nullptr, nullptr, nullptr) == nullptr) {
        return false;
    }
    *userdata = this;
    dwarf_ = dwfl_module_getdwarf(module_, &bias_);
    if (dwarf_ == nullptr) {
        return false;
    }
    if (!read_index()) {
        index_units();
    }
    return !index_.empty();
}

bool DwflImage::read_index() {
    Dwarf_Aranges *ranges = nullptr;
    size_t count = 0;
    if (dwarf_getaranges(dwarf_, &ranges, &count) != 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        Dwarf_Addr start = 0;
        Dwarf_Word length = 0;
        Dwarf_Off die = 0;
        if (dwarf_getarangeinfo(dwarf_onearange(ranges, i), &start, &length, &die) == 0) {
            index_.add(start, start + length, die);
        }
    }
    index_.sort();
    return !index_.empty();
}

/// The units' own ranges, where no table lists them (clang writes none).
void DwflImage::index_units() {
    Dwarf_CU *unit = nullptr;
    Dwarf_Die die;
    while (dwarf_get_units(dwarf_, unit, &unit, nullptr, nullptr, &die, nullptr) == 0) {
        Dwarf_Addr base = 0;
        Dwarf_Addr start = 0;
        Dwarf_Addr end = 0;
        for (ptrdiff_t at = 0; (at = dwarf_ranges(&die, at, &base, &start, &end)) > 0;) {
            if (start < end) {
                index_.add(start, end, dwarf_dieoffset(&die));
            }
        }
    }
    index_.sort();
}

DwarfUnit *DwflImage::unit_at(DwarfAddress address) {
    const auto die = index_.unit_at(address);
    return die ? unit(*die) : nullptr;
}

DwarfUnit *DwflImage::unit(Dwarf_Off die) {
    const auto known = units_.find(die);
    if (known != units_.end()) {
        return &known->second;
    }
    Dwarf_Die found;
    if (dwarf_offdie(dwarf_, die, &found) == nullptr) {
        return nullptr;
    }
    return &units_.emplace(die, DwarfUnit(found)).first->second;
}

std::vector<DwarfRange> DwflImage::inlined_copies(const std::string &function, bool &complete) {
    static_cast<void>(complete);
    std::vector<DwarfRange> found;
    Dwarf_CU *cu = nullptr;
    Dwarf_Die die;
    while (dwarf_get_units(dwarf_, cu, &cu, nullptr, nullptr, &die, nullptr) == 0) {
        DwarfUnit(die).inlined_copies(function, found);
    }
    return found;
}

std::vector<ElfFunction> DwflImage::functions(const std::string &symbol) {
    std::vector<ElfFunction> found;
    const int count = dwfl_module_getsymtab(module_);
    for (int i = 0; i < count; i++) {
        GElf_Sym entry;
        GElf_Addr address = 0;
        const char *name =
            dwfl_module_getsym_info(module_, i, &entry, &address, nullptr, nullptr, nullptr);
        const unsigned type = GELF_ST_TYPE(entry.st_info);
        if (name != nullptr && symbol == name && (type == STT_FUNC || type == STT_NOTYPE)) {
            found.push_back({.address = DwarfAddress{address - bias_}, .size = entry.st_size});
        }
    }
    return found;
}

uint64_t DwflImage::start() const {
    GElf_Addr elf_bias = 0;
    Elf *elf = dwfl_module_getelf(module_, &elf_bias);
    size_t count = 0;
    if (elf == nullptr || elf_getphdrnum(elf, &count) != 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (gelf_getphdr(elf, static_cast<int>(i), &segment) != nullptr &&
            segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
            return segment.p_vaddr;
        }
    }
    return 0;
}

int DwflImage::find_elf(Dwfl_Module *, void **userdata, const char *, Dwarf_Addr, char **file_name,
                        Elf **) {
    const auto *image = static_cast<const DwflImage *>(*userdata);
    *file_name = ::strdup(image->path_.c_str());
    return ::open(image->path_.c_str(), O_RDONLY | O_CLOEXEC);
}

/// The file was chosen because it has everything.
int DwflImage::find_debuginfo(Dwfl_Module *, void **, const char *, Dwarf_Addr, const char *,
                              const char *, GElf_Word, char **) {
    return -1;
}

/// Sections that are not there now (.init.text, .modinfo) have no address.
int DwflImage::section_address(Dwfl_Module *, void **userdata, const char *, Dwarf_Addr,
                               const char *section, GElf_Word, const GElf_Shdr *,
                               Dwarf_Addr *address) {
    const auto *image = static_cast<const DwflImage *>(*userdata);
    std::ifstream file(image->sections_ + "/" + section);
    *address = 0;
    file >> std::hex >> *address;
    if (!file || *address == 0) {
        *address = static_cast<Dwarf_Addr>(-1);
    }
    return DWARF_CB_OK;
}

} // namespace dropctl::symbols

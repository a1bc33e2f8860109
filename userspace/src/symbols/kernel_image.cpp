// SPDX-License-Identifier: GPL-2.0-only
// Reads vmlinux unit by unit.
#include "symbols/kernel_image.hpp"

#include "symbols/dwfl_image.hpp"
#include "symbols/name_search.hpp"
#include "symbols/unit_window.hpp"

#include <algorithm>
#include <cstring>

namespace dropctl::symbols {

namespace {

/// Units kept open. Each holds its decoded line table and maps some pages of the
/// file; what was looked up is kept elsewhere.
constexpr size_t windows_most = 16;

/// Units in which inlined copies are looked for; a function that more of them
/// use is too common to follow.
constexpr size_t searched_most = 400;

} // namespace

KernelImage::KernelImage() = default;
KernelImage::~KernelImage() = default;

std::unique_ptr<KernelImage> KernelImage::open(const std::string &path) {
    std::unique_ptr<KernelImage> image(new KernelImage);
    image->path_ = path;
    if (!image->elf_.open(path)) {
        return nullptr;
    }
    const auto info = image->elf_.section(".debug_info");
    const auto ranges = image->elf_.section(".debug_aranges");
    if (!info || !ranges) {
        return nullptr;
    }
    image->info_ = *info;
    image->index_.read_aranges(image->elf_.contents(*ranges));
    return image->index_.empty() ? nullptr : std::move(image);
}

DwarfUnit *KernelImage::unit_at(DwarfAddress address) {
    const auto offset = index_.unit_at(address);
    if (!offset) {
        return nullptr;
    }
    const auto known = std::find_if(windows_.begin(), windows_.end(),
                                    [&](const auto &w) { return w->offset() == *offset; });
    if (known != windows_.end()) {
        windows_.splice(windows_.begin(), windows_, known);
    } else {
        auto window = open_unit(*offset);
        if (!window) {
            return nullptr;
        }
        windows_.push_front(std::move(window));
        if (windows_.size() > windows_most) {
            windows_.pop_back();
        }
    }
    if (windows_.front()->self_contained()) {
        return &windows_.front()->unit();
    }
    DebugImage *image = whole();
    return image == nullptr ? nullptr : image->unit_at(address);
}

std::shared_ptr<DwarfUnit> KernelImage::hold_unit_at(DwarfAddress address) {
    DwarfUnit *unit = unit_at(address);
    if (unit == nullptr) {
        return nullptr;
    }
    const bool own = &windows_.front()->unit() == unit;
    return {own ? std::shared_ptr<void>(windows_.front()) : std::shared_ptr<void>(), unit};
}

std::unique_ptr<UnitWindow> KernelImage::open_unit(uint64_t offset) const {
    return UnitWindow::open(elf_, info_, offset);
}

DebugImage *KernelImage::whole() {
    if (!whole_) {
        whole_ = DwflImage::open_file(path_);
    }
    return whole_.get();
}

std::vector<uint64_t> KernelImage::units_naming(const std::string &function) const {
    std::vector<uint64_t> units;
    const auto strings = elf_.section(".debug_str");
    if (!strings) {
        return units;
    }
    for (const uint64_t mention : find_mentions(elf_, *strings, info_, function)) {
        const auto unit = index_.unit_before(mention);
        if (unit && (units.empty() || units.back() != *unit)) {
            units.push_back(*unit);
        }
    }
    return units;
}

std::vector<DwarfRange> KernelImage::inlined_copies(const std::string &function, bool &complete) {
    std::vector<DwarfRange> found;
    std::vector<uint64_t> units = units_naming(function);
    if (units.size() > searched_most) {
        units.resize(searched_most);
        complete = false;
    }
    for (const uint64_t offset : units) {
        if (auto window = open_unit(offset)) {
            window->unit().inlined_copies(function, found);
        }
    }
    return found;
}

std::vector<ElfFunction> KernelImage::functions(const std::string &symbol) {
    std::vector<ElfFunction> found;
    const auto table = elf_.section(".symtab");
    const auto strings = elf_.section(".strtab");
    if (!table || !strings || table->header.sh_entsize != sizeof(Elf64_Sym)) {
        return found;
    }
    const std::string_view names = elf_.contents(*strings);
    const std::string_view wanted(symbol.c_str(), symbol.size() + 1);
    const std::string_view entries = elf_.contents(*table);
    for (size_t at = 0; at + sizeof(Elf64_Sym) <= entries.size(); at += sizeof(Elf64_Sym)) {
        Elf64_Sym entry;
        std::memcpy(&entry, entries.data() + at, sizeof(entry));
        const unsigned type = ELF64_ST_TYPE(entry.st_info);
        if ((type == STT_FUNC || type == STT_NOTYPE) && entry.st_name < names.size() &&
            names.substr(entry.st_name, wanted.size()) == wanted) {
            found.push_back({.address = DwarfAddress{entry.st_value}, .size = entry.st_size});
        }
    }
    return found;
}

/// The first executable segment: what the kernel calls _text.
uint64_t KernelImage::start() const {
    for (const Elf64_Phdr &segment : elf_.segments()) {
        if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
            return segment.p_vaddr;
        }
    }
    return 0;
}

} // namespace dropctl::symbols

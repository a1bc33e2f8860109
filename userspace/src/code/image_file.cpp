// SPDX-License-Identifier: GPL-2.0-only
#include "code/image_file.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>

namespace dropctl::code {

namespace {

/// The entries of a table section, which may lie unaligned.
template <typename Entry> Entry entry_at(std::string_view table, size_t index) {
    Entry entry{};
    if ((index + 1) * sizeof(entry) <= table.size()) {
        std::memcpy(&entry, table.data() + index * sizeof(entry), sizeof(entry));
    }
    return entry;
}

/// Bytes that a relocation changes, 0: of a kind that code and tables do not have.
size_t width_of(unsigned type) {
    switch (type) {
    case R_X86_64_64:
    case R_X86_64_PC64:
        return 8;
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
    case R_X86_64_32:
    case R_X86_64_32S:
        return 4;
    default:
        return 0;
    }
}

bool is_relative(unsigned type) {
    return type == R_X86_64_PC32 || type == R_X86_64_PLT32 || type == R_X86_64_PC64;
}

} // namespace

std::unique_ptr<ImageFile> ImageFile::open_kernel(const std::string &path, uint64_t bias) {
    auto image = std::make_unique<ImageFile>();
    if (!image->begin(path)) {
        return nullptr;
    }
    image->bias_ = bias;
    image->place_kernel(bias);
    return image;
}

std::unique_ptr<ImageFile> ImageFile::open_module(const std::string &path,
                                                  const std::string &sections, Resolve resolve) {
    auto image = std::make_unique<ImageFile>();
    if (!image->begin(path)) {
        return nullptr;
    }
    image->relocatable_ = true;
    image->resolve_ = std::move(resolve);
    image->place_module(sections);
    return image;
}

bool ImageFile::begin(const std::string &path) {
    if (!elf_.open(path)) {
        return false;
    }
    for (const auto &[name, section] : elf_.all_sections()) {
        if ((section.header.sh_flags & SHF_ALLOC) != 0) {
            sections_.push_back({.name = std::string(name),
                                 .range = {},
                                 .header = section.header,
                                 .index = section.index});
        }
    }
    return !sections_.empty();
}

void ImageFile::place_kernel(uint64_t bias) {
    std::erase_if(sections_, [](const Section &section) { return section.header.sh_addr == 0; });
    for (Section &section : sections_) {
        const uint64_t start = section.header.sh_addr + bias;
        section.range = {start, start + section.header.sh_size};
    }
}

/// Sections that were only needed at the start have no address.
void ImageFile::place_module(const std::string &directory) {
    for (Section &section : sections_) {
        std::ifstream file(directory + "/" + section.name);
        uint64_t start = 0;
        file >> std::hex >> start;
        if (file && start != 0) {
            section.range = {start, start + section.header.sh_size};
        }
    }
}

std::optional<Range> ImageFile::section(std::string_view name) const {
    const auto found = std::find_if(sections_.begin(), sections_.end(),
                                    [&](const Section &section) { return section.name == name; });
    return found == sections_.end() || found->range.start == 0 ? std::nullopt
                                                               : std::optional(found->range);
}

std::optional<Range> ImageFile::between_marks(const std::string &name) const {
    const auto table = elf_.section(".symtab");
    const auto strings = elf_.section(".strtab");
    if (!table || !strings) {
        return std::nullopt;
    }
    const std::string_view names = elf_.contents(*strings);
    const std::string_view entries = elf_.contents(*table);
    const std::string start = "__start_" + name;
    const std::string stop = "__stop_" + name;
    Range range;
    for (size_t i = 0; i < entries.size() / sizeof(Elf64_Sym); i++) {
        const auto entry = entry_at<Elf64_Sym>(entries, i);
        if (entry.st_name >= names.size() || names.substr(entry.st_name, 4) != "__st") {
            continue;
        }
        const std::string_view text(names.data() + entry.st_name);
        if (text == start) {
            range.start = entry.st_value + bias_;
        } else if (text == stop) {
            range.end = entry.st_value + bias_;
        }
    }
    return range.start < range.end ? std::optional(range) : std::nullopt;
}

bool ImageFile::read(uint64_t address, std::span<uint8_t> bytes) {
    for (const Section &section : sections_) {
        if (!section.range.holds(address) || bytes.size() > section.range.end - address ||
            section.header.sh_type == SHT_NOBITS) {
            continue;
        }
        const std::string_view contents =
            elf_.contents({.index = section.index, .header = section.header});
        const uint64_t offset = address - section.range.start;
        std::memcpy(bytes.data(), contents.data() + offset, bytes.size());
        if (relocatable_) {
            relocate(section, address, bytes);
        }
        return true;
    }
    return false;
}

/// Relocations are in the order of what they change as a rule, but need not be.
void ImageFile::relocate(const Section &section, uint64_t address, std::span<uint8_t> bytes) {
    const auto relocations = elf_.section(".rela" + section.name);
    if (!relocations) {
        return;
    }
    const std::string_view table = elf_.contents(*relocations);
    const uint64_t first = address - section.range.start;
    for (size_t i = 0; i < table.size() / sizeof(Elf64_Rela); i++) {
        const auto entry = entry_at<Elf64_Rela>(table, i);
        const auto type = static_cast<unsigned>(ELF64_R_TYPE(entry.r_info));
        const size_t width = width_of(type);
        if (width == 0 || entry.r_offset < first || entry.r_offset + width > first + bytes.size()) {
            continue;
        }
        uint64_t value =
            value_of(ELF64_R_SYM(entry.r_info)) + static_cast<uint64_t>(entry.r_addend);
        if (is_relative(type)) {
            value -= section.range.start + entry.r_offset;
        }
        std::memcpy(bytes.data() + (entry.r_offset - first), &value, width);
    }
}

uint64_t ImageFile::start_of(size_t section) const {
    const auto found = std::find_if(sections_.begin(), sections_.end(),
                                    [&](const Section &s) { return s.index == section; });
    return found == sections_.end() ? 0 : found->range.start;
}

uint64_t ImageFile::value_of(size_t symbol) {
    const auto table = elf_.section(".symtab");
    const auto strings = elf_.section(".strtab");
    if (!table || !strings) {
        return 0;
    }
    const auto entry = entry_at<Elf64_Sym>(elf_.contents(*table), symbol);
    const std::string_view names = elf_.contents(*strings);
    if (entry.st_shndx != SHN_UNDEF) {
        return start_of(entry.st_shndx) + entry.st_value;
    }
    return entry.st_name < names.size() && resolve_ ? resolve_(names.data() + entry.st_name) : 0;
}

} // namespace dropctl::code

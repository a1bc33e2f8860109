// SPDX-License-Identifier: GPL-2.0-only
// Reads build ids from ELF files and from the notes that sysfs shows.
#include "symbols/build_id.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <fstream>
#include <gelf.h>
#include <iterator>
#include <unistd.h>

namespace dropctl::symbols {

namespace {

constexpr size_t align4(size_t size) {
    return (size + 3) & ~size_t{3};
}

bool has_debug_info(Elf *elf) {
    size_t names = 0;
    if (elf_getshdrstrndx(elf, &names) != 0) {
        return false;
    }
    Elf_Scn *section = nullptr;
    while ((section = elf_nextscn(elf, section)) != nullptr) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) == nullptr) {
            continue;
        }
        const char *name = elf_strptr(elf, names, header.sh_name);
        if (name != nullptr && std::string_view(name) == ".debug_info") {
            return header.sh_type != SHT_NOBITS;
        }
    }
    return false;
}

} // namespace

BuildId build_id_of_notes(std::string_view notes) {
    constexpr std::string_view gnu("GNU\0", 4);
    while (notes.size() >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr header;
        std::memcpy(&header, notes.data(), sizeof(header));
        const size_t name_end = sizeof(header) + align4(header.n_namesz);
        const size_t size = name_end + align4(header.n_descsz);
        // The last note may lack its padding.
        if (name_end + header.n_descsz > notes.size()) {
            break;
        }
        if (header.n_type == NT_GNU_BUILD_ID &&
            notes.substr(sizeof(header), header.n_namesz) == gnu) {
            return BuildId(notes.substr(name_end, header.n_descsz));
        }
        notes.remove_prefix(std::min(size, notes.size()));
    }
    return {};
}

BuildId build_id_of_notes_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    const std::string notes{std::istreambuf_iterator<char>(file), {}};
    return build_id_of_notes(notes);
}

ElfFacts facts_of_elf(const std::string &path) {
    ElfFacts facts;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return facts;
    }
    elf_version(EV_CURRENT);
    if (Elf *elf = dwelf_elf_begin(fd)) {
        const void *bits = nullptr;
        const ssize_t size = dwelf_elf_gnu_build_id(elf, &bits);
        if (size > 0) {
            facts.id.assign(static_cast<const char *>(bits), static_cast<size_t>(size));
        }
        facts.has_debug_info = has_debug_info(elf);
        elf_end(elf);
    }
    ::close(fd);
    return facts;
}

std::string to_hex(const BuildId &id) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : id) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

} // namespace dropctl::symbols

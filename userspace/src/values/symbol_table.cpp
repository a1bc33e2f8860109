// SPDX-License-Identifier: GPL-2.0-only
#include "values/symbol_table.hpp"

#include "values/call_frame.hpp"

#include <cstring>
#include <string>

namespace dropctl::values {

std::optional<uint64_t> symbol_address(Elf *elf, std::string_view name) {
    const std::string_view table = section_of(elf, ".symtab");
    const std::string_view names = section_of(elf, ".strtab");
    const std::string wanted = std::string(name) + '\0';
    std::optional<uint64_t> found;
    for (size_t at = 0; at + sizeof(Elf64_Sym) <= table.size(); at += sizeof(Elf64_Sym)) {
        Elf64_Sym entry;
        std::memcpy(&entry, table.data() + at, sizeof(entry));
        const unsigned type = ELF64_ST_TYPE(entry.st_info);
        if ((type != STT_OBJECT && type != STT_NOTYPE) || entry.st_shndx == SHN_UNDEF ||
            entry.st_name >= names.size() ||
            names.compare(entry.st_name, wanted.size(), wanted) != 0) {
            continue;
        }
        if (found && *found != entry.st_value) {
            return std::nullopt;
        }
        found = entry.st_value;
    }
    return found;
}

} // namespace dropctl::values

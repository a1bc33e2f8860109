// SPDX-License-Identifier: GPL-2.0-only
// Maps ELF files. Every offset is checked before use: a debug file may be cut
// short, or not be what its name says.
#include "symbols/mapped_elf.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace dropctl::symbols {

FileMapping::FileMapping(int fd, size_t size) {
    // Private, so that make_writable() copies pages; read-only, so that nothing
    // of it counts as memory promised.
    void *start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (start != MAP_FAILED) {
        start_ = static_cast<char *>(start);
        size_ = size;
    }
}

FileMapping::~FileMapping() {
    if (start_ != nullptr) {
        ::munmap(start_, size_);
    }
}

FileMapping::FileMapping(FileMapping &&other) noexcept
    : start_(std::exchange(other.start_, nullptr)), size_(std::exchange(other.size_, 0)) {}

FileMapping &FileMapping::operator=(FileMapping &&other) noexcept {
    std::swap(start_, other.start_);
    std::swap(size_, other.size_);
    return *this;
}

bool FileMapping::make_writable(size_t offset, size_t length) {
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    const size_t first = offset / page * page;
    return ::mprotect(start_ + first, offset + length - first, PROT_READ | PROT_WRITE) == 0;
}

MappedElf::~MappedElf() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

bool MappedElf::open(const std::string &path) {
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat facts {};
    if (fd_ < 0 || ::fstat(fd_, &facts) != 0 || facts.st_size <= 0) {
        return false;
    }
    file_ = FileMapping(fd_, static_cast<size_t>(facts.st_size));
    return file_ && is_readable();
}

bool MappedElf::holds(uint64_t offset, uint64_t length) const {
    return offset <= file_.size() && length <= file_.size() - offset;
}

bool MappedElf::is_readable() const {
    constexpr unsigned char order =
        std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
    if (!holds(0, sizeof(Elf64_Ehdr)) || std::memcmp(header().e_ident, ELFMAG, SELFMAG) != 0 ||
        header().e_ident[EI_CLASS] != ELFCLASS64 || header().e_ident[EI_DATA] != order) {
        return false;
    }
    const Elf64_Ehdr &elf = header();
    return elf.e_shentsize == sizeof(Elf64_Shdr) && elf.e_shoff % alignof(Elf64_Shdr) == 0 &&
           holds(elf.e_shoff, uint64_t{elf.e_shnum} * sizeof(Elf64_Shdr)) &&
           elf.e_shstrndx < elf.e_shnum && elf.e_phoff % alignof(Elf64_Phdr) == 0 &&
           holds(elf.e_phoff, uint64_t{elf.e_phnum} * sizeof(Elf64_Phdr));
}

const Elf64_Ehdr &MappedElf::header() const {
    return *reinterpret_cast<const Elf64_Ehdr *>(file_.start());
}

std::span<const Elf64_Shdr> MappedElf::sections() const {
    return {reinterpret_cast<const Elf64_Shdr *>(file_.start() + header().e_shoff),
            header().e_shnum};
}

std::span<const Elf64_Phdr> MappedElf::segments() const {
    return {reinterpret_cast<const Elf64_Phdr *>(file_.start() + header().e_phoff),
            header().e_phnum};
}

std::optional<MappedElf::Section> MappedElf::section(std::string_view name) const {
    const Elf64_Shdr &names = sections()[header().e_shstrndx];
    for (size_t i = 1; i < sections().size(); i++) {
        const Elf64_Shdr &candidate = sections()[i];
        const uint64_t at = names.sh_offset + candidate.sh_name;
        if (!holds(at, name.size() + 1) ||
            std::string_view(file_.start() + at, name.size()) != name ||
            file_.start()[at + name.size()] != '\0') {
            continue;
        }
        const bool usable = candidate.sh_type != SHT_NOBITS &&
                            (candidate.sh_flags & SHF_COMPRESSED) == 0 &&
                            holds(candidate.sh_offset, candidate.sh_size);
        return usable ? std::optional(Section{.index = i, .header = candidate}) : std::nullopt;
    }
    return std::nullopt;
}

std::vector<std::pair<std::string_view, MappedElf::Section>> MappedElf::all_sections() const {
    std::vector<std::pair<std::string_view, Section>> found;
    const Elf64_Shdr &names = sections()[header().e_shstrndx];
    if (!holds(names.sh_offset, names.sh_size)) {
        return found;
    }
    const std::string_view pool(file_.start() + names.sh_offset, names.sh_size);
    for (size_t i = 1; i < sections().size(); i++) {
        const std::string_view rest =
            pool.substr(std::min<size_t>(sections()[i].sh_name, pool.size()));
        found.emplace_back(rest.substr(0, rest.find('\0')),
                           Section{.index = i, .header = sections()[i]});
    }
    return found;
}

std::string_view MappedElf::contents(const Section &section) const {
    return {file_.start() + section.header.sh_offset, section.header.sh_size};
}

FileMapping MappedElf::with_part_of(const Section &section, uint64_t offset,
                                    uint64_t length) const {
    FileMapping copy(fd_, file_.size());
    const size_t at = header().e_shoff + section.index * sizeof(Elf64_Shdr);
    if (!copy || !copy.make_writable(at, sizeof(Elf64_Shdr))) {
        return {};
    }
    auto *changed = reinterpret_cast<Elf64_Shdr *>(copy.start() + at);
    changed->sh_offset = section.header.sh_offset + offset;
    changed->sh_size = length;
    return copy;
}

} // namespace dropctl::symbols

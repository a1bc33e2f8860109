// SPDX-License-Identifier: GPL-2.0-only
// Reads /proc/kcore, an ELF core file of kernel memory, where the program headers
// say.
#include "code/live_text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

namespace dropctl::code {

LiveText::LiveText(std::string path) : path_(std::move(path)) {}

LiveText::~LiveText() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

void LiveText::open() {
    tried_ = true;
    if (path_.empty()) {
        trouble_ = "running code was not asked for";
        return;
    }
    fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) {
        trouble_ = path_ + ": " + std::strerror(errno);
        return;
    }
    Elf64_Ehdr header{};
    if (::pread(fd_, &header, sizeof(header), 0) != ssize_t{sizeof(header)} ||
        std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr)) {
        trouble_ = path_ + " is no core file of a 64-bit kernel";
        return;
    }
    std::vector<Elf64_Phdr> headers(header.e_phnum);
    const size_t size = headers.size() * sizeof(Elf64_Phdr);
    if (::pread(fd_, headers.data(), size, static_cast<off_t>(header.e_phoff)) !=
        static_cast<ssize_t>(size)) {
        trouble_ = path_ + " ends early";
        return;
    }
    for (const Elf64_Phdr &segment : headers) {
        if (segment.p_type == PT_LOAD) {
            segments_.push_back({.start = segment.p_vaddr,
                                 .end = segment.p_vaddr + segment.p_memsz,
                                 .offset = segment.p_offset});
        }
    }
}

/// Segments overlap in some kernels (the kernel's text lies in that of modules):
/// the next one is tried where one does not give everything.
bool LiveText::read(uint64_t address, std::span<uint8_t> bytes) {
    if (!tried_) {
        open();
    }
    const uint64_t end = address + bytes.size();
    return std::any_of(segments_.begin(), segments_.end(), [&](const Segment &segment) {
        return segment.start <= address && end <= segment.end && end >= address &&
               ::pread(fd_, bytes.data(), bytes.size(),
                       static_cast<off_t>(segment.offset + (address - segment.start))) ==
                   static_cast<ssize_t>(bytes.size());
    });
}

} // namespace dropctl::code

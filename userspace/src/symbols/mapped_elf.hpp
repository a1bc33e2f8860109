// SPDX-License-Identifier: GPL-2.0-only
// An ELF file (64 bits, this machine's byte order) mapped into memory and read
// in place. Can map itself once more with one section cut down to a part of
// it, which makes libdw see a file with a single compilation unit.
#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dropctl::symbols {

/// A mapping of a whole file; unmapped at the end.
class FileMapping {
  public:
    FileMapping() = default;
    FileMapping(int fd, size_t size);
    ~FileMapping();
    FileMapping(FileMapping &&other) noexcept;
    FileMapping &operator=(FileMapping &&other) noexcept;
    FileMapping(const FileMapping &) = delete;
    FileMapping &operator=(const FileMapping &) = delete;

    explicit operator bool() const { return start_ != nullptr; }
    [[nodiscard]] char *start() const { return start_; }
    [[nodiscard]] size_t size() const { return size_; }
    /// Make a private, writable copy of the pages that hold [offset, offset + length).
    bool make_writable(size_t offset, size_t length);

  private:
    char *start_ = nullptr;
    size_t size_ = 0;
};

class MappedElf {
  public:
    struct Section {
        size_t index = 0;
        Elf64_Shdr header{};
    };

    MappedElf() = default;
    ~MappedElf();
    MappedElf(const MappedElf &) = delete;
    MappedElf &operator=(const MappedElf &) = delete;

    /// Map a file; false if it is not such an ELF file.
    bool open(const std::string &path);

    /// A section that has contents, not compressed.
    [[nodiscard]] std::optional<Section> section(std::string_view name) const;
    [[nodiscard]] std::string_view contents(const Section &section) const;
    /// Every section, with contents or not, and its name.
    [[nodiscard]] std::vector<std::pair<std::string_view, Section>> all_sections() const;
    [[nodiscard]] std::span<const Elf64_Phdr> segments() const;
    /// For reading with pread(2) what should not stay in memory.
    [[nodiscard]] int fd() const { return fd_; }

    /// The file once more, with `section` reduced to `length` bytes from `offset` on.
    [[nodiscard]] FileMapping with_part_of(const Section &section, uint64_t offset,
                                           uint64_t length) const;

  private:
    [[nodiscard]] bool holds(uint64_t offset, uint64_t length) const;
    [[nodiscard]] bool is_readable() const;
    [[nodiscard]] const Elf64_Ehdr &header() const;
    [[nodiscard]] std::span<const Elf64_Shdr> sections() const;

    int fd_ = -1;
    FileMapping file_;
};

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
// Looks for names in .debug_str, then for their offsets in .debug_info. Both are
// read with pread(2) into one buffer: mapped, they would count as 200 MB of
// this process's memory.
#include "symbols/name_search.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>
#include <unistd.h>

namespace dropctl::symbols {

namespace {

constexpr size_t block_size = size_t{1} << 20;
constexpr size_t lane = 64; ///< positions tested at a time
constexpr size_t needles_most = 16;

using Block = std::function<void(std::string_view bytes, uint64_t offset)>;

/// Read a section in blocks that overlap by `overlap` bytes.
void each_block(const MappedElf &elf, const MappedElf::Section &section, size_t overlap,
                const Block &visit) {
    std::vector<char> buffer(block_size);
    const uint64_t size = section.header.sh_size;
    for (uint64_t at = 0; at < size;) {
        const auto wanted = static_cast<size_t>(std::min<uint64_t>(size - at, buffer.size()));
        const ssize_t got = ::pread(elf.fd(), buffer.data(), wanted,
                                    static_cast<off_t>(section.header.sh_offset + at));
        if (got <= 0) {
            return;
        }
        const auto length = static_cast<size_t>(got);
        visit({buffer.data(), length}, at);
        if (at + length >= size || length <= overlap) {
            return;
        }
        at += length - overlap;
    }
}

/// Offsets of `name` in a section of strings. Linkers let a name share the tail
/// of a longer one; where it stands by itself, that one is in use.
std::vector<uint32_t> find_strings(const MappedElf &elf, const MappedElf::Section &strings,
                                   const std::string &name) {
    std::vector<uint32_t> whole;
    std::vector<uint32_t> tails;
    const std::string_view wanted(name.c_str(), name.size() + 1);
    each_block(elf, strings, wanted.size() + 1, [&](std::string_view bytes, uint64_t offset) {
        for (size_t at = bytes.find(wanted); at != std::string_view::npos;
             at = bytes.find(wanted, at + 1)) {
            const bool alone = at > 0 ? bytes[at - 1] == '\0' : offset == 0;
            (alone ? whole : tails).push_back(static_cast<uint32_t>(offset + at));
        }
    });
    std::vector<uint32_t> &found = whole.empty() ? tails : whole;
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    found.resize(std::min(found.size(), needles_most));
    return found;
}

/// Whether `needle` may begin at one of the `lane` positions from `bytes` on. A
/// plain loop over bytes, which compilers turn into vector instructions.
bool may_hold(const unsigned char *bytes, uint32_t needle) {
    unsigned char wanted[sizeof(needle)];
    std::memcpy(wanted, &needle, sizeof(needle));
    unsigned char any = 0;
    for (size_t i = 0; i < lane; i++) {
        any = static_cast<unsigned char>(any | (static_cast<unsigned>(bytes[i] == wanted[0]) &
                                                static_cast<unsigned>(bytes[i + 1] == wanted[1]) &
                                                static_cast<unsigned>(bytes[i + 2] == wanted[2]) &
                                                static_cast<unsigned>(bytes[i + 3] == wanted[3])));
    }
    return any != 0;
}

void find_number(std::string_view bytes, uint64_t offset, uint32_t needle,
                 std::vector<uint64_t> &found) {
    const std::string_view wanted(reinterpret_cast<const char *>(&needle), sizeof(needle));
    size_t at = 0;
    for (; at + lane + sizeof(needle) <= bytes.size(); at += lane) {
        if (!may_hold(reinterpret_cast<const unsigned char *>(bytes.data()) + at, needle)) {
            continue;
        }
        for (size_t i = at; i < at + lane; i++) {
            if (bytes.substr(i, sizeof(needle)) == wanted) {
                found.push_back(offset + i);
            }
        }
    }
    for (at = bytes.find(wanted, at); at != std::string_view::npos;
         at = bytes.find(wanted, at + 1)) {
        found.push_back(offset + at);
    }
}

} // namespace

std::vector<uint64_t> find_mentions(const MappedElf &elf, const MappedElf::Section &strings,
                                    const MappedElf::Section &info, const std::string &name) {
    std::vector<uint64_t> found;
    const std::vector<uint32_t> needles = find_strings(elf, strings, name);
    if (needles.empty()) {
        return found;
    }
    each_block(elf, info, sizeof(uint32_t) - 1, [&](std::string_view bytes, uint64_t offset) {
        for (const uint32_t needle : needles) {
            find_number(bytes, offset, needle, found);
        }
    });
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
// Build ids: what tells whether a file with debug information is of the very
// kernel or module that runs. A file of another build gives wrong lines without
// any sign of it, so nothing is used before its id was compared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dropctl::symbols {

/// A build id as raw bytes; empty: none.
using BuildId = std::string;

/// The id among ELF notes, as /sys/kernel/notes has them.
BuildId build_id_of_notes(std::string_view notes);

/// The id in a file of notes; empty if it cannot be read.
BuildId build_id_of_notes_file(const std::string &path);

/// What decides whether a file is of use.
struct ElfFacts {
    BuildId id;
    bool has_debug_info = false;
};

/// Look into an ELF file, which may be compressed as a whole (.ko.xz).
ElfFacts facts_of_elf(const std::string &path);

/// In hexadecimal.
std::string to_hex(const BuildId &id);

} // namespace dropctl::symbols

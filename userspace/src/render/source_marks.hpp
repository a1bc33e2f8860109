// SPDX-License-Identifier: GPL-2.0-only
// Which lines of which files packets went through, and what was seen there; for a view of
// the source.
#pragma once

#include "diagnose/diagnosis.hpp"
#include "trace/report.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dropctl::render {

/// What is known of a line.
struct LineMark {
    uint64_t dropped = 0;           ///< times that the packet that was dropped ran it
    uint64_t passed = 0;            ///< ... one that was not
    bool chain = false;             ///< a link of the chain is here
    bool cause = false;             ///< it decided
    bool freed = false;             ///< the packet was freed here
    std::vector<std::string> notes; ///< "expression = value", "f() returned 0", each once
};

struct FileMarks {
    std::string file;
    std::map<uint32_t, LineMark> lines;
};

/// All files of a diagnosis, in the order in which the packet came to them.
std::vector<FileMarks> source_marks(const diagnose::Diagnosis &diagnosis);

/// Lines of a file that are shown together.
struct Stretch {
    uint32_t first = 0;
    uint32_t last = 0;
};

/// What to show of a file: the lines that are marked, with some around; stretches that
/// nearly touch are one.
std::vector<Stretch> stretches(const FileMarks &marks, uint32_t lines_in_file);

} // namespace dropctl::render

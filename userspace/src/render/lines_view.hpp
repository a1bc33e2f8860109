// SPDX-License-Identifier: GPL-2.0-only
// The lines of a function that can be traced, for people and for programs.
#pragma once

#include "code/listing.hpp"
#include "symbols/source_text.hpp"
#include "util/terminal.hpp"
#include "util/writer.hpp"

#include <string>
#include <vector>

namespace dropctl::render {

/// What `dropctl lines` shows of one function. Refers to what the command holds.
struct LinesReport {
    const code::Function &function;
    const code::Placement &placement;
    const std::vector<code::ListedLine> &lines;
    symbols::SourceText &source;
};

/// Numbered source, marked where it can be traced: '*' always, '?' not for certain,
/// '-' not now. Under a line what is inlined and called there.
std::string lines_text(const LinesReport &report, const util::Paint &paint);

/// A line of JSON of type "lines".
void append_json(util::Writer &out, const LinesReport &report);

} // namespace dropctl::render

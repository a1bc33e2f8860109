// SPDX-License-Identifier: GPL-2.0-only
// The variables that can be read at a place, for people and for programs.
#pragma once

#include "model.hpp"
#include "util/terminal.hpp"
#include "util/writer.hpp"
#include "values/variable.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dropctl::render {

/// What `dropctl vars` shows of one place.
struct VarsReport {
    std::string function;
    std::string symbol;
    std::string module; ///< empty: the kernel itself
    uint64_t address = 0;
    uint64_t offset = 0;       ///< from the symbol
    std::string returns;       ///< type, empty: not known
    std::vector<Frame> frames; ///< innermost first; empty without debug information
    std::vector<values::Variable> variables;
};

/// A head with the place, then a line for each variable, by function, innermost first.
std::string vars_text(const VarsReport &report, const util::Paint &paint);

/// A line of JSON of type "vars".
void append_json(util::Writer &out, const VarsReport &report);

} // namespace dropctl::render

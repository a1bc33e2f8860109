// SPDX-License-Identifier: GPL-2.0-only
// One out-of-line copy of a function: its graph, its lines, its calls. Passive;
// KernelCode makes it.
#pragma once

#include "code/cfg.hpp"
#include "code/line_table.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dropctl::code {

/// A copy of a function that has a symbol.
struct Instance {
    std::string function; ///< without compiler suffixes
    std::string symbol;   ///< "ip_rcv_finish_core.constprop.0"
    std::string module;   ///< empty: the kernel itself
    uint64_t address = 0;
    uint64_t end = 0; ///< where the next symbol begins
    bool operator==(const Instance &) const = default;
};

struct Function : Instance {
    std::string declared_in;    ///< file, relative to the kernel tree; empty: unknown
    uint32_t declared_line = 0; ///< 0: unknown
    std::vector<Range> ranges;  ///< its own first, then the .cold part
    Cfg cfg;
    LineTable lines; ///< empty without debug information

    /// Where the entry is to be probed: behind endbr64 and the ftrace nop, unless
    /// something jumps there. Registers and stack are as at the entry itself.
    uint64_t entry_point = 0;

    [[nodiscard]] std::vector<Frame> frames(uint64_t at) const { return lines.frames(at); }
};

} // namespace dropctl::code

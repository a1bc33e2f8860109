// SPDX-License-Identifier: GPL-2.0-only
// The lines that are to be shown, as --lines has them: "2514-2521", "2550", ":2550".
#pragma once

#include "trace/report.hpp"
#include "util/result.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dropctl::trace {

class LineRanges {
  public:
    /// No words: all lines.
    static Result<LineRanges> parse(const std::vector<std::string> &words);

    [[nodiscard]] bool holds(uint32_t line) const;
    [[nodiscard]] bool all() const { return ranges_.empty(); }
    /// Take everything else out of a path, but for where the packet was dropped.
    void keep(ReportedPath &path) const;

  private:
    std::vector<std::pair<uint32_t, uint32_t>> ranges_;
};

} // namespace dropctl::trace

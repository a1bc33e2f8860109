// SPDX-License-Identifier: GPL-2.0-only
// A packet's way as people read it: a tree of functions, each with its lines in the
// order in which they ran, what was called and what that returned.
#pragma once

#include "render/dev_text.hpp"
#include "render/names.hpp"
#include "trace/report.hpp"
#include "util/terminal.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dropctl::render {

/// The text of a line of source; empty: not to be had.
using SourceLine = std::function<std::string(const std::string &file, uint32_t line)>;

struct PathTextOptions {
    size_t columns = 0; ///< of the terminal, 0: as wide as it gets
    bool colour = false;
    bool verbose = false; ///< with carriers, calls of which nothing is known, addresses
};

class PathText {
  public:
    PathText(Names &names, SourceLine source, const PathTextOptions &options);

    /// The way of the packet that is the `number`th.
    std::string text(const trace::ReportedPath &path, uint64_t number);
    /// Lines shown so far.
    [[nodiscard]] uint64_t lines() const { return lines_; }

  private:
    class Frames;

    std::string head(const trace::ReportedPath &path, uint64_t number);

    Names &names_;
    SourceLine source_;
    PathTextOptions options_;
    util::Paint paint_;
    DevText devs_;
    uint64_t lines_ = 0;
};

} // namespace dropctl::render

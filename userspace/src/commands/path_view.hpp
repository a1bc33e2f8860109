// SPDX-License-Identifier: GPL-2.0-only
// Shows paths on a command's output: a tree with source for people, a line of JSON for
// programs.
#pragma once

#include "commands/commands.hpp"
#include "render/path_json.hpp"
#include "render/path_text.hpp"
#include "symbols/source_text.hpp"

#include <memory>
#include <string>

namespace dropctl::commands {

class PathView {
  public:
    /// @param names outlives this
    /// @param source directory of the kernel's source; empty: looked for
    PathView(Context &context, render::Names &names, const std::string &source);

    void show(const trace::ReportedPath &path, uint64_t number);
    /// One that passed beside one that was dropped.
    void compare(const trace::ReportedPath &dropped, const trace::ReportedPath &passed);

  private:
    std::string source_line(const std::string &file, uint32_t line);

    Context &context_;
    symbols::SourceText source_;
    std::unique_ptr<render::PathText> text_; ///< one of the two
    std::unique_ptr<render::PathJson> json_;
    util::Writer lines_;
};

} // namespace dropctl::commands

// SPDX-License-Identifier: GPL-2.0-only
// Diagnoses as a page: verdict, chain, and the source with the way that the packet took.
#pragma once

#include "diagnose/diagnosis.hpp"
#include "render/dev_text.hpp"
#include "render/names.hpp"
#include "render/source_marks.hpp"

#include <functional>
#include <string>
#include <vector>

namespace dropctl::render {

/// All lines of a file, relative to the kernel tree; none: not to be had.
using SourceFile = std::function<const std::vector<std::string> &(const std::string &file)>;

class DiagnosisHtml {
  public:
    DiagnosisHtml(Names &names, SourceFile source)
        : names_(names), source_(std::move(source)), devs_(names) {}

    /// Add one to the page.
    void add(const diagnose::Diagnosis &diagnosis);
    /// The page as it is now.
    [[nodiscard]] std::string page() const;

  private:
    std::string packet(const diagnose::Diagnosis &diagnosis);
    std::string verdict(const diagnose::Diagnosis &diagnosis);
    std::string chain(const std::vector<diagnose::Link> &links, size_t at);
    std::string link(const diagnose::Link &link, bool cause);
    std::string sources(const diagnose::Diagnosis &diagnosis);
    std::string file(const FileMarks &marks, bool passed);
    std::string footer(const diagnose::Diagnosis &diagnosis);
    [[nodiscard]] std::string anchor(const std::string &file, uint32_t line) const;
    [[nodiscard]] std::string row(uint32_t line, const std::string &text, const LineMark *mark,
                                  bool passed, const std::string &id) const;

    Names &names_;
    SourceFile source_;
    DevText devs_;
    std::string title_;
    std::string body_;
    unsigned added_ = 0;
};

} // namespace dropctl::render

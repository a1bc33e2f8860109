// SPDX-License-Identifier: GPL-2.0-only
// A diagnosis as people read it: the verdict first, then the chain that leads to it.
#pragma once

#include "diagnose/diagnosis.hpp"
#include "render/dev_text.hpp"
#include "render/names.hpp"
#include "render/path_text.hpp"
#include "util/terminal.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace dropctl::render {

struct DiagnosisTextOptions {
    size_t columns = 80; ///< to fit into
    bool colour = false;
    bool verbose = false; ///< with all that was tested on the way
};

class DiagnosisText {
  public:
    DiagnosisText(Names &names, SourceLine source, const DiagnosisTextOptions &options)
        : names_(names), source_(std::move(source)), options_(options), paint_(options.colour),
          devs_(names) {}

    std::string text(const diagnose::Diagnosis &diagnosis);

  private:
    struct Widths {
        size_t name = 0;
        size_t place = 0;
        bool one_line = true; ///< there is room for a link in one
    };

    std::string packet(const diagnose::Diagnosis &diagnosis);
    std::string verdict(const diagnose::Diagnosis &diagnosis);
    std::string attempts(const diagnose::Diagnosis &diagnosis);
    std::string headed(std::string_view head, const std::string &text);
    std::string chain(const diagnose::Diagnosis &diagnosis);
    std::string also(const diagnose::Diagnosis &diagnosis);
    std::string link(const diagnose::Link &link, size_t depth, const Widths &widths);
    std::string values(const diagnose::Link &link, size_t depth, bool last);
    std::string statement(const diagnose::Link &link);
    std::string footer(const diagnose::Diagnosis &diagnosis);
    [[nodiscard]] Widths widths(const std::vector<diagnose::Link> &links, size_t depth) const;

    Names &names_;
    SourceLine source_;
    DiagnosisTextOptions options_;
    util::Paint paint_;
    DevText devs_;
};

} // namespace dropctl::render

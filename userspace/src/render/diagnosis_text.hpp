// SPDX-License-Identifier: GPL-2.0-only
// A diagnosis as people read it: the verdict first, then the chain that leads to it.
#pragma once

#include "diagnose/diagnosis.hpp"
#include "render/dev_text.hpp"
#include "render/names.hpp"
#include "render/path_text.hpp"
#include "util/terminal.hpp"

#include <string>

namespace dropctl::render {

class DiagnosisText {
  public:
    DiagnosisText(Names &names, SourceLine source, bool colour)
        : names_(names), source_(std::move(source)), paint_(colour), devs_(names) {}

    std::string text(const diagnose::Diagnosis &diagnosis);

  private:
    std::string packet(const diagnose::Diagnosis &diagnosis);
    std::string chain(const diagnose::Diagnosis &diagnosis);
    std::string link(const diagnose::Link &link, size_t depth);
    std::string footer(const diagnose::Diagnosis &diagnosis);

    Names &names_;
    SourceLine source_;
    util::Paint paint_;
    DevText devs_;
};

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
// A diagnosis as a line of JSON.
#pragma once

#include "diagnose/diagnosis.hpp"
#include "render/drop_json.hpp"
#include "render/path_text.hpp"

namespace dropctl::render {

class DiagnosisJson {
  public:
    DiagnosisJson(Names &names, SourceLine source)
        : drops_(names, false), source_(std::move(source)) {}

    void append(util::Writer &out, const diagnose::Diagnosis &diagnosis);

  private:
    void append_link(util::Writer &out, const diagnose::Link &link);

    DropJson drops_;
    SourceLine source_;
    packet::Packet packet_;
};

} // namespace dropctl::render

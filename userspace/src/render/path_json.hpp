// SPDX-License-Identifier: GPL-2.0-only
// A packet's way as a line of JSON.
#pragma once

#include "render/drop_json.hpp"
#include "render/names.hpp"
#include "trace/report.hpp"
#include "util/writer.hpp"

namespace dropctl::render {

class PathJson {
  public:
    PathJson(Names &names, bool verbose) : drops_(names, verbose) {}

    /// The line, with its end.
    void append(util::Writer &out, const trace::ReportedPath &path);

  private:
    DropJson drops_;
    packet::Packet packet_;
};

} // namespace dropctl::render

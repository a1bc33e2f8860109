// SPDX-License-Identifier: GPL-2.0-only
// The way of a packet that passed beside that of one that was dropped: what only one of
// them took is marked, and what both took is cut down to what is around that.
#pragma once

#include "render/path_text.hpp"
#include "trace/report.hpp"

#include <string>

namespace dropctl::render {

/// Lines with "-" were taken only by the packet dropped, with "+" only by the one passed.
std::string path_diff(const trace::ReportedPath &dropped, const trace::ReportedPath &passed,
                      const SourceLine &source, const util::Paint &paint);

} // namespace dropctl::render

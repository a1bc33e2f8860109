// SPDX-License-Identifier: GPL-2.0-only
// The state of the module, for people and for programs.
#pragma once

#include "model.hpp"
#include "util/writer.hpp"

#include <string>
#include <vector>

namespace dropctl::render {

/// What `dropctl status` shows.
struct Report {
    std::string kernel; ///< release
    Status status;
    std::vector<Session> sessions; ///< also those that only own filters or count
};

std::string status_text(const Report &report);

/// A line of JSON.
void append_json(util::Writer &out, const Report &report);
/// The same where there is no module to ask.
void append_json_unloaded(util::Writer &out, const std::string &kernel, bool loaded,
                          const std::string &why);

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
// Debug information from a debuginfod server, through libdebuginfod, which is
// loaded only when the user has named a server. It keeps what it fetched.
#pragma once

#include "symbols/build_id.hpp"

#include <string>

namespace dropctl::symbols {

/// DEBUGINFOD_URLS names a server.
bool debuginfod_wanted();

/// Fetch the debug information of a build. May take minutes. Returns the path of
/// the file in the user's cache, empty if no server has it.
std::string find_by_debuginfod(const BuildId &id);

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
// What to install for source lines, in the words of the distribution at hand.
#pragma once

#include <string>

namespace dropctl::symbols {

/// How to come by debug information of kernel `release`: a command where the
/// distribution named in `os_release` (a path) has one.
std::string how_to_get_debug_info(const std::string &release, const std::string &os_release);

} // namespace dropctl::symbols

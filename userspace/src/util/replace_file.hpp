// SPDX-License-Identifier: GPL-2.0-only
// Files that are there whole or not at all.
#pragma once

#include "util/result.hpp"

#include <string>
#include <string_view>

namespace dropctl::util {

/// Whether replace_file() could work; nothing is left behind. @param what for the error
Result<void> can_replace_file(const char *what, const std::string &path);

/// Put text into a file under another name, then give it this one. What is no ordinary
/// file (a pipe, /dev/stdout) is written to.
Result<void> replace_file(const char *what, const std::string &path, std::string_view text);

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
// The file by which a script learns that everything is armed.
#pragma once

#include "util/result.hpp"

#include <string>

namespace dropctl::util {

/// Create the file (--ready-file); nothing if the name is empty.
/// @param what command, for the error
Result<void> create_ready_file(const std::string &what, const std::string &name);

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
// Shows the user where an expression went wrong.
#pragma once

#include "util/result.hpp"

#include <string>

namespace dropctl::filter {

/// The Error for an expression that libpcap does not take, with its message, the
/// expression, and carets below the word at fault where that can be told.
Error complain(const std::string &expression, const std::string &message);

} // namespace dropctl::filter

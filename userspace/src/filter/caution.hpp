// SPDX-License-Identifier: GPL-2.0-only
// Expressions that are right and mean something else than most people think.
#pragma once

#include "filter/compile.hpp"

#include <string>

namespace dropctl::filter {

/// A remark about an expression and the program made from it; empty: none.
std::string caution(const std::string &expression, const Program &program);

} // namespace dropctl::filter

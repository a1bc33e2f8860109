// SPDX-License-Identifier: GPL-2.0-only
// Rules from their YAML. Strict: whatever is not known, missing, twice there or can never
// hold is an error, with file and line.
#pragma once

#include "rules/rule.hpp"
#include "util/result.hpp"

#include <string>
#include <vector>

namespace dropctl::rules {

/// @param text of a file; @param file its name, for errors
Result<std::vector<Rule>> parse(const std::string &text, const std::string &file);

} // namespace dropctl::rules

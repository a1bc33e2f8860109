// SPDX-License-Identifier: GPL-2.0-only
// The module's refusal to add a filter, in terms of what was typed.
#pragma once

#include "model.hpp"
#include "util/result.hpp"

#include <string>
#include <vector>

namespace dropctl::commands {

/// The error with the name that the module cannot know was meant, and what to do.
/// @param interfaces those that may have been meant
Error explain_refusal(Error error, const Filter &filter,
                      const std::vector<std::string> &interfaces);

} // namespace dropctl::commands

// SPDX-License-Identifier: GPL-2.0-only
// dropctl reasons, with names and explanations given by the caller; for tests.
#pragma once

#include "commands/commands.hpp"
#include "symbols/reason_docs.hpp"
#include "symbols/reasons.hpp"

namespace dropctl::commands {

/// List the reasons of `options`, or all of them.
Result<Exit> reasons(const ReasonsOptions &options, Context &context, const symbols::Reasons &names,
                     const symbols::ReasonDocs &docs);

} // namespace dropctl::commands

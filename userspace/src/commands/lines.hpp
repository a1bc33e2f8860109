// SPDX-License-Identifier: GPL-2.0-only
// dropctl lines, with what it works on given by the caller; for tests.
#pragma once

#include "code/kernel_code.hpp"
#include "commands/commands.hpp"
#include "symbols/source_text.hpp"

namespace dropctl::commands {

/// List the lines of the functions of `options`.
Result<Exit> lines(const LinesOptions &options, Context &context, code::KernelCode &kernel,
                   symbols::SourceText &source);

} // namespace dropctl::commands

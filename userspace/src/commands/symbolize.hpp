// SPDX-License-Identifier: GPL-2.0-only
// dropctl symbolize, with what it works on given by the caller; for tests.
#pragma once

#include "commands/commands.hpp"
#include "symbols/dwfl_symboliser.hpp"

#include <istream>

namespace dropctl::commands {

/// Resolve the places of `options`, or those on the lines of `input`.
Result<Exit> symbolize(const SymbolizeOptions &options, Context &context,
                       symbols::DwflSymboliser &symboliser, std::istream &input);

} // namespace dropctl::commands

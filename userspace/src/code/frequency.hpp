// SPDX-License-Identifier: GPL-2.0-only
// How often blocks run, guessed from the shape of the code alone.
#pragma once

#include "code/cfg.hpp"

#include <vector>

namespace dropctl::code {

/// Runs of each block per run of the function. The compiler lays out what it takes to be
/// likely in one piece, and what is unlikely behind it or in another part; loops go round
/// some times. Never 0 for what can be reached. A guess: good for choosing what is cheaper,
/// not for anything that must be right.
std::vector<double> block_frequencies(const Cfg &cfg);

} // namespace dropctl::code

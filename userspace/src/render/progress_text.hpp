// SPDX-License-Identifier: GPL-2.0-only
// How far a diagnosis has come, as a line.
#pragma once

#include <cstddef>
#include <string>

namespace dropctl::render {

/// What is done, since when (seconds), and after how many drops; cut to fit.
std::string progress_text(const std::string &what, double seconds, unsigned drops, size_t columns);

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
// A packet's mark, as it is written on the command line.
#pragma once

#include "util/result.hpp"

#include <cstdint>
#include <string>

namespace dropctl::filter {

struct Mark {
    uint32_t value = 0;
    uint32_t mask = UINT32_MAX;
};

/// "V" or "V/MASK", decimal or with 0x. Refuses a value that the mask cannot let through.
Result<Mark> parse_mark(const std::string &text);

} // namespace dropctl::filter

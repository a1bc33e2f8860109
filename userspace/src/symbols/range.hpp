// SPDX-License-Identifier: GPL-2.0-only
// A piece of code, as the running kernel counts addresses.
#pragma once

#include <cstdint>

namespace dropctl::symbols {

/// Start and end (not included).
struct Range {
    uint64_t start = 0;
    uint64_t end = 0;
    [[nodiscard]] bool holds(uint64_t address) const { return start <= address && address < end; }
    bool operator==(const Range &) const = default;
};

} // namespace dropctl::symbols

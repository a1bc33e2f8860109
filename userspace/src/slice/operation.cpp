// SPDX-License-Identifier: GPL-2.0-only
#include "slice/operation.hpp"

#include <array>

namespace dropctl::slice {

const char *condition_text(Condition condition) {
    constexpr std::array<const char *, 16> texts{
        "overflows", "does not overflow", "<",         ">=", "==", "!=", "<=", ">", "< 0",
        ">= 0",      "has parity",        "no parity", "<",  ">=", "<=", ">"};
    return texts[static_cast<size_t>(condition)];
}

} // namespace dropctl::slice

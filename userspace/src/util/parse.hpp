// SPDX-License-Identifier: GPL-2.0-only
// Numbers as people type them: durations and sizes with units.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dropctl::util {

/// Seconds from "2", "0.5", "500ms", "2s", "1m", "1h"; nothing if it is none of these.
std::optional<double> parse_duration(std::string_view text);

/// Bytes from "4096", "64K", "2M", "1G" (powers of 1024, an "iB" or "B" may follow).
std::optional<uint64_t> parse_size(std::string_view text);

/// A whole decimal number, or hexadecimal after 0x; no sign, nothing before or behind.
std::optional<uint64_t> parse_number(std::string_view text);

} // namespace dropctl::util

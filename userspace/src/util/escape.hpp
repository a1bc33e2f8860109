// SPDX-License-Identifier: GPL-2.0-only
// Strings from elsewhere (names of devices, tasks, filters) made safe to print:
// anybody may put escape sequences or broken UTF-8 into them.
#pragma once

#include "util/writer.hpp"

#include <string>
#include <string_view>

namespace dropctl::util {

/// For a terminal: control characters and bytes that are no UTF-8 become \xNN.
std::string printable(std::string_view text);

/// A JSON string with its quotes. Bytes that are no UTF-8 become \u00NN.
void append_json_string(Writer &out, std::string_view text);
std::string json_string(std::string_view text);

/// A word as a shell takes it, quoted where it has to be.
std::string shell_word(const std::string &text);

} // namespace dropctl::util

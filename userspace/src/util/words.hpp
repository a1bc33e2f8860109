// SPDX-License-Identifier: GPL-2.0-only
// Words of the command line as one text.
#pragma once

#include <string>
#include <vector>

namespace dropctl::util {

/// All words with `between` in between.
std::string join(const std::vector<std::string> &words, const char *between);

/// The words of an expression as they were typed; empty if they are all blank.
std::string expression(const std::vector<std::string> &words);

/// "did you mean A or B?", or what else there is to say if there are no names.
std::string did_you_mean(const std::vector<std::string> &names, const std::string &otherwise);

} // namespace dropctl::util

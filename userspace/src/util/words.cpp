// SPDX-License-Identifier: GPL-2.0-only
#include "util/words.hpp"

namespace dropctl::util {

std::string join(const std::vector<std::string> &words, const char *between) {
    std::string text;
    for (const std::string &word : words) {
        text += (text.empty() ? "" : between) + word;
    }
    return text;
}

std::string expression(const std::vector<std::string> &words) {
    std::string text = join(words, " ");
    return text.find_first_not_of(" \t\n") == std::string::npos ? std::string() : text;
}

std::string did_you_mean(const std::vector<std::string> &names, const std::string &otherwise) {
    return names.empty() ? otherwise : "did you mean " + join(names, " or ") + "?";
}

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
#include "rules/reader.hpp"

#include <algorithm>
#include <set>

namespace dropctl::rules {

void read_map(const YAML::Node &node, Readers readers) {
    if (!node.IsMap()) {
        throw Mistake(node, "a map is needed here");
    }
    std::set<std::string> seen;
    for (const auto &entry : node) {
        const std::string key = read_text(entry.first);
        const auto *const reader = std::find_if(
            readers.begin(), readers.end(), [&key](const auto &each) { return key == each.first; });
        if (reader == readers.end()) {
            throw Mistake(entry.first, "unknown key '" + key + "'");
        }
        if (!seen.insert(key).second) {
            throw Mistake(entry.first, "key '" + key + "' is there twice");
        }
        reader->second(entry.second);
    }
}

std::string read_text(const YAML::Node &node) {
    if (!node.IsScalar() || node.Scalar().empty()) {
        throw Mistake(node, "a text is needed here");
    }
    return node.Scalar();
}

bool read_bool(const YAML::Node &node) {
    const std::string text = read_text(node);
    if (text != "true" && text != "false") {
        throw Mistake(node, "true or false is needed here");
    }
    return text == "true";
}

std::vector<std::string> read_texts(const YAML::Node &node) {
    std::vector<std::string> texts;
    if (!node.IsSequence()) {
        texts.push_back(read_text(node));
        return texts;
    }
    for (const YAML::Node &each : node) {
        texts.push_back(read_text(each));
    }
    if (texts.empty()) {
        throw Mistake(node, "an empty list");
    }
    return texts;
}

void read_each(const YAML::Node &node, const Reader &reader) {
    if (!node.IsSequence()) {
        reader(node);
        return;
    }
    if (node.size() == 0) {
        throw Mistake(node, "an empty list");
    }
    for (const YAML::Node &each : node) {
        reader(each);
    }
}

} // namespace dropctl::rules

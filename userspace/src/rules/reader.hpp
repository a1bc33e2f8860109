// SPDX-License-Identifier: GPL-2.0-only
// Reading YAML strictly: every key of a map is asked for, or it is an error.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace dropctl::rules {

/// What is wrong, and in which line. Does not leave parse().
class Mistake : public std::runtime_error {
  public:
    Mistake(const YAML::Mark &mark, const std::string &text)
        : std::runtime_error(text), line(mark.line + 1) {}
    Mistake(const YAML::Node &node, const std::string &text) : Mistake(node.Mark(), text) {}
    int line;
};

/// A key's way to be read.
using Reader = std::function<void(const YAML::Node &value)>;
using Readers = std::initializer_list<std::pair<const char *, Reader>>;

/// Give each key's value to its reader; keys without one and keys that are there twice are
/// mistakes.
void read_map(const YAML::Node &node, Readers readers);
/// A text that is not empty.
std::string read_text(const YAML::Node &node);
bool read_bool(const YAML::Node &node);
/// A text, or a list of them.
std::vector<std::string> read_texts(const YAML::Node &node);
/// A map, or a list of them.
void read_each(const YAML::Node &node, const Reader &reader);

} // namespace dropctl::rules

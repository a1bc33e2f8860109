// SPDX-License-Identifier: GPL-2.0-only
// Examples of rules: facts as somebody made them up.
#pragma once

#include "rules/facts.hpp"

#include <yaml-cpp/yaml.h>

namespace dropctl::rules {

/// A map with the keys of a link (the one that decided), "chain" (those before it), and the
/// packet's words; what is left out is that of an ordinary packet. Throws Mistake.
Facts read_sample(const YAML::Node &node);

} // namespace dropctl::rules

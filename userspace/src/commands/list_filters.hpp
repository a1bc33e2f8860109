// SPDX-License-Identifier: GPL-2.0-only
// How commands show filters.
#pragma once

#include "filter/describe.hpp"
#include "model.hpp"
#include "render/names.hpp"
#include "util/writer.hpp"

#include <string>

namespace dropctl::commands {

/// `3 "ospf"`, or the number alone where there is no name.
std::string label(const Filter &filter);

/// A line of JSON, type "filter".
void append_json(util::Writer &out, const Filter &filter, render::Names &names);

/// For describing filters; holds on to `names`.
filter::Namer namer(render::Names &names);

} // namespace dropctl::commands

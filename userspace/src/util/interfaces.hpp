// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

namespace dropctl::util {

/// Names of the interfaces in our own network namespace; none if they cannot be had.
std::vector<std::string> interface_names();

} // namespace dropctl::util

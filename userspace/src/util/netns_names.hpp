// SPDX-License-Identifier: GPL-2.0-only
// Names of network namespaces, as ip-netns(8) gives them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace dropctl::util {

/// Inode number to name, of all that have one now.
std::map<uint32_t, std::string> netns_names(const std::string &directory = "/run/netns");

/// Inode number of the namespace that this process is in, 0: not to be told.
uint32_t own_netns();

} // namespace dropctl::util

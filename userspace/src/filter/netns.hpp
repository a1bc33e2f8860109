// SPDX-License-Identifier: GPL-2.0-only
// A network namespace, as it is written on the command line. The kernel knows it
// by the number of its inode, which lives as long as the namespace.
#pragma once

#include "util/result.hpp"

#include <cstdint>
#include <string>

namespace dropctl::filter {

/// Inode number of NAME (in `directory`), /path or inode:N. The first two must be
/// a network namespace now.
Result<uint32_t> resolve_netns(const std::string &text,
                               const std::string &directory = "/run/netns");

} // namespace dropctl::filter

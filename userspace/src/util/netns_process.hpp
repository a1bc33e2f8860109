// SPDX-License-Identifier: GPL-2.0-only
// A process in a network namespace that has no name, such as a container's.
#pragma once

#include <cstdint>
#include <optional>

namespace dropctl::util {

/// The lowest process id in it; nothing if there is none to be seen.
std::optional<uint32_t> process_in_netns(uint32_t inode);

} // namespace dropctl::util

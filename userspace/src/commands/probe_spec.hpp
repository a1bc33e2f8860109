// SPDX-License-Identifier: GPL-2.0-only
// What dropctl keeps with a probe in the module: the command line that makes it again,
// with the addresses that had to be done without.
#pragma once

#include "cli.hpp"
#include "util/result.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace dropctl::commands {

std::string probe_spec(const AddProbeOptions &options, const std::set<uint64_t> &refused);

/// An error if another version wrote it, or it is none of ours.
Result<AddProbeOptions> read_probe_spec(const std::string &spec);

/// "ip_rcv, ip_rcv_core and 2 levels of what they call"
std::string followed_text(const FollowOptions &options);

} // namespace dropctl::commands

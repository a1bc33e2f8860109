// SPDX-License-Identifier: GPL-2.0-only
// Which number the running kernel gave to droptrace's netlink family, and whether
// the module speaks the version of the interface that this client was built for.
#pragma once

#include "nl/socket.hpp"
#include "util/result.hpp"

namespace dropctl::nl {

/// Number of the family. Fails if the module is not loaded or speaks another version.
Result<int> resolve_family(Socket &socket);

} // namespace dropctl::nl

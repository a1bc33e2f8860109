// SPDX-License-Identifier: GPL-2.0-only
// A context may have seen several packets (a list of them, a copy): here each gets what
// is its own.
#pragma once

#include "trace/invocations.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace dropctl::trace {

/// The way of one packet through the traced functions.
struct PacketPath {
    uint64_t skb = 0;
    bool dropped = false;
    /// Recorded by the session, if it was (it may be limited to other drops).
    std::optional<Event> drop;
    uint64_t location = 0; ///< return address of the call that freed it; 0: not dropped
    uint32_t reason = 0;
    std::vector<size_t> invocations; ///< that worked on it, in order
};

/// One for each packet dropped; if none was, one for all that was seen.
std::vector<PacketPath> packets(const RawPath &path, const std::vector<Invocation> &invocations);

} // namespace dropctl::trace

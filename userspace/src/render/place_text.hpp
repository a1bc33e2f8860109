// SPDX-License-Identifier: GPL-2.0-only
// A place in the kernel as two columns, the function and the line, each with what
// there is instead where debug information is missing.
#pragma once

#include "model.hpp"

#include <string>

namespace dropctl::render {

struct PlaceText {
    std::string function; ///< "gre_rcv [ip_gre]", else "gre_rcv+0x3b [ip_gre]", else an address
    std::string line;     ///< "net/ipv4/gre_demux.c:160", or empty
};

PlaceText place_text(const Location &location);

/// A drop reason as a word in a column; a dash for the one that says nothing.
std::string reason_text(const std::string &name);

} // namespace dropctl::render

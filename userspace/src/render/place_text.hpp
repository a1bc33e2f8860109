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

} // namespace dropctl::render

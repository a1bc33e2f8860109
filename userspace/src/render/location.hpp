// SPDX-License-Identifier: GPL-2.0-only
// A place in the kernel's code, for people and for programs: the one form of it
// in everything that dropctl prints.
#pragma once

#include "model.hpp"

#include <string>

namespace dropctl::render {

/// The object LOCATION of the JSON output.
void append_json(std::string &out, const Location &location);

/// "gre_rcv+0x3b [gre] net/ipv4/gre_demux.c:160", less what is not known;
/// the address where there is no symbol.
std::string text(const Location &location);

/// The part of it that is code: "gre_rcv+0x3b [gre]", or the address.
std::string symbol_text(const Location &location);

/// The part of it that is source: "net/ipv4/gre_demux.c:160"; may be empty.
std::string source_text(const Location &location);

} // namespace dropctl::render

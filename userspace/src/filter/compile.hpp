// SPDX-License-Identifier: GPL-2.0-only
// From a pcap-filter(7) expression to the classic BPF that the module runs.
// libpcap compiles for Ethernet; rewrite.* then moves the program from the frame
// on the wire to the packet as the module presents it: from its network header
// on, EtherType and VLAN tags in ancillary loads (see linux/droptrace.h).
#pragma once

#include "util/result.hpp"

#include <linux/filter.h>

#include <string>
#include <vector>

namespace dropctl::filter {

using Program = std::vector<sock_filter>;

/// Compile an expression. An empty one gives an empty program: every packet.
/// The Error shows libpcap's message, and the place in the expression where that
/// can be told. What it means for tagged packets, and `len`: see rewrite.cpp.
Result<Program> compile(const std::string &expression);

/// Move a program made for DLT_EN10MB, not optimised, to the module's view.
/// Fails on what has no meaning there (a computed index into the link header).
Result<Program> rewrite(const Program &program);

} // namespace dropctl::filter

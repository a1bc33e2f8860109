// SPDX-License-Identifier: GPL-2.0-only
// Recognises the code that libpcap makes for the keyword `vlan`. From there on
// libpcap takes one more tag for granted, whatever the outcome of the test, so
// this is what tells the meaning of the offsets that follow.
#pragma once

#include "filter/graph.hpp"

namespace dropctl::filter {

/// For every block: is it part of a `vlan` test, and is it the last part?
struct VlanTest {
    bool part = false;
    bool last = false;
};

/// `vlan` compares the EtherType with three TPIDs, one block each, all with the
/// same target. (`ether proto 0x8100` is one block, and moves no offsets.)
std::vector<VlanTest> find_vlan_tests(const Graph &graph);

} // namespace dropctl::filter

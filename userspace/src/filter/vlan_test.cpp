// SPDX-License-Identifier: GPL-2.0-only
#include "filter/vlan_test.hpp"

#include <linux/if_ether.h>

#include <array>

namespace dropctl::filter {

namespace {

constexpr std::array<uint32_t, 3> tag_types{ETH_P_8021Q, ETH_P_8021AD, ETH_P_QINQ1};

/// Is this "load the half-word at `offset`; equal to `tag_type`?"
bool is_comparison(const Block &block, uint32_t offset, uint32_t tag_type) {
    return block.compares() && block.end.code == (BPF_JMP | BPF_JEQ | BPF_K) &&
           block.end.k == tag_type && block.body.size() == 1 &&
           block.body[0].code == (BPF_LD | BPF_H | BPF_ABS) && block.body[0].k == offset;
}

} // namespace

std::vector<VlanTest> find_vlan_tests(const Graph &graph) {
    std::vector<VlanTest> tests(graph.size());
    for (size_t first = 0; first < graph.size(); ++first) {
        if (graph[first].body.size() != 1) {
            continue;
        }
        const uint32_t offset = graph[first].body[0].k;
        std::array<size_t, tag_types.size()> parts{};
        size_t found = 0;
        for (size_t at = first; found < parts.size();
             at = destination(graph, graph[at].when_false)) {
            if (!is_comparison(graph[at], offset, tag_types[found]) ||
                destination(graph, graph[at].when_true) !=
                    destination(graph, graph[first].when_true)) {
                break;
            }
            parts[found++] = at;
        }
        if (found == parts.size()) {
            for (const size_t part : parts) {
                tests[part] = {.part = true, .last = part == parts.back()};
            }
        }
    }
    return tests;
}

} // namespace dropctl::filter

// SPDX-License-Identifier: GPL-2.0-only
// Runs the passes; each finds more after the others.
#include "filter/shorten.hpp"

namespace dropctl::filter {

void shorten(Graph &graph) {
    constexpr int rounds = 3; // a fourth has not been seen to find anything
    for (int round = 0; round < rounds; ++round) {
        const auto tested = propagate(graph);
        drop_dead(graph);
        skip_decided(graph, tested);
    }
    propagate(graph);
    drop_dead(graph);
}

} // namespace dropctl::filter

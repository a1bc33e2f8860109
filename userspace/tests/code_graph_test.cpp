// SPDX-License-Identifier: GPL-2.0-only
// Dominators, post-dominators, control dependence and loops: graphs whose answers
// are known from the literature, and random ones against the definitions.
#include "code/graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <random>

namespace {

using namespace dropctl::code;
using Edges = std::vector<ControlDependence::Edge>;

Graph graph_of(size_t nodes, std::initializer_list<std::pair<Node, Node>> edges) {
    Graph graph(nodes);
    for (const auto &[from, to] : edges) {
        graph.add_edge(from, to);
    }
    return graph;
}

/// Up to three edges from each node to anywhere.
Graph random_graph(std::mt19937 &random, size_t nodes) {
    Graph graph(nodes);
    for (Node node = 0; node < nodes; node++) {
        for (unsigned i = 0; i < random() % 4; i++) {
            graph.add_edge(node, static_cast<Node>(random() % nodes));
        }
    }
    return graph;
}

std::vector<Node> ends_of(const Graph &graph) {
    std::vector<Node> ends;
    for (Node node = 0; node < graph.size(); node++) {
        if (graph.successors(node).empty()) {
            ends.push_back(node);
        }
    }
    return ends;
}

/// What can be reached from `start` without stepping on `avoided`.
std::vector<bool> reachable_without(const Graph &graph, Node start, Node avoided) {
    Graph rest(graph.size());
    for (Node node = 0; node < graph.size(); node++) {
        for (const Node next : graph.successors(node)) {
            if (node != avoided && next != avoided) {
                rest.add_edge(node, next);
            }
        }
    }
    std::vector<bool> reached = rest.reachable(start);
    reached[avoided] = false;
    return reached;
}

TEST(GraphTest, edges_are_not_doubled) {
    const Graph graph = graph_of(2, {{0, 1}, {0, 1}});
    EXPECT_EQ(graph.successors(0).size(), 1U);
    EXPECT_EQ(graph.predecessors(1).size(), 1U);
}

TEST(GraphTest, diamond_has_its_head_as_dominator_and_its_foot_as_post_dominator) {
    const Graph graph = graph_of(4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}});
    const Dominators dominators(graph, 0);
    EXPECT_EQ(dominators.immediate(0), no_node);
    EXPECT_EQ(dominators.immediate(1), 0U);
    EXPECT_EQ(dominators.immediate(3), 0U);
    EXPECT_TRUE(dominators.dominates(3, 3));
    EXPECT_FALSE(dominators.dominates(1, 3));
    const PostDominators post(graph, {3});
    EXPECT_EQ(post.immediate(0), 3U);
    EXPECT_EQ(post.immediate(3), no_node);
    const ControlDependence dependence(graph, post);
    EXPECT_EQ(dependence.of(1), (Edges{{0, 1}}));
    EXPECT_EQ(dependence.of(2), (Edges{{0, 2}}));
    EXPECT_TRUE(dependence.of(3).empty());
}

/// The example of Cooper, Harvey and Kennedy's paper (figure 4): irreducible.
TEST(GraphTest, irreducible_graph_of_the_literature) {
    const Graph graph =
        graph_of(6, {{0, 1}, {0, 2}, {1, 5}, {2, 4}, {2, 3}, {5, 4}, {4, 5}, {4, 3}, {3, 4}});
    const Dominators dominators(graph, 0);
    for (Node node = 1; node < 6; node++) {
        EXPECT_EQ(dominators.immediate(node), 0U) << node;
    }
    const auto loops = find_loops(graph, 0);
    ASSERT_FALSE(loops.empty());
    EXPECT_TRUE(loops[0].irreducible);
    EXPECT_EQ(loops[0].nodes, (std::vector<Node>{3, 4, 5}));
}

/// The example of Ferrante, Ottenstein and Warren's paper (figure 1), less its start.
TEST(GraphTest, control_dependence_of_the_literature) {
    // 1 -> 2 3, 2 -> 4 5, 3 -> 5 7, 4 -> 6, 5 -> 6, 6 -> 7
    const Graph graph = graph_of(
        8, {{0, 1}, {1, 2}, {1, 3}, {2, 4}, {2, 5}, {3, 5}, {3, 7}, {4, 6}, {5, 6}, {6, 7}});
    const PostDominators post(graph, {7});
    const ControlDependence dependence(graph, post);
    EXPECT_TRUE(dependence.of(1).empty());
    EXPECT_EQ(dependence.of(2), (Edges{{1, 2}}));
    EXPECT_EQ(dependence.of(3), (Edges{{1, 3}}));
    EXPECT_EQ(dependence.of(4), (Edges{{2, 4}}));
    EXPECT_EQ(dependence.of(5), (Edges{{2, 5}, {3, 5}}));
    EXPECT_EQ(dependence.of(6), (Edges{{1, 2}, {3, 5}}));
    EXPECT_TRUE(dependence.of(7).empty());
}

TEST(GraphTest, loop_decides_about_itself) {
    const Graph graph = graph_of(4, {{0, 1}, {1, 2}, {2, 1}, {1, 3}});
    const PostDominators post(graph, {3});
    const ControlDependence dependence(graph, post);
    EXPECT_EQ(dependence.of(1), (Edges{{1, 2}}));
    EXPECT_EQ(dependence.of(2), (Edges{{1, 2}}));
    EXPECT_TRUE(dependence.of(3).empty());
}

TEST(GraphTest, what_never_returns_takes_no_part) {
    // 2 is a BUG, 4 loops for ever; 0 decides nothing about 1, though it could miss it.
    const Graph graph = graph_of(6, {{0, 1}, {0, 2}, {1, 3}, {1, 4}, {4, 4}, {3, 5}});
    const PostDominators post(graph, {5});
    EXPECT_TRUE(post.reaches_exit(1));
    EXPECT_FALSE(post.reaches_exit(2));
    EXPECT_FALSE(post.reaches_exit(4));
    EXPECT_TRUE(post.post_dominates(3, 0));
    EXPECT_EQ(post.immediate(2), no_node);
    const ControlDependence dependence(graph, post);
    EXPECT_TRUE(dependence.of(1).empty());
    EXPECT_TRUE(dependence.of(2).empty());
    EXPECT_TRUE(dependence.of(3).empty());
}

TEST(GraphTest, several_exits_have_no_common_post_dominator) {
    const Graph graph = graph_of(3, {{0, 1}, {0, 2}});
    const PostDominators post(graph, {1, 2});
    EXPECT_EQ(post.immediate(0), no_node);
    EXPECT_TRUE(post.reaches_exit(0));
    const ControlDependence dependence(graph, post);
    EXPECT_EQ(dependence.of(1), (Edges{{0, 1}}));
    EXPECT_EQ(dependence.of(2), (Edges{{0, 2}}));
}

TEST(GraphTest, nested_loops_are_found_outer_first) {
    const Graph graph =
        graph_of(7, {{0, 1}, {1, 2}, {2, 3}, {3, 2}, {3, 4}, {4, 1}, {4, 5}, {5, 5}, {5, 6}});
    const auto loops = find_loops(graph, 0);
    ASSERT_EQ(loops.size(), 3U);
    EXPECT_EQ(loops[0].header, 1U);
    EXPECT_EQ(loops[0].nodes, (std::vector<Node>{1, 2, 3, 4}));
    EXPECT_EQ(loops[1].header, 2U);
    EXPECT_EQ(loops[1].nodes, (std::vector<Node>{2, 3}));
    EXPECT_EQ(loops[2].nodes, (std::vector<Node>{5}));
    EXPECT_FALSE(loops[0].irreducible || loops[1].irreducible || loops[2].irreducible);
}

TEST(GraphTest, deep_graphs_do_not_exhaust_the_stack) {
    constexpr Node length = 200000;
    Graph graph(length);
    for (Node node = 0; node + 1 < length; node++) {
        graph.add_edge(node, node + 1);
    }
    const Dominators dominators(graph, 0);
    EXPECT_TRUE(dominators.dominates(1, length - 1));
    EXPECT_TRUE(find_loops(graph, 0).empty());
}

TEST(GraphTest, dominators_are_what_cannot_be_avoided) {
    std::mt19937 random(1); // NOLINT: the same graphs every time
    for (int round = 0; round < 300; round++) {
        const Graph graph = random_graph(random, 2 + random() % 20);
        const Dominators dominators(graph, 0);
        const std::vector<bool> reached = graph.reachable(0);
        for (Node a = 0; a < graph.size(); a++) {
            const std::vector<bool> left =
                a == 0 ? std::vector<bool>(graph.size()) : reachable_without(graph, 0, a);
            for (Node b = 0; b < graph.size(); b++) {
                EXPECT_EQ(dominators.dominates(a, b), reached[b] && reached[a] && !left[b])
                    << a << " " << b << " in round " << round;
            }
        }
    }
}

/// b depends on the edge a -> s if b post-dominates s (or is it) and not a strictly.
TEST(GraphTest, control_dependence_is_as_defined) {
    std::mt19937 random(2); // NOLINT
    for (int round = 0; round < 300; round++) {
        const Graph graph = random_graph(random, 2 + random() % 20);
        const PostDominators post(graph, ends_of(graph));
        const ControlDependence dependence(graph, post);
        for (Node b = 0; b < graph.size(); b++) {
            Edges expected;
            for (Node a = 0; a < graph.size(); a++) {
                for (const Node s : graph.successors(a)) {
                    if (post.reaches_exit(a) && post.post_dominates(b, s) &&
                        (a == b || !post.post_dominates(b, a))) {
                        expected.push_back({a, s});
                    }
                }
            }
            EXPECT_EQ(dependence.of(b), expected) << b << " in round " << round;
        }
    }
}

TEST(GraphTest, loops_hold_every_cycle) {
    std::mt19937 random(3); // NOLINT
    for (int round = 0; round < 300; round++) {
        const Graph graph = random_graph(random, 2 + random() % 20);
        const std::vector<bool> reached = graph.reachable(0);
        std::vector<bool> in_loop(graph.size());
        for (const Loop &loop : find_loops(graph, 0)) {
            EXPECT_TRUE(std::binary_search(loop.nodes.begin(), loop.nodes.end(), loop.header));
            for (const Node node : loop.nodes) {
                in_loop[node] = true;
            }
        }
        for (Node node = 0; node < graph.size(); node++) {
            bool cycles = false;
            for (const Node next : graph.successors(node)) {
                cycles = cycles || graph.reachable(next)[node];
            }
            EXPECT_EQ(in_loop[node], reached[node] && cycles) << node << " in round " << round;
        }
    }
}

} // namespace

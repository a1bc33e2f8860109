// SPDX-License-Identifier: GPL-2.0-only
// Points are few, and yet every walk follows from those that it hit.
#include "code/placement.hpp"
#include "code/reconstruction.hpp"
#include "code_walks.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace {

using namespace dropctl::code;
using dropctl::test::random_walk;
using dropctl::test::Walk;

struct Case {
    Graph graph;
    std::vector<Node> exits;
    std::vector<bool> allowed;
    std::vector<bool> observed;
};

/// A graph like a function's: mostly forwards, with loops, some of them entered in
/// several places, some nodes that lead nowhere.
Graph random_flow(std::mt19937 &random, size_t nodes) {
    Graph graph(nodes);
    for (Node node = 0; node < nodes; node++) {
        const unsigned kind = random() % 16;
        if (kind == 0) {
            continue;
        }
        const auto forwards = [&] {
            return static_cast<Node>(std::min<size_t>(node + 1 + random() % 5, nodes - 1));
        };
        if (node + 1 < nodes) {
            graph.add_edge(node, forwards());
        }
        if (kind > 6 && node + 1 < nodes) {
            graph.add_edge(node, forwards());
        }
        if (kind > 13 && nodes > 1) { // never to the entry: that would be a call
            graph.add_edge(node, 1 + static_cast<Node>(random() % (nodes - 1)));
        }
    }
    return graph;
}

Case make_case(std::mt19937 &random, unsigned blind_percent) {
    Case made;
    made.graph = random_flow(random, 1 + random() % 60);
    for (Node node = 0; node < made.graph.size(); node++) {
        const bool last = made.graph.successors(node).empty();
        if (last && random() % 4 != 0) {
            made.exits.push_back(node); // others are BUGs
        }
        made.allowed.push_back(random() % 100 >= blind_percent);
    }
    const std::vector<bool> kept(made.graph.size());
    const std::vector<uint32_t> cost(made.graph.size());
    made.observed = choose_nodes(made.graph, 0, made.exits, made.allowed, kept, cost);
    return made;
}

std::vector<uint32_t> hits_of(const Case &in, const Walk &walk) {
    std::vector<uint32_t> hits;
    for (size_t i = 1; i < walk.nodes.size(); i++) {
        if (in.observed[walk.nodes[i]]) {
            hits.push_back(walk.nodes[i]);
        }
    }
    return hits;
}

TEST(PlacementTest, every_walk_follows_from_its_hits) {
    std::mt19937 random(4); // NOLINT: the same graphs every time
    size_t walks = 0;
    for (int round = 0; round < 2000; round++) {
        const Case made = make_case(random, 0);
        const Reconstruction reconstruction(made.graph, 0, made.exits, made.observed);
        for (int i = 0; i < 5; i++) {
            const Walk walk = random_walk(made.graph, 0, made.exits, 300, random);
            if (!walk.ended) {
                continue;
            }
            walks++;
            const BlockPath path = reconstruction.path(hits_of(made, walk));
            ASSERT_EQ(path.blocks(), walk.nodes) << "round " << round;
            EXPECT_TRUE(path.complete && path.certain);
        }
    }
    EXPECT_GT(walks, 4000U);
}

TEST(PlacementTest, broken_walk_is_known_up_to_its_last_hit) {
    std::mt19937 random(5); // NOLINT
    for (int round = 0; round < 2000; round++) {
        const Case made = make_case(random, 0);
        const Reconstruction reconstruction(made.graph, 0, made.exits, made.observed);
        const Walk walk = random_walk(made.graph, 0, made.exits, 1 + random() % 40, random);
        const std::vector<uint32_t> hits = hits_of(made, walk);
        const BlockPath path = reconstruction.path(hits, {.ended = false, .address = {}});
        const std::vector<Node> blocks = path.blocks();
        ASSERT_LE(blocks.size(), walk.nodes.size());
        EXPECT_TRUE(std::equal(blocks.begin(), blocks.end(), walk.nodes.begin()));
        EXPECT_TRUE(path.certain);
        EXPECT_FALSE(path.complete);
        for (size_t i = blocks.size(); i < walk.nodes.size(); i++) {
            EXPECT_FALSE(made.observed[walk.nodes[i]]);
        }
    }
}

/// With nodes that cannot be observed the walk may be in doubt; then it is said so, and
/// everything else is still right.
TEST(PlacementTest, doubt_is_admitted) {
    std::mt19937 random(6); // NOLINT
    size_t doubtful = 0;
    size_t certain = 0;
    for (int round = 0; round < 3000; round++) {
        const Case made = make_case(random, 30);
        const Reconstruction reconstruction(made.graph, 0, made.exits, made.observed);
        const Walk walk = random_walk(made.graph, 0, made.exits, 300, random);
        if (!walk.ended) {
            continue;
        }
        const BlockPath path = reconstruction.path(hits_of(made, walk));
        if (path.certain) {
            EXPECT_EQ(path.blocks(), walk.nodes) << "round " << round;
            certain++;
            continue;
        }
        doubtful++;
        const auto pairs = doubtful_pairs(made.graph, 0, made.exits, made.observed);
        BlockIndex before = no_index;
        for (const PathStep &step : path.steps) {
            EXPECT_NE(step.join, Join::Impossible);
            if (step.join == Join::Ambiguous) {
                const std::pair<Node, Node> pair{before, step.block};
                EXPECT_NE(std::find(pairs.begin(), pairs.end(), pair), pairs.end());
            }
            before = step.block;
        }
        // What is told is a part of the walk, in order.
        auto at = walk.nodes.begin();
        for (const Node node : path.blocks()) {
            at = std::find(at, walk.nodes.end(), node);
            ASSERT_NE(at, walk.nodes.end()) << "round " << round;
            ++at;
        }
    }
    EXPECT_GT(doubtful, 100U);
    EXPECT_GT(certain, 100U);
}

TEST(PlacementTest, without_doubtful_pairs_nothing_is_in_doubt) {
    std::mt19937 random(7); // NOLINT
    for (int round = 0; round < 1000; round++) {
        const Case made = make_case(random, 10);
        if (!doubtful_pairs(made.graph, 0, made.exits, made.observed).empty()) {
            continue;
        }
        const Reconstruction reconstruction(made.graph, 0, made.exits, made.observed);
        const Walk walk = random_walk(made.graph, 0, made.exits, 300, random);
        if (walk.ended) {
            EXPECT_EQ(reconstruction.path(hits_of(made, walk)).blocks(), walk.nodes);
        }
    }
}

TEST(PlacementTest, choice_is_minimal) {
    std::mt19937 random(8); // NOLINT
    size_t compared = 0;
    for (int round = 0; round < 1000; round++) {
        const Case made = make_case(random, 0);
        EXPECT_TRUE(doubtful_pairs(made.graph, 0, made.exits, made.observed).empty());
        const std::vector<bool> reached = made.graph.reachable(0);
        const PostDominators post(made.graph, made.exits);
        bool returns = true;
        for (Node node = 0; node < made.graph.size(); node++) {
            returns = returns && (!reached[node] || post.reaches_exit(node));
        }
        // Doubt about which way led to a BUG shows nowhere else; let there be none.
        for (Node node = 1; returns && node < made.graph.size(); node++) {
            if (made.observed[node] && reached[node]) {
                compared++;
                std::vector<bool> fewer = made.observed;
                fewer[node] = false;
                EXPECT_FALSE(doubtful_pairs(made.graph, 0, made.exits, fewer).empty())
                    << node << " in round " << round;
            }
        }
    }
    EXPECT_GT(compared, 500U);
}

TEST(PlacementTest, kept_nodes_are_kept_and_refused_ones_are_not) {
    Graph graph(4);
    graph.add_edge(0, 1);
    graph.add_edge(0, 2);
    graph.add_edge(1, 3);
    graph.add_edge(2, 3);
    const std::vector<uint32_t> cost(4);
    const std::vector<bool> all(4, true);
    const std::vector<bool> none(4);
    const auto count = [](const std::vector<bool> &nodes) {
        return std::count(nodes.begin() + 1, nodes.end(), true);
    };
    EXPECT_EQ(count(choose_nodes(graph, 0, {3}, all, none, cost)), 1);
    EXPECT_EQ(count(choose_nodes(graph, 0, {3}, all, all, cost)), 3);
    std::vector<bool> allowed = all;
    allowed[1] = false;
    EXPECT_EQ(choose_nodes(graph, 0, {3}, allowed, none, cost)[2], true);
    allowed[2] = false;
    EXPECT_EQ(count(choose_nodes(graph, 0, {3}, allowed, none, cost)), 0);
    EXPECT_EQ(doubtful_pairs(graph, 0, {3}, std::vector<bool>(4)),
              (std::vector<std::pair<Node, Node>>{{0, no_node}}));
}

TEST(PlacementTest, dear_nodes_are_given_up_first) {
    Graph graph(4);
    graph.add_edge(0, 1);
    graph.add_edge(0, 2);
    graph.add_edge(1, 3);
    graph.add_edge(2, 3);
    const std::vector<bool> all(4, true);
    const std::vector<bool> none(4);
    EXPECT_TRUE(choose_nodes(graph, 0, {3}, all, none, {0, 5, 1, 0})[2]);
    EXPECT_TRUE(choose_nodes(graph, 0, {3}, all, none, {0, 1, 5, 0})[1]);
}

TEST(ReconstructionTest, hit_that_cannot_follow_is_said_to_be_impossible) {
    Graph graph(5);
    graph.add_edge(0, 1);
    graph.add_edge(1, 2);
    graph.add_edge(0, 3);
    graph.add_edge(3, 4);
    graph.add_edge(2, 4);
    const Reconstruction reconstruction(graph, 0, {4}, std::vector<bool>(5, true));
    const std::vector<uint32_t> hits{1, 3, 4};
    const BlockPath path = reconstruction.path(hits);
    EXPECT_FALSE(path.certain);
    ASSERT_EQ(path.steps.size(), 4U);
    EXPECT_EQ(path.steps[1].join, Join::Edge);
    EXPECT_EQ(path.steps[2].join, Join::Impossible);
    EXPECT_EQ(path.steps[3].join, Join::Edge);
    EXPECT_EQ(path.steps[2].first_hit, 1U);
}

TEST(ReconstructionTest, loop_runs_are_told_apart) {
    Graph graph(3);
    graph.add_edge(0, 1);
    graph.add_edge(1, 1);
    graph.add_edge(1, 2);
    const Reconstruction reconstruction(graph, 0, {2}, {true, true, false});
    const std::vector<uint32_t> hits{1, 1, 1};
    EXPECT_EQ(reconstruction.path(hits).blocks(), (std::vector<Node>{0, 1, 1, 1, 2}));
}

} // namespace

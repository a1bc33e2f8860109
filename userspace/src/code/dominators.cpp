// SPDX-License-Identifier: GPL-2.0-only
// Dominators by iteration over the reverse postorder (Cooper, Harvey, Kennedy: "A
// simple, fast dominance algorithm"), which for graphs of this size beats the
// ones of better order. Post-dominators and control dependence follow from it.
#include "code/graph.hpp"

#include <algorithm>

namespace dropctl::code {

namespace {

std::vector<Node> immediate_dominators(const Graph &graph, Node entry) {
    const std::vector<Node> order = graph.reverse_postorder(entry);
    std::vector<uint32_t> rank(graph.size(), no_node);
    for (uint32_t i = 0; i < order.size(); i++) {
        rank[order[i]] = i;
    }
    std::vector<Node> parents(graph.size(), no_node);
    parents[entry] = entry; // as long as this runs
    const auto common = [&](Node a, Node b) {
        while (a != b) {
            Node &later = rank[a] > rank[b] ? a : b;
            later = parents[later];
        }
        return a;
    };
    for (bool changed = true; changed;) {
        changed = false;
        for (const Node node : order) {
            Node parent = no_node;
            for (const Node before : graph.predecessors(node)) {
                if (rank[before] != no_node && parents[before] != no_node) {
                    parent = parent == no_node ? before : common(parent, before);
                }
            }
            if (node != entry && parent != parents[node]) {
                parents[node] = parent;
                changed = true;
            }
        }
    }
    parents[entry] = no_node;
    return parents;
}

/// The graph turned round, with a node more that leads to all exits; nodes that
/// reach none of them remain unreached.
Graph backwards(const Graph &graph, const std::vector<Node> &exits) {
    const auto exit = static_cast<Node>(graph.size());
    Graph result(graph.size() + 1);
    for (Node node = 0; node < graph.size(); node++) {
        for (const Node next : graph.successors(node)) {
            result.add_edge(next, node);
        }
    }
    for (const Node node : exits) {
        result.add_edge(exit, node);
    }
    return result;
}

} // namespace

Dominators::Dominators(const Graph &graph, Node entry)
    : parents_(immediate_dominators(graph, entry)), in_(graph.size()), out_(graph.size()) {
    std::vector<std::vector<Node>> children(graph.size());
    for (Node node = 0; node < graph.size(); node++) {
        if (parents_[node] != no_node) {
            children[parents_[node]].push_back(node);
        }
    }
    uint32_t clock = 1;
    std::vector<Node> open{entry};
    while (!open.empty()) {
        const Node node = open.back();
        if (in_[node] == 0) {
            in_[node] = clock++;
            open.insert(open.end(), children[node].begin(), children[node].end());
        } else {
            out_[node] = clock++;
            open.pop_back();
        }
    }
}

bool Dominators::dominates(Node dominator, Node node) const {
    return in_[node] != 0 && in_[dominator] != 0 && in_[dominator] <= in_[node] &&
           out_[node] <= out_[dominator];
}

PostDominators::PostDominators(const Graph &graph, const std::vector<Node> &exits)
    : exit_(static_cast<Node>(graph.size())), tree_(backwards(graph, exits), exit_) {}

Node PostDominators::immediate(Node node) const {
    const Node parent = tree_.immediate(node);
    return parent == exit_ ? no_node : parent;
}

bool PostDominators::post_dominates(Node dominator, Node node) const {
    return tree_.dominates(dominator, node);
}

bool PostDominators::reaches_exit(Node node) const {
    return tree_.immediate(node) != no_node;
}

/// For an edge a -> b, all nodes from b up the tree to just below a's parent
/// depend on a. Edges to where no exit is reached count for nobody.
ControlDependence::ControlDependence(const Graph &graph, const PostDominators &post)
    : edges_(graph.size()) {
    for (Node branch = 0; branch < graph.size(); branch++) {
        if (!post.reaches_exit(branch)) {
            continue;
        }
        const Node stop = post.tree_.immediate(branch);
        for (const Node successor : graph.successors(branch)) {
            if (!post.reaches_exit(successor)) {
                continue;
            }
            for (Node node = successor; node != stop && node != post.exit_;
                 node = post.tree_.immediate(node)) {
                edges_[node].push_back({branch, successor});
            }
        }
    }
}

} // namespace dropctl::code

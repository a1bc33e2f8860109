// SPDX-License-Identifier: GPL-2.0-only
// Which blocks to observe. Walks are split at the observed nodes into stretches of
// nodes that are not observed, so a walk follows from what was observed if between
// any two observed nodes there is at most one such stretch. Giving up node b makes
// new stretches only through b. They are all new, and one each, as long as
//  - no stretch leads from b back to b (a loop could run any number of times), and
//  - there is no stretch yet from an observed node u that reaches b to a node t
//    that b reaches: u -> b -> t would be a second one.
// t may be any node, observed or not, so that also a walk that breaks off at a
// known node is known. By induction this holds for the whole if it holds at every
// step; it holds at the start, when every node is observed. Nodes that cannot be
// observed are given up first, whatever follows: there it may not hold.
#include "code/placement.hpp"

#include <algorithm>

namespace dropctl::code {

namespace {

class Chooser {
  public:
    Chooser(const Graph &graph, std::vector<bool> observed)
        : graph_(graph), observed_(std::move(observed)), mark_(graph.size()) {}

    /// Give up a node if that leaves no doubt.
    void try_without(Node node) {
        const std::vector<Node> after = walk(node, true, no_node);
        if (std::find(after.begin(), after.end(), node) != after.end()) {
            return;
        }
        std::vector<bool> is_after(graph_.size());
        for (const Node target : after) {
            is_after[target] = true;
        }
        for (const Node source : walk(node, false, no_node)) {
            if (!observed_[source]) {
                continue;
            }
            for (const Node target : walk(source, true, node)) {
                if (is_after[target]) {
                    return;
                }
            }
        }
        observed_[node] = false;
    }

    void give_up(Node node) { observed_[node] = false; }

    /// Give up a node that cannot be done without for the sake of a cheaper one.
    void try_exchange(Node node, const std::vector<Node> &cheaper) {
        for (const Node other : cheaper) {
            if (observed_[other] || tries_ == 0) {
                continue;
            }
            tries_--;
            observed_[other] = true; // what is known stays known
            try_without(node);
            if (!observed_[node]) {
                return;
            }
            observed_[other] = false;
        }
    }

    [[nodiscard]] bool observes(Node node) const { return observed_[node]; }
    std::vector<bool> take() { return std::move(observed_); }

  private:
    /// Nodes behind (before) `start` that unobserved ones lead to, observed or not;
    /// `start` only if they lead back to it. Never into `avoided`.
    std::vector<Node> walk(Node start, bool forwards, Node avoided) {
        std::vector<Node> met;
        clock_++;
        const auto visit = [&](Node node) {
            const auto &next = forwards ? graph_.successors(node) : graph_.predecessors(node);
            for (const Node to : next) {
                if (to != avoided && mark_[to] != clock_) {
                    mark_[to] = clock_;
                    met.push_back(to);
                }
            }
        };
        visit(start);
        for (size_t i = 0; i < met.size(); i++) { // NOLINT(modernize-loop-convert): it grows
            if (!observed_[met[i]] && met[i] != start) {
                visit(met[i]);
            }
        }
        return met;
    }

    const Graph &graph_;
    std::vector<bool> observed_;
    std::vector<uint32_t> mark_;
    uint32_t clock_ = 0;
    uint32_t tries_ = 2000; // some milliseconds
};

/// The edges between `nodes`.
Graph only(const Graph &graph, const std::vector<bool> &nodes) {
    Graph result(graph.size());
    for (Node node = 0; node < graph.size(); node++) {
        for (const Node next : graph.successors(node)) {
            if (nodes[node] && nodes[next]) {
                result.add_edge(node, next);
            }
        }
    }
    return result;
}

} // namespace

Graph with_end(const Graph &graph, const std::vector<Node> &exits) {
    const auto end = static_cast<Node>(graph.size());
    Graph result(graph.size() + 1);
    for (Node node = 0; node < graph.size(); node++) {
        for (const Node next : graph.successors(node)) {
            result.add_edge(node, next);
        }
    }
    for (const Node exit : exits) {
        result.add_edge(exit, end);
    }
    return result;
}

std::vector<bool> choose_nodes(const Graph &graph, Node entry, const std::vector<Node> &exits,
                               const std::vector<bool> &allowed, const std::vector<bool> &kept,
                               const std::vector<uint32_t> &cost) {
    const std::vector<bool> reached = graph.reachable(entry);
    const Graph whole = with_end(only(graph, reached), exits);
    Chooser chooser(whole, std::vector<bool>(whole.size(), true));
    std::vector<Node> order;
    for (Node node = 0; node < graph.size(); node++) {
        if (node == entry) {
            continue;
        }
        if (!allowed[node] || !reached[node]) {
            chooser.give_up(node);
        } else if (!kept[node]) {
            order.push_back(node);
        }
    }
    // The dearest first; of those that cost the same, such as have one predecessor.
    std::stable_sort(order.begin(), order.end(), [&](Node a, Node b) {
        const bool single_a = graph.predecessors(a).size() == 1;
        const bool single_b = graph.predecessors(b).size() == 1;
        return cost[a] != cost[b] ? cost[a] > cost[b] : single_a && !single_b;
    });
    for (const Node node : order) {
        chooser.try_without(node);
    }
    // That may have left a dear one for want of one that was given up before.
    for (auto node = order.begin(); node != order.end(); ++node) {
        if (chooser.observes(*node)) {
            const auto cheaper = std::find_if(
                node, order.end(), [&](Node other) { return cost[other] < cost[*node]; });
            chooser.try_exchange(*node, {cheaper, order.end()});
        }
    }
    for (const Node node : order) {
        chooser.try_without(node);
    }
    std::vector<bool> observed = chooser.take();
    observed.pop_back();
    return observed;
}

namespace {

/// Observed nodes (and the end) that more than one stretch from `start` leads to.
std::vector<Node> doubtful_from(const Graph &graph, Node start, const std::vector<bool> &observed) {
    std::vector<uint32_t> ways(graph.size()); // edges from the stretches into a node
    std::vector<Node> met{start};
    for (size_t i = 0; i < met.size(); i++) {
        if (i > 0 && observed[met[i]]) {
            continue;
        }
        for (const Node next : graph.successors(met[i])) {
            if (ways[next]++ == 0 && next != start) {
                met.push_back(next);
            }
        }
    }
    // Doubt arises where stretches meet, or come back, and spreads from there.
    std::vector<Node> open;
    std::vector<bool> in_doubt(graph.size());
    for (Node node = 0; node < graph.size(); node++) {
        if (ways[node] > 1) {
            in_doubt[node] = true;
            open.push_back(node);
        }
    }
    std::vector<Node> found;
    while (!open.empty()) {
        const Node node = open.back();
        open.pop_back();
        if (observed[node]) {
            found.push_back(node);
            continue;
        }
        for (const Node next : graph.successors(node)) {
            if (!in_doubt[next]) {
                in_doubt[next] = true;
                open.push_back(next);
            }
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace

std::vector<std::pair<Node, Node>> doubtful_pairs(const Graph &graph, Node entry,
                                                  const std::vector<Node> &exits,
                                                  const std::vector<bool> &observed) {
    const Graph whole = with_end(graph, exits);
    const auto end = static_cast<Node>(graph.size());
    std::vector<bool> seen = observed;
    seen[entry] = true;
    seen.push_back(true);
    std::vector<std::pair<Node, Node>> pairs;
    for (Node from = 0; from < graph.size(); from++) {
        if (seen[from]) {
            for (const Node to : doubtful_from(whole, from, seen)) {
                pairs.emplace_back(from, to == end ? no_node : to);
            }
        }
    }
    return pairs;
}

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// Loops as strongly connected components, those in them after taking out the
// header (Bourdoncle, Steensgaard): this finds irreducible ones as well.
#include "code/graph.hpp"

#include <algorithm>

namespace dropctl::code {

namespace {

/// Strongly connected components (Tarjan) of the nodes that `member` marks.
class Components {
  public:
    Components(const Graph &graph, const std::vector<bool> &member)
        : graph_(graph), member_(member), index_(graph.size()), low_(graph.size()),
          stacked_(graph.size()) {}

    std::vector<std::vector<Node>> from(const std::vector<Node> &starts) {
        for (const Node start : starts) {
            if (index_[start] == 0) {
                walk(start);
            }
        }
        return std::move(found_);
    }

  private:
    struct Step {
        Node node;
        size_t next;
    };

    void enter(Node node) {
        index_[node] = low_[node] = ++clock_;
        stack_.push_back(node);
        stacked_[node] = true;
        open_.push_back({node, 0});
    }

    void walk(Node start) {
        enter(start);
        while (!open_.empty()) {
            Step &step = open_.back();
            const Node node = step.node;
            const std::vector<Node> &successors = graph_.successors(node);
            if (step.next < successors.size()) {
                const Node next = successors[step.next++];
                if (member_[next] && index_[next] == 0) {
                    enter(next);
                } else if (member_[next] && stacked_[next]) {
                    low_[node] = std::min(low_[node], index_[next]);
                }
                continue;
            }
            open_.pop_back();
            if (!open_.empty()) {
                low_[open_.back().node] = std::min(low_[open_.back().node], low_[node]);
            }
            if (low_[node] == index_[node]) {
                close(node);
            }
        }
    }

    void close(Node root) {
        std::vector<Node> component;
        Node node = no_node;
        do {
            node = stack_.back();
            stack_.pop_back();
            stacked_[node] = false;
            component.push_back(node);
        } while (node != root);
        std::sort(component.begin(), component.end());
        found_.push_back(std::move(component));
    }

    const Graph &graph_;
    const std::vector<bool> &member_;
    std::vector<uint32_t> index_; ///< 0: not met yet
    std::vector<uint32_t> low_;
    std::vector<bool> stacked_;
    std::vector<Node> stack_;
    std::vector<Step> open_;
    std::vector<std::vector<Node>> found_;
    uint32_t clock_ = 0;
};

bool has_edge(const Graph &graph, Node from, Node to) {
    const std::vector<Node> &next = graph.successors(from);
    return std::find(next.begin(), next.end(), to) != next.end();
}

class LoopFinder {
  public:
    LoopFinder(const Graph &graph, Node entry)
        : graph_(graph), entry_(entry), rank_(graph.size(), no_node) {
        const std::vector<Node> order = graph.reverse_postorder(entry);
        for (uint32_t i = 0; i < order.size(); i++) {
            rank_[order[i]] = i;
        }
        reached_ = graph.reachable(entry);
    }

    std::vector<Loop> run() {
        std::vector<Node> all;
        for (Node node = 0; node < graph_.size(); node++) {
            if (reached_[node]) {
                all.push_back(node);
            }
        }
        std::vector<std::vector<Node>> open{std::move(all)};
        while (!open.empty()) {
            const std::vector<Node> region = std::move(open.back());
            open.pop_back();
            for (Loop &loop : loops_of(region)) {
                std::vector<Node> inside = loop.nodes;
                std::erase(inside, loop.header);
                loops_.push_back(std::move(loop));
                open.push_back(std::move(inside));
            }
        }
        std::stable_sort(loops_.begin(), loops_.end(), [](const Loop &a, const Loop &b) {
            return a.nodes.size() > b.nodes.size();
        });
        return std::move(loops_);
    }

  private:
    std::vector<Loop> loops_of(const std::vector<Node> &region) {
        std::vector<bool> member(graph_.size());
        for (const Node node : region) {
            member[node] = true;
        }
        std::vector<Loop> found;
        for (std::vector<Node> &nodes : Components(graph_, member).from(region)) {
            if (nodes.size() > 1 || has_edge(graph_, nodes.front(), nodes.front())) {
                found.push_back(loop_of(std::move(nodes)));
            }
        }
        return found;
    }

    Loop loop_of(std::vector<Node> nodes) {
        Loop loop;
        size_t ways_in = 0;
        for (const Node node : nodes) {
            const std::vector<Node> &before = graph_.predecessors(node);
            const bool from_outside = std::any_of(before.begin(), before.end(), [&](Node other) {
                return reached_[other] && !std::binary_search(nodes.begin(), nodes.end(), other);
            });
            if (from_outside || node == entry_) {
                ways_in++;
                if (loop.header == no_node || rank_[node] < rank_[loop.header]) {
                    loop.header = node;
                }
            }
        }
        loop.irreducible = ways_in > 1;
        loop.nodes = std::move(nodes);
        return loop;
    }

    const Graph &graph_;
    Node entry_;
    std::vector<uint32_t> rank_;
    std::vector<bool> reached_;
    std::vector<Loop> loops_;
};

} // namespace

std::vector<Loop> find_loops(const Graph &graph, Node entry) {
    return LoopFinder(graph, entry).run();
}

} // namespace dropctl::code

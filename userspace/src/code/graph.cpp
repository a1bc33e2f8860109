// SPDX-License-Identifier: GPL-2.0-only
// Edges and walks of graphs. Walks keep their own stacks: functions of thousands
// of blocks are nested that deep.
#include "code/graph.hpp"

#include <algorithm>

namespace dropctl::code {

void Graph::add_edge(Node from, Node to) {
    std::vector<Node> &successors = successors_[from];
    if (std::find(successors.begin(), successors.end(), to) == successors.end()) {
        successors.push_back(to);
        predecessors_[to].push_back(from);
    }
}

Graph Graph::reversed() const {
    Graph graph(size());
    graph.successors_ = predecessors_;
    graph.predecessors_ = successors_;
    return graph;
}

std::vector<bool> Graph::reachable(Node start) const {
    std::vector<bool> seen(size());
    if (start >= size()) {
        return seen;
    }
    std::vector<Node> open{start};
    seen[start] = true;
    while (!open.empty()) {
        const Node node = open.back();
        open.pop_back();
        for (const Node next : successors_[node]) {
            if (!seen[next]) {
                seen[next] = true;
                open.push_back(next);
            }
        }
    }
    return seen;
}

std::vector<Node> Graph::reverse_postorder(Node start) const {
    struct Step {
        Node node;
        size_t next; // successor to go to
    };
    std::vector<Node> order;
    std::vector<bool> seen(size());
    std::vector<Step> open{{start, 0}};
    seen[start] = true;
    while (!open.empty()) {
        Step &step = open.back();
        if (step.next == successors_[step.node].size()) {
            order.push_back(step.node);
            open.pop_back();
            continue;
        }
        const Node next = successors_[step.node][step.next++];
        if (!seen[next]) {
            seen[next] = true;
            open.push_back({next, 0});
        }
    }
    std::reverse(order.begin(), order.end());
    return order;
}

} // namespace dropctl::code

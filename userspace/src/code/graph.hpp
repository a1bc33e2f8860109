// SPDX-License-Identifier: GPL-2.0-only
// Directed graphs with one entry, and the classical notions on them: dominators
// (Cooper, Harvey, Kennedy), post-dominators, control dependence (Ferrante,
// Ottenstein, Warren), loops. Knows nothing of code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace dropctl::code {

using Node = uint32_t;
constexpr Node no_node = 0xffffffff;

class Graph {
  public:
    explicit Graph(size_t nodes = 0) : successors_(nodes), predecessors_(nodes) {}

    /// Add an edge; one that is there already is not doubled.
    void add_edge(Node from, Node to);
    [[nodiscard]] size_t size() const { return successors_.size(); }
    [[nodiscard]] const std::vector<Node> &successors(Node node) const { return successors_[node]; }
    [[nodiscard]] const std::vector<Node> &predecessors(Node node) const {
        return predecessors_[node];
    }
    [[nodiscard]] Graph reversed() const;

    /// Nodes that can be reached from `start`, it included.
    [[nodiscard]] std::vector<bool> reachable(Node start) const;
    /// Reachable nodes, each before its successors but for back edges.
    [[nodiscard]] std::vector<Node> reverse_postorder(Node start) const;

  private:
    std::vector<std::vector<Node>> successors_;
    std::vector<std::vector<Node>> predecessors_;
};

/// A tree of dominators: the parent of a node is its immediate dominator.
class Dominators {
  public:
    Dominators(const Graph &graph, Node entry);

    /// No node for the entry and for what cannot be reached from it.
    [[nodiscard]] Node immediate(Node node) const { return parents_[node]; }
    /// Every way from the entry to `node` leads through `dominator`; a node
    /// dominates itself. False if `node` cannot be reached.
    [[nodiscard]] bool dominates(Node dominator, Node node) const;

  private:
    std::vector<Node> parents_;
    std::vector<uint32_t> in_;  ///< when a walk of the tree enters a node, 0: never
    std::vector<uint32_t> out_; ///< and leaves it
};

/// Post-dominators: dominators of the reversed graph from a virtual exit behind
/// `exits`. Nodes from which no exit can be reached (BUG, calls that never
/// return) take no part: a test that leads there decides nothing about the others.
class PostDominators {
  public:
    PostDominators(const Graph &graph, const std::vector<Node> &exits);

    /// No node: only the virtual exit, or no exit can be reached.
    [[nodiscard]] Node immediate(Node node) const;
    [[nodiscard]] bool post_dominates(Node dominator, Node node) const;
    /// Some exit can be reached from `node`.
    [[nodiscard]] bool reaches_exit(Node node) const;

  private:
    friend class ControlDependence;
    Node exit_; ///< the virtual one
    Dominators tree_;
};

/// Which branches decide whether a node is executed.
class ControlDependence {
  public:
    struct Edge {
        Node branch;
        Node successor; ///< taking this one leads to the node
        bool operator==(const Edge &) const = default;
    };
    ControlDependence(const Graph &graph, const PostDominators &post);

    [[nodiscard]] const std::vector<Edge> &of(Node node) const { return edges_[node]; }

  private:
    std::vector<std::vector<Edge>> edges_;
};

/// A cycle: natural, or one with several ways in.
struct Loop {
    Node header = no_node;   ///< of an irreducible one: the first way in, in reverse postorder
    std::vector<Node> nodes; ///< ascending; those of inner loops too
    bool irreducible = false;
};

/// All loops that `entry` reaches, outer ones before those in them.
std::vector<Loop> find_loops(const Graph &graph, Node entry);

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// Adds nodes to a Dataflow: finds the simplest form, gives equal ones equal
// numbers, and keeps what is known of them.
#pragma once

#include "slice/dataflow.hpp"

#include <unordered_map>

namespace dropctl::slice {

class NodeMaker {
  public:
    explicit NodeMaker(Dataflow &flow) : flow_(flow) {}

    NodeId add(Node node);
    NodeId constant(int64_t value, uint8_t bytes, EventId event, uint32_t instance);
    NodeId unknown(EventId event, uint32_t instance);
    NodeId sum(NodeId a, int64_t constant, uint8_t bytes, EventId event, uint32_t instance);
    /// The lowest bytes of a node; itself if it has no more.
    NodeId narrow(NodeId id, uint8_t bytes, EventId event, uint32_t instance);

    /// The lowest bytes of a node have been seen, or follow from what was. A contradiction
    /// is noted at `event`.
    void learn(NodeId id, uint8_t bytes, uint64_t value, EventId event, bool tested = false);
    /// A condition turned out so.
    void learn(NodeId flags, Condition condition, bool holds, EventId event);

  private:
    struct Key {
        uint64_t what;
        uint32_t a;
        uint32_t b;
        uint32_t c;
        int64_t constant;
        bool operator==(const Key &) const = default;
    };
    struct Hash {
        size_t operator()(const Key &key) const;
    };
    uint32_t number(const Node &node);
    [[nodiscard]] uint32_t number_of(NodeId id) const {
        return id == no_value ? 0 : flow_.nodes[id].number;
    }

    Dataflow &flow_;
    std::unordered_map<Key, uint32_t, Hash> numbers_;
    uint32_t next_number_ = 16; ///< those below are for roots of memory that are no nodes
};

} // namespace dropctl::slice

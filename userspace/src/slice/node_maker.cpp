// SPDX-License-Identifier: GPL-2.0-only
#include "slice/node_maker.hpp"

#include <algorithm>

namespace dropctl::slice {

namespace {

/// Below it there are no pointers to objects of the kernel.
constexpr uint64_t pointers_from = 0x1000;

} // namespace

size_t NodeMaker::Hash::operator()(const Key &key) const {
    constexpr uint64_t prime = 0x9e3779b97f4a7c15;
    uint64_t hash = key.what * prime;
    for (const uint64_t part :
         {uint64_t{key.a}, uint64_t{key.b}, uint64_t{key.c}, static_cast<uint64_t>(key.constant)}) {
        hash = (hash ^ part) * prime;
        hash ^= hash >> 29;
    }
    return hash;
}

uint32_t NodeMaker::number(const Node &node) {
    switch (node.kind) {
    case NodeKind::Unknown:
    case NodeKind::OutParameter:
        return next_number_++;
    case NodeKind::Result:
        if (node.a == no_value) {
            return next_number_++;
        }
        [[fallthrough]];
    case NodeKind::Argument:
    case NodeKind::Stored:
    case NodeKind::Gap:
        if (flow_.nodes[node.a].bytes == node.bytes) {
            return number_of(node.a);
        }
        break;
    default:
        break;
    }
    Key key{.what = static_cast<uint64_t>(node.kind) | static_cast<uint64_t>(node.operation) << 8 |
                    static_cast<uint64_t>(node.condition) << 16 | uint64_t{node.bytes} << 24 |
                    uint64_t{node.reg} << 32 | uint64_t{node.segment} << 40,
            .a = number_of(node.a),
            .b = number_of(node.b),
            .c = number_of(node.c),
            .constant = node.constant};
    if (node.kind == NodeKind::Entry) {
        // The same pointer is the same root, whichever function it was given to.
        const bool pointer = node.known_bytes == 8 && node.known >= pointers_from;
        key.what = static_cast<uint64_t>(node.kind) | (pointer ? 0 : uint64_t{node.reg} + 1) << 8;
        key.a = pointer ? 0 : node.instance + 1;
        key.constant = pointer ? static_cast<int64_t>(node.known) : 0;
    } else if (node.kind == NodeKind::Constant) {
        key.what = static_cast<uint64_t>(node.kind);
    }
    const auto [found, is_new] = numbers_.try_emplace(key, next_number_);
    next_number_ += is_new ? 1 : 0;
    return found->second;
}

NodeId NodeMaker::add(Node node) {
    node.number = number(node);
    flow_.nodes.push_back(node);
    const auto id = static_cast<NodeId>(flow_.nodes.size() - 1);
    if (node.known_bytes < node.bytes && node.kind != NodeKind::Compare) {
        if (const auto value = flow_.value(id)) {
            flow_.nodes[id].known = *value;
            flow_.nodes[id].known_bytes = node.bytes;
        }
    }
    return id;
}

NodeId NodeMaker::constant(int64_t value, uint8_t bytes, EventId event, uint32_t instance) {
    return add({.kind = NodeKind::Constant,
                .bytes = bytes,
                .event = event,
                .instance = instance,
                .constant = signed_of(cut_to(static_cast<uint64_t>(value), bytes), bytes)});
}

NodeId NodeMaker::unknown(EventId event, uint32_t instance) {
    return add({.kind = NodeKind::Unknown, .event = event, .instance = instance});
}

NodeId NodeMaker::sum(NodeId a, int64_t constant, uint8_t bytes, EventId event, uint32_t instance) {
    if (constant == 0) {
        return a;
    }
    const Node &base = flow_.nodes[a];
    if (base.kind == NodeKind::Sum && base.bytes == bytes) {
        constant += base.constant;
        a = base.a;
    }
    if (constant == 0) {
        return a;
    }
    return add({.kind = NodeKind::Sum,
                .operation = Opcode::Add,
                .bytes = bytes,
                .event = event,
                .a = a,
                .instance = instance,
                .constant = constant});
}

NodeId NodeMaker::narrow(NodeId id, uint8_t bytes, EventId event, uint32_t instance) {
    while (flow_.nodes[id].bytes > bytes) {
        const Node at = flow_.nodes[id];
        const bool wraps =
            at.kind == NodeKind::Extend || at.kind == NodeKind::Part || at.kind == NodeKind::Cut;
        if (wraps && (flow_.nodes[at.a].bytes >= bytes || at.kind == NodeKind::Cut)) {
            id = at.a;
        } else if (at.kind == NodeKind::Constant) {
            return constant(at.constant, bytes, at.event, at.instance);
        } else {
            Node cut{.kind = NodeKind::Cut,
                     .bytes = bytes,
                     .event = event,
                     .a = id,
                     .instance = instance};
            if (at.known_bytes >= bytes) {
                cut.known = cut_to(at.known, bytes);
                cut.known_bytes = bytes;
            }
            return add(cut);
        }
    }
    return id;
}

void NodeMaker::learn(NodeId id, uint8_t bytes, uint64_t value, EventId event, bool tested) {
    for (unsigned i = 0; i < 1000 && id != no_value; ++i) {
        Node &at = flow_.nodes[id];
        bytes = std::min(bytes, at.bytes);
        value = cut_to(value, bytes);
        if (tested && at.settled == no_event) {
            at.settled = event;
        }
        if (at.kind == NodeKind::Constant) {
            if (cut_to(static_cast<uint64_t>(at.constant), bytes) != value) {
                flow_.contradictions.push_back(event);
            }
            return;
        }
        if (at.known_bytes >= bytes) {
            if (cut_to(at.known, bytes) != value) {
                flow_.contradictions.push_back(event);
            }
            return;
        }
        at.known = value;
        at.known_bytes = bytes;
        switch (at.kind) {
        case NodeKind::Stored:
        case NodeKind::Argument:
        case NodeKind::Result:
        case NodeKind::Extend:
        case NodeKind::Part:
        case NodeKind::Cut:
            id = at.a;
            break;
        case NodeKind::Sum:
            value -= static_cast<uint64_t>(at.constant);
            id = at.a;
            break;
        case NodeKind::SetIf: {
            const bool set = value != 0;
            const NodeId flags = at.c;
            const Condition condition = at.condition;
            learn(flags, condition, set, event);
            return;
        }
        default:
            return;
        }
    }
}

void NodeMaker::learn(NodeId flags, Condition condition, bool holds, EventId event) {
    if (flags == no_value || flow_.nodes[flags].kind != NodeKind::Compare) {
        return;
    }
    const auto expected = flow_.holds(flags, condition);
    if (expected && *expected != holds) {
        flow_.contradictions.push_back(event);
        return;
    }
    if (!holds) {
        condition = negated(condition);
    }
    const Node at = flow_.nodes[flags];
    const bool unsigned_zero = condition == Condition::BelowEqual;
    if (at.operation == Opcode::Test) {
        if (at.a == at.b && (condition == Condition::Equal || unsigned_zero)) {
            learn(at.a, at.bytes, 0, event, true);
        }
        return;
    }
    if (at.operation != Opcode::Compare) {
        return;
    }
    const auto right = flow_.low(at.b, at.bytes);
    const auto left = flow_.low(at.a, at.bytes);
    const bool right_fixed = flow_.nodes[at.b].kind == NodeKind::Constant;
    if (right && (!left || right_fixed)) {
        if (condition == Condition::Equal || (unsigned_zero && *right == 0)) {
            learn(at.a, at.bytes, *right, event, true);
        } else if (condition == Condition::Below && *right == 1) {
            learn(at.a, at.bytes, 0, event, true);
        }
    } else if (left) {
        // Also "neg": 0 - x borrows unless x is 0.
        if (condition == Condition::Equal || (condition == Condition::AboveEqual && *left == 0)) {
            learn(at.b, at.bytes, *left, event, true);
        }
    }
}

} // namespace dropctl::slice

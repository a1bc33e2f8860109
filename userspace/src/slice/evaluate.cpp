// SPDX-License-Identifier: GPL-2.0-only
// Numbers of nodes: what was seen, and what follows from it.
#include "slice/dataflow.hpp"

#include <algorithm>
#include <bit>

namespace dropctl::slice {

namespace {

// How far numbers are looked for; what has several inputs takes more of it, so
// that the effort stays bounded.
constexpr unsigned deepest = 60;
constexpr unsigned fork_cost = 6;

} // namespace

uint64_t cut_to(uint64_t value, uint8_t bytes) {
    return bytes >= 8 ? value : value & ((uint64_t{1} << (8U * bytes)) - 1);
}

int64_t signed_of(uint64_t value, uint8_t bytes) {
    if (bytes >= 8 || bytes == 0) {
        return static_cast<int64_t>(value);
    }
    const unsigned shift = 64 - 8U * bytes;
    return static_cast<int64_t>(value << shift) >> shift;
}

std::optional<uint64_t> compute(Opcode operation, uint64_t a, uint64_t b, uint8_t bytes) {
    const unsigned width = 8U * bytes;
    const auto shift = static_cast<unsigned>(b & (bytes == 8 ? 63 : 31));
    a = cut_to(a, bytes);
    const uint64_t wide_b = cut_to(b, bytes);
    switch (operation) {
    case Opcode::Add:
        return cut_to(a + b, bytes);
    case Opcode::Subtract:
        return cut_to(a - b, bytes);
    case Opcode::And:
        return a & wide_b;
    case Opcode::Or:
        return a | wide_b;
    case Opcode::Xor:
        return a ^ wide_b;
    case Opcode::ShiftLeft:
        return cut_to(a << shift, bytes);
    case Opcode::ShiftRight:
        return a >> shift;
    case Opcode::ShiftRightSigned:
        return cut_to(static_cast<uint64_t>(signed_of(a, bytes) >> shift), bytes);
    case Opcode::RotateLeft:
    case Opcode::RotateRight: {
        const unsigned by = shift % width;
        const unsigned left = operation == Opcode::RotateLeft ? by : (width - by) % width;
        return left == 0 ? a : cut_to(a << left | a >> (width - left), bytes);
    }
    case Opcode::Multiply:
        return cut_to(a * b, bytes);
    case Opcode::Negate:
        return cut_to(0 - a, bytes);
    case Opcode::Not:
        return cut_to(~a, bytes);
    case Opcode::SwapBytes:
        if (bytes == 8) {
            return __builtin_bswap64(a);
        }
        return bytes == 4 ? std::optional<uint64_t>(__builtin_bswap32(static_cast<uint32_t>(a)))
                          : std::nullopt;
    default:
        return std::nullopt;
    }
}

std::optional<bool> compare(Opcode operation, Condition condition, uint64_t a, uint64_t b,
                            uint8_t bytes) {
    a = cut_to(a, bytes);
    b = cut_to(b, bytes);
    if (operation == Opcode::TestBit) {
        const uint64_t bit = b % (8U * bytes);
        const bool set = (a >> bit & 1) != 0;
        if (condition == Condition::Below) {
            return set;
        }
        return condition == Condition::AboveEqual ? std::optional<bool>(!set) : std::nullopt;
    }
    if (operation == Opcode::Test) {
        a &= b;
        b = 0;
    } else if (operation == Opcode::Add) {
        // Only zero and sign are those of the result.
        a = cut_to(a + b, bytes);
        b = 0;
        if (condition != Condition::Equal && condition != Condition::NotEqual &&
            condition != Condition::Sign && condition != Condition::NoSign) {
            return std::nullopt;
        }
    } else if (operation != Opcode::Compare) {
        return std::nullopt;
    }
    const int64_t signed_a = signed_of(a, bytes);
    const int64_t signed_b = signed_of(b, bytes);
    const bool negative = signed_of(cut_to(a - b, bytes), bytes) < 0;
    bool result = false;
    switch (static_cast<Condition>(static_cast<uint8_t>(condition) & ~1U)) {
    case Condition::Below:
        result = a < b;
        break;
    case Condition::Equal:
        result = a == b;
        break;
    case Condition::BelowEqual:
        result = a <= b;
        break;
    case Condition::Sign:
        result = negative;
        break;
    case Condition::Less:
        result = signed_a < signed_b;
        break;
    case Condition::LessEqual:
        result = signed_a <= signed_b;
        break;
    case Condition::Overflow:
        result = (signed_a < signed_b) != negative;
        break;
    default:
        return std::nullopt;
    }
    return (static_cast<uint8_t>(condition) & 1U) != 0 ? !result : result;
}

std::optional<uint64_t> Dataflow::value(NodeId id, unsigned depth) const {
    if (id == no_value || depth > deepest) {
        return std::nullopt;
    }
    const Node &at = nodes[id];
    if (at.known_bytes >= at.bytes) {
        return cut_to(at.known, at.bytes);
    }
    const auto through = [&](NodeId input) { return value(input, depth + 1); };
    const auto fork = [&](NodeId input) { return value(input, depth + fork_cost); };
    std::optional<uint64_t> a;
    switch (at.kind) {
    case NodeKind::Constant:
        return cut_to(static_cast<uint64_t>(at.constant), at.bytes);
    case NodeKind::Stored:
    case NodeKind::Argument:
    case NodeKind::Result:
    case NodeKind::Cut:
        a = through(at.a);
        return a ? std::optional(cut_to(*a, at.bytes)) : std::nullopt;
    case NodeKind::Extend:
        a = through(at.a);
        return a ? std::optional(
                       cut_to(static_cast<uint64_t>(signed_of(*a, nodes[at.a].bytes)), at.bytes))
                 : std::nullopt;
    case NodeKind::Part: {
        a = fork(at.a);
        const auto rest = fork(at.b);
        if (!a || !rest) {
            return std::nullopt;
        }
        const uint8_t bytes = nodes[at.a].bytes;
        return (*rest & ~cut_to(~uint64_t{0}, bytes)) | cut_to(*a, bytes);
    }
    case NodeKind::Sum:
        a = through(at.a);
        return a ? std::optional(cut_to(*a + static_cast<uint64_t>(at.constant), at.bytes))
                 : std::nullopt;
    case NodeKind::Compute: {
        a = fork(at.a);
        const auto b = at.b == no_value ? std::optional<uint64_t>(0) : fork(at.b);
        return a && b ? compute(at.operation, *a, *b, at.bytes) : std::nullopt;
    }
    case NodeKind::SetIf: {
        const auto is = holds(at.c, at.condition, depth + fork_cost);
        return is ? std::optional(*is ? cut_to(static_cast<uint64_t>(at.constant), at.bytes) : 0)
                  : std::nullopt;
    }
    case NodeKind::Select: {
        const auto is = holds(at.c, at.condition, depth + fork_cost);
        return is ? fork(*is ? at.a : at.b) : std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

std::optional<uint64_t> Dataflow::low(NodeId id, uint8_t bytes, unsigned depth) const {
    if (id == no_value) {
        return std::nullopt;
    }
    const Node &at = nodes[id];
    if (at.known_bytes >= bytes) {
        return cut_to(at.known, bytes);
    }
    const auto all = value(id, depth);
    return all ? std::optional(cut_to(*all, bytes)) : std::nullopt;
}

std::optional<bool> Dataflow::holds(NodeId flags, Condition condition, unsigned depth) const {
    if (flags == no_value || depth > deepest || nodes[flags].kind != NodeKind::Compare) {
        return std::nullopt;
    }
    const Node &at = nodes[flags];
    const auto a = low(at.a, at.bytes, depth + 1);
    const auto b = at.b == at.a ? a : low(at.b, at.bytes, depth + 1);
    if (!a || !b) {
        return std::nullopt;
    }
    return compare(at.operation, condition, *a, *b, at.bytes);
}

Address Dataflow::address(NodeId id) const {
    Address address{.root = id};
    for (unsigned i = 0; i < 1000 && address.root != no_value; ++i) {
        const Node &at = nodes[address.root];
        if (at.kind == NodeKind::Sum && at.bytes == 8) {
            address.offset += at.constant;
            address.root = at.a;
        } else if (at.kind == NodeKind::Argument || at.kind == NodeKind::Stored ||
                   (at.kind == NodeKind::Result && at.a != no_value)) {
            address.root = at.a;
        } else {
            break;
        }
    }
    return address;
}

NodeId Dataflow::source(NodeId id) const {
    for (unsigned i = 0; i < 1000 && id != no_value; ++i) {
        const Node &at = nodes[id];
        const bool passes = at.kind == NodeKind::Argument || at.kind == NodeKind::Stored ||
                            at.kind == NodeKind::Result || at.kind == NodeKind::Cut ||
                            at.kind == NodeKind::Extend || at.kind == NodeKind::Gap;
        if (!passes || at.a == no_value) {
            break;
        }
        id = at.a;
    }
    return id;
}

const code::Instruction &Dataflow::instruction(const Execution &execution, EventId event) const {
    const Event &at = events[event];
    return execution.instances[at.instance].cfg().instructions[at.instruction];
}

const Operation &Dataflow::operation(const Execution &execution, EventId event) const {
    const Event &at = events[event];
    return execution.instances[at.instance].listing->operations[at.instruction];
}

uint32_t Dataflow::call_of(EventId event) const {
    const auto found =
        std::lower_bound(calls.begin(), calls.end(), event,
                         [](const CallEvent &call, EventId e) { return call.event < e; });
    return found != calls.end() && found->event == event
               ? static_cast<uint32_t>(found - calls.begin())
               : code::no_index;
}

} // namespace dropctl::slice

// SPDX-License-Identifier: GPL-2.0-only
// Every value of a recorded run, as a graph: which instruction made it, from
// which others. A run is straight, so there is nothing to merge; memory is
// followed by symbolic addresses (a root and an offset), through the stack of all
// instances, which is one, and through whatever else the record knows.
//
// Copies make no nodes: a constant that was moved through five registers and a
// stack slot is still the node of the instruction that set it.
#pragma once

#include "slice/execution.hpp"
#include "slice/knowledge.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace dropctl::slice {

using NodeId = uint32_t;
using EventId = uint32_t;
constexpr NodeId no_value = 0xffffffff;
constexpr EventId no_event = 0xffffffff;

enum class NodeKind : uint8_t {
    Unknown,      ///< spoilt by a call, or by what is not modelled
    Entry,        ///< register `reg` at the entry of `instance`
    Constant,     ///< `constant`
    Load,         ///< of memory at `a` + `constant`, which nothing in the record wrote
    Stored,       ///< of memory that the store `store` wrote; `a` is what it wrote
    OutParameter, ///< of memory whose address was passed to call `call`; `a`: written before
    Argument,     ///< `a`, passed in `reg` by call `call` to `instance`
    Result,       ///< what call `call` returned; `a`: the value in the callee, if it was recorded
    Gap,          ///< `a`, unless it was changed where the path is not known
    Extend,       ///< `a` with its sign
    Part,         ///< `a` in the lowest bytes, `b` above
    Cut,          ///< the lowest bytes of `a`
    Sum,          ///< `a` + `constant`
    Compute,      ///< `operation` of `a` and `b` (no_value: of one)
    Compare,      ///< flags of `operation` of `a` and `b`
    SetIf,        ///< `constant` if `condition` of flags `c` holds, else 0
    Select,       ///< `a` if `condition` of flags `c` holds, else `b`
};

struct Node {
    NodeKind kind = NodeKind::Unknown;
    Opcode operation = Opcode::Other;
    Condition condition = Condition::Equal;
    uint8_t bytes = 8;       ///< meaningful; what is above is zero
    uint8_t known_bytes = 0; ///< of `known`
    Register reg = no_register;
    bool segment = false; ///< Load: per-CPU
    EventId event = no_event;
    EventId settled = no_event; ///< a test that left it only one number
    NodeId a = no_value;
    NodeId b = no_value;
    NodeId c = no_value;
    uint32_t call = code::no_index;  ///< index into Dataflow::calls
    uint32_t store = code::no_index; ///< index into Dataflow::stores
    uint32_t instance = 0;
    int64_t constant = 0;
    uint64_t known = 0;
    uint32_t number = 0; ///< the same for nodes that are computed in the same way
};

/// An instruction that was executed.
struct Event {
    uint32_t instance = 0;
    uint32_t visit = 0;
    uint32_t instruction = 0; ///< index into Cfg::instructions
    NodeId node = no_value;   ///< flags that a branch, set or move went by; a call's result
};

struct Address {
    NodeId root = no_value;
    int64_t offset = 0;
};

struct StoreEvent {
    EventId event = no_event;
    Address address;
    uint32_t bytes = 8;
    NodeId value = no_value;
};

struct CallEvent {
    EventId event = no_event;
    uint32_t call = code::no_index; ///< index into Cfg::calls
    std::array<NodeId, 6> arguments{};
    NodeId target = no_value; ///< of indirect ones
    NodeId result = no_value;
    size_t callee = no_instance; ///< recorded, called by this very call
    std::vector<size_t> inside;  ///< others recorded that ran inside of it
};

/// What became of an instance.
struct InstanceFlow {
    EventId first = 0; ///< events of it, and of what it called, are those
    EventId last = 0;  ///< from first up to, not including, last
    NodeId returned = no_value;
    std::vector<EventId> own; ///< the last event of each visit
};

class Dataflow {
  public:
    std::vector<Node> nodes;
    std::vector<Event> events;
    std::vector<StoreEvent> stores;
    std::vector<CallEvent> calls;
    std::vector<InstanceFlow> instances;
    std::vector<EventId> contradictions; ///< where what was recorded does not agree
    bool cut_short = false;              ///< the run was too long

    [[nodiscard]] const Node &node(NodeId id) const { return nodes[id]; }
    /// The number of a node, cut to its width, if it is known or can be computed.
    [[nodiscard]] std::optional<uint64_t> value(NodeId id) const { return value(id, 0); }
    /// The lowest `bytes` of it.
    [[nodiscard]] std::optional<uint64_t> low(NodeId id, uint8_t bytes) const {
        return low(id, bytes, 0);
    }
    /// Whether a condition holds for flags.
    [[nodiscard]] std::optional<bool> holds(NodeId flags, Condition condition) const {
        return holds(flags, condition, 0);
    }
    /// Root and offset of an address: sums taken apart.
    [[nodiscard]] Address address(NodeId id) const;
    /// The node behind what does not change a value: arguments, stores, results.
    [[nodiscard]] NodeId source(NodeId id) const;

    [[nodiscard]] const code::Instruction &instruction(const Execution &execution,
                                                       EventId event) const;
    [[nodiscard]] const Operation &operation(const Execution &execution, EventId event) const;
    /// The call that an event is, no_index: none.
    [[nodiscard]] uint32_t call_of(EventId event) const;

  private:
    [[nodiscard]] std::optional<uint64_t> value(NodeId id, unsigned depth) const;
    [[nodiscard]] std::optional<uint64_t> low(NodeId id, uint8_t bytes, unsigned depth) const;
    [[nodiscard]] std::optional<bool> holds(NodeId flags, Condition condition,
                                            unsigned depth) const;
};

/// Run through what was recorded once more. `instructions`: how many at most.
Dataflow build_dataflow(const Execution &execution, const Knowledge &knowledge,
                        size_t instructions);

/// The number as a width cuts it; sign-extended.
uint64_t cut_to(uint64_t value, uint8_t bytes);
int64_t signed_of(uint64_t value, uint8_t bytes);
/// What an operation makes of two numbers; nothing if it is not that simple.
std::optional<uint64_t> compute(Opcode operation, uint64_t a, uint64_t b, uint8_t bytes);
/// Whether a condition holds after comparing two numbers.
std::optional<bool> compare(Opcode operation, Condition condition, uint64_t a, uint64_t b,
                            uint8_t bytes);

} // namespace dropctl::slice

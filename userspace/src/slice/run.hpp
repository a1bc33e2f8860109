// SPDX-License-Identifier: GPL-2.0-only
// Runs what was recorded once more, on symbols. What an instance called and was
// recorded too runs at that call, on the caller's values. Calls and paths are in
// dataflow.cpp, what instructions do in run_execute.cpp. Internal to slice/.
#pragma once

#include "slice/dataflow.hpp"
#include "slice/memory_log.hpp"

#include <map>
#include <utility>

namespace dropctl::slice {

struct State {
    std::array<NodeId, code::register_count> registers{};
    NodeId flags = no_value;
};

class Run {
  public:
    Run(const Execution &execution, const Knowledge &knowledge, size_t most, Dataflow &flow)
        : execution_(execution), knowledge_(knowledge), most_(most), flow_(flow), maker_(flow),
          memory_(execution, knowledge, flow, maker_) {}

    void all();

  private:
    struct Frame {
        size_t index;
        const Instance &instance;
        State state{};
        uint32_t visit = 0;
        EventId event = no_event;
        size_t seen_register = 0;
        size_t seen_memory = 0;
        size_t seen_return = 0;
    };

    void run(size_t index, const State *caller, uint32_t call, State &end);
    void begin(Frame &frame, const State *caller, uint32_t call);
    void block(Frame &frame);
    void gap(Frame &frame);
    void step(Frame &frame, const code::Block &block, uint32_t index);
    void see(Frame &frame, uint64_t address);
    void leave_block(Frame &frame, const code::Block &block);
    void branch(Frame &frame, const code::Block &block, const Operation &operation);
    void call(Frame &frame, const code::Block &block);
    void run_callees(Frame &frame, CallEvent &made, uint32_t number, bool tail);
    void after_call(Frame &frame, const CallEvent &made, uint32_t number, const State &callee);

    NodeId read(Frame &frame, const Operand &operand);
    NodeId read_register(Frame &frame, Register reg, uint8_t bytes);
    NodeId load(Frame &frame, const Operand &operand);
    MemoryPlace place(Frame &frame, const Operand &operand);
    NodeId address(Frame &frame, const MemoryOperand &memory);
    void write(Frame &frame, const Operand &operand, NodeId value);
    void write_register(Frame &frame, Register reg, uint8_t bytes, NodeId value);
    NodeId flags(Frame &frame, Opcode operation, NodeId a, NodeId b, uint8_t bytes);
    NodeId binary(Frame &frame, Opcode operation, NodeId a, NodeId b, uint8_t bytes);
    NodeId of_flags(Frame &frame, Condition condition, int64_t value, uint8_t bytes);

    void execute(Frame &frame, const Operation &operation);
    bool execute_move(Frame &frame, const Operation &operation);
    bool execute_arithmetic(Frame &frame, const Operation &operation);
    void execute_carry(Frame &frame, const Operation &operation);
    bool execute_flags(Frame &frame, const Operation &operation);
    bool execute_stack(Frame &frame, const Operation &operation);
    void execute_other(Frame &frame, const Operation &operation);

    const Execution &execution_;
    const Knowledge &knowledge_;
    size_t most_;
    Dataflow &flow_;
    NodeMaker maker_;
    MemoryLog memory_;
    /// Recorded instances by caller and its visit.
    std::map<std::pair<size_t, uint32_t>, std::vector<size_t>> callees_;
};

} // namespace dropctl::slice

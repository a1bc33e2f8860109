// SPDX-License-Identifier: GPL-2.0-only
// Runs what was recorded once more, on symbols. What an instance called and was
// recorded too runs at that call, on the caller's values.
#include "slice/dataflow.hpp"

#include "slice/memory_log.hpp"

#include <algorithm>
#include <map>

namespace dropctl::slice {

namespace {

using code::no_index;

constexpr std::array<Register, 6> argument_registers{code::rdi, code::rsi, code::rdx,
                                                     code::rcx, 8,         9};
/// What a call may change, rax apart.
constexpr std::array<Register, 8> spoilt_registers{code::rdx, code::rcx, code::rsi, code::rdi,
                                                   8,         9,         10,        11};

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

void Run::all() {
    flow_.instances.resize(execution_.instances.size());
    for (size_t i = 0; i < execution_.instances.size(); ++i) {
        const Instance &instance = execution_.instances[i];
        if (instance.caller < i) {
            callees_[{instance.caller, instance.caller_visit}].push_back(i);
        }
    }
    for (size_t i = 0; i < execution_.instances.size(); ++i) {
        if (execution_.instances[i].caller >= i) {
            State end;
            run(i, nullptr, no_index, end);
        }
    }
}

void Run::begin(Frame &frame, const State *caller, uint32_t call) {
    const auto instance = static_cast<uint32_t>(frame.index);
    const auto event = static_cast<EventId>(flow_.events.size());
    for (Register reg = 0; reg < code::register_count; ++reg) {
        const std::optional<uint64_t> &known = frame.instance.entry.at(reg);
        if (caller == nullptr) {
            frame.state.registers.at(reg) =
                maker_.add({.kind = NodeKind::Entry,
                            .known_bytes = static_cast<uint8_t>(known ? 8 : 0),
                            .reg = reg,
                            .instance = instance,
                            .known = known.value_or(0)});
            continue;
        }
        NodeId value = caller->registers.at(reg);
        const bool argument = std::find(argument_registers.begin(), argument_registers.end(),
                                        reg) != argument_registers.end();
        if (argument) {
            value = maker_.add({.kind = NodeKind::Argument,
                                .bytes = flow_.nodes[value].bytes,
                                .reg = reg,
                                .event = event,
                                .a = value,
                                .call = call,
                                .instance = instance});
        }
        frame.state.registers.at(reg) = value;
        if (known) {
            maker_.learn(value, 8, *known, event);
        }
    }
}

void Run::run(size_t index, const State *caller, uint32_t call, State &end) {
    Frame frame{.index = index, .instance = execution_.instances[index]};
    const size_t first_store = flow_.stores.size();
    flow_.instances[index].first = static_cast<EventId>(flow_.events.size());
    begin(frame, caller, call);
    const NodeId sp = frame.state.registers[code::rsp];
    const auto &blocks = frame.instance.cfg().blocks;
    for (; frame.visit < frame.instance.path.size() && !flow_.cut_short; ++frame.visit) {
        if (frame.instance.path[frame.visit].block < blocks.size()) {
            block(frame);
        }
        flow_.instances[index].own.push_back(frame.event);
    }
    if (frame.instance.whole) {
        InstanceFlow &mine = flow_.instances[index];
        if (mine.returned == no_value) {
            mine.returned = frame.state.registers[code::rax];
        }
        if (frame.instance.returned && frame.event != no_event) {
            maker_.learn(mine.returned, frame.instance.returned_bytes, *frame.instance.returned,
                         frame.event);
        }
        memory_.leave(sp, first_store);
    }
    flow_.instances[index].last = static_cast<EventId>(flow_.events.size());
    end = frame.state;
}

/// Nobody knows what was run in between: most of what registers held may be lost.
void Run::gap(Frame &frame) {
    for (Register reg = 0; reg < code::rip; ++reg) {
        NodeId &value = frame.state.registers.at(reg);
        if (reg != code::rsp) {
            value = maker_.add({.kind = NodeKind::Gap,
                                .bytes = flow_.nodes[value].bytes,
                                .event = frame.event,
                                .a = value,
                                .instance = static_cast<uint32_t>(frame.index)});
        }
    }
    frame.state.flags = no_value;
    memory_.gap(frame.event);
}

void Run::block(Frame &frame) {
    const Visit &visit = frame.instance.path[frame.visit];
    const code::Block &block = frame.instance.cfg().blocks[visit.block];
    if (!visit.follows && frame.event != no_event) {
        gap(frame);
    }
    for (uint32_t i = 0; i < block.count; ++i) {
        if (flow_.events.size() >= most_) {
            flow_.cut_short = true;
            return;
        }
        step(frame, block, block.first + i);
    }
    if (block.count == 0 && block.call != no_index) {
        // A conditional jump straight into another function.
        if (frame.event != no_event) {
            call(frame, block);
        }
    }
}

void Run::see(Frame &frame, uint64_t address) {
    const auto &seen = frame.instance.registers;
    while (frame.seen_register < seen.size() && seen[frame.seen_register].visit < frame.visit) {
        ++frame.seen_register;
    }
    for (size_t i = frame.seen_register; i < seen.size() && seen[i].visit == frame.visit; ++i) {
        if (seen[i].address == address && seen[i].reg < code::register_count) {
            maker_.learn(frame.state.registers.at(seen[i].reg), seen[i].bytes, seen[i].value,
                         frame.event);
        }
    }
}

void Run::step(Frame &frame, const code::Block &block, uint32_t index) {
    const code::Instruction &instruction = frame.instance.cfg().instructions[index];
    const Operation &operation = frame.instance.listing->operations[index];
    flow_.events.push_back({.instance = static_cast<uint32_t>(frame.index),
                            .visit = frame.visit,
                            .instruction = index});
    frame.event = static_cast<EventId>(flow_.events.size() - 1);
    see(frame, instruction.address);
    const bool last = index + 1 == block.first + block.count;
    const bool calls = last && block.call != no_index &&
                       frame.instance.cfg().calls[block.call].address == instruction.address;
    if (calls && operation.code != Opcode::BranchIf) {
        call(frame, block);
    } else if (operation.code == Opcode::BranchIf ||
               (last && block.exit == code::BlockEnd::Switch)) {
        branch(frame, block, operation);
    } else {
        execute(frame, operation);
    }
}

void Run::branch(Frame &frame, const code::Block &block, const Operation &operation) {
    const size_t next = frame.visit + size_t{1};
    const auto &path = frame.instance.path;
    if (operation.code != Opcode::BranchIf) {
        flow_.events[frame.event].node = operation.destination.is(OperandKind::None)
                                             ? no_value
                                             : read(frame, operation.destination);
        return;
    }
    flow_.events[frame.event].node = frame.state.flags;
    if (next >= path.size() || !path[next].follows || block.successors.size() != 2) {
        return;
    }
    const code::Instruction &jump =
        frame.instance.cfg().instructions[flow_.events[frame.event].instruction];
    const code::Block &to = frame.instance.cfg().blocks[path[next].block];
    maker_.learn(frame.state.flags, operation.condition, to.start == jump.target, frame.event);
}

void Run::call(Frame &frame, const code::Block &block) {
    const code::Call &made = frame.instance.cfg().calls[block.call];
    const auto number = static_cast<uint32_t>(flow_.calls.size());
    CallEvent call{.event = frame.event, .call = block.call};
    for (size_t i = 0; i < argument_registers.size(); ++i) {
        call.arguments.at(i) = frame.state.registers.at(argument_registers.at(i));
    }
    if (made.through < code::register_count) {
        call.target = frame.state.registers.at(made.through);
    } else if (made.target == 0) {
        const Operation &operation = flow_.operation(execution_, frame.event);
        if (!operation.destination.is(OperandKind::None)) {
            call.target = read(frame, operation.destination);
        }
    }
    flow_.calls.push_back(call);
    run_callees(frame, call, number, made.is_tail());
}

void Run::run_callees(Frame &frame, CallEvent &made, uint32_t number, bool tail) {
    const State before = frame.state;
    State inner = before;
    State end = before;
    if (!tail) { // the return address
        inner.registers[code::rsp] = maker_.sum(before.registers[code::rsp], -8, 8, frame.event,
                                                static_cast<uint32_t>(frame.index));
    }
    const auto found = callees_.find({frame.index, frame.visit});
    if (found != callees_.end()) {
        for (const size_t callee : found->second) {
            const bool direct = execution_.instances[callee].direct;
            if (direct && made.callee == no_instance) {
                made.callee = callee;
                if (made.target != no_value) {
                    maker_.learn(made.target, 8, execution_.instances[callee].function().address,
                                 frame.event);
                }
                run(callee, &inner, number, end);
            } else {
                made.inside.push_back(callee);
                State ignored;
                run(callee, nullptr, number, ignored);
            }
        }
    }
    flow_.calls[number].callee = made.callee;
    flow_.calls[number].inside = made.inside;
    after_call(frame, made, number, end);
}

void Run::after_call(Frame &frame, const CallEvent &made, uint32_t number, const State &callee) {
    const auto instance = static_cast<uint32_t>(frame.index);
    const code::Call &call = frame.instance.cfg().calls[made.call];
    const bool recorded = made.callee != no_instance && execution_.instances[made.callee].whole;
    for (const Register reg : spoilt_registers) {
        frame.state.registers.at(reg) = recorded && reg == code::rdx
                                            ? callee.registers.at(reg)
                                            : maker_.unknown(frame.event, instance);
    }
    const NodeId inner = recorded ? flow_.instances[made.callee].returned : no_value;
    const NodeId result =
        maker_.add({.kind = NodeKind::Result,
                    .bytes = inner == no_value ? uint8_t{8} : flow_.nodes[inner].bytes,
                    .event = frame.event,
                    .a = inner,
                    .call = number,
                    .instance = instance});
    frame.state.registers[code::rax] = result;
    frame.state.flags = no_value;
    flow_.calls[number].result = result;
    flow_.events[frame.event].node =
        flow_.events[frame.event].node == no_value ? result : flow_.events[frame.event].node;
    const auto &seen = frame.instance.returns;
    for (const SeenReturn &value : seen) {
        if (value.visit == frame.visit) {
            maker_.learn(result, value.bytes, value.value, frame.event);
        }
    }
    if (made.callee == no_instance && !knowledge_.harmless(call)) {
        for (const NodeId argument : made.arguments) {
            memory_.pass(argument, number);
        }
    }
    if (call.is_tail()) {
        flow_.instances[frame.index].returned = result;
    }
}

NodeId Run::read_register(Frame &frame, Register reg, uint8_t bytes) {
    if (reg >= code::register_count) {
        return maker_.unknown(frame.event, static_cast<uint32_t>(frame.index));
    }
    return maker_.narrow(frame.state.registers.at(reg), bytes, frame.event,
                         static_cast<uint32_t>(frame.index));
}

NodeId Run::read(Frame &frame, const Operand &operand) {
    const auto instance = static_cast<uint32_t>(frame.index);
    switch (operand.kind) {
    case OperandKind::Register:
        if (operand.high) {
            return maker_.add({.kind = NodeKind::Compute,
                               .operation = Opcode::ShiftRight,
                               .bytes = 1,
                               .event = frame.event,
                               .a = read_register(frame, operand.reg, 2),
                               .b = maker_.constant(8, 1, frame.event, instance),
                               .instance = instance});
        }
        return read_register(frame, operand.reg, operand.bytes);
    case OperandKind::Memory:
        return load(frame, operand);
    case OperandKind::Constant:
        return maker_.constant(operand.constant, operand.bytes, frame.event, instance);
    case OperandKind::None:
        break;
    }
    return maker_.unknown(frame.event, instance);
}

NodeId Run::address(Frame &frame, const MemoryOperand &memory) {
    const auto instance = static_cast<uint32_t>(frame.index);
    NodeId index = no_value;
    if (memory.index < code::register_count) {
        index = frame.state.registers.at(memory.index);
        if (memory.scale > 1) {
            index = maker_.add({.kind = NodeKind::Compute,
                                .operation = Opcode::Multiply,
                                .event = frame.event,
                                .a = index,
                                .b = maker_.constant(memory.scale, 8, frame.event, instance),
                                .instance = instance});
        }
    }
    if (memory.base == code::rip || memory.base >= code::register_count) {
        return index;
    }
    const NodeId base = frame.state.registers.at(memory.base);
    return index == no_value ? base : binary(frame, Opcode::Add, base, index, 8);
}

MemoryPlace Run::place(Frame &frame, const Operand &operand) {
    return memory_.place(address(frame, operand.memory), operand.memory.displacement,
                         operand.memory.segment);
}

NodeId Run::load(Frame &frame, const Operand &operand) {
    const NodeId value = memory_.load(place(frame, operand), operand.bytes, frame.event,
                                      static_cast<uint32_t>(frame.index));
    const uint64_t at = flow_.instruction(execution_, frame.event).address;
    const auto &seen = frame.instance.memory;
    while (frame.seen_memory < seen.size() && seen[frame.seen_memory].visit < frame.visit) {
        ++frame.seen_memory;
    }
    for (size_t i = frame.seen_memory; i < seen.size() && seen[i].visit == frame.visit; ++i) {
        if (seen[i].address == at) {
            maker_.learn(value, std::min(seen[i].bytes, operand.bytes), seen[i].value, frame.event);
        }
    }
    return value;
}

void Run::write_register(Frame &frame, Register reg, uint8_t bytes, NodeId value) {
    if (reg >= code::register_count) {
        return;
    }
    NodeId &slot = frame.state.registers.at(reg);
    if (bytes >= 4) {
        slot = value;
        return;
    }
    slot = maker_.add({.kind = NodeKind::Part,
                       .bytes = flow_.nodes[slot].bytes < 4 ? uint8_t{4} : flow_.nodes[slot].bytes,
                       .event = frame.event,
                       .a = value,
                       .b = slot,
                       .instance = static_cast<uint32_t>(frame.index)});
}

void Run::write(Frame &frame, const Operand &operand, NodeId value) {
    if (operand.is(OperandKind::Memory)) {
        memory_.store(place(frame, operand), operand.bytes, value, frame.event);
    } else if (operand.is(OperandKind::Register)) {
        if (operand.high) {
            value = maker_.unknown(frame.event, static_cast<uint32_t>(frame.index));
            write_register(frame, operand.reg, 8, value);
        } else {
            write_register(frame, operand.reg, operand.bytes, value);
        }
    }
}

NodeId Run::flags(Frame &frame, Opcode operation, NodeId a, NodeId b, uint8_t bytes) {
    return maker_.add({.kind = NodeKind::Compare,
                       .operation = operation,
                       .bytes = bytes,
                       .event = frame.event,
                       .a = a,
                       .b = b,
                       .instance = static_cast<uint32_t>(frame.index)});
}

NodeId Run::of_flags(Frame &frame, Condition condition, int64_t value, uint8_t bytes) {
    return maker_.add({.kind = NodeKind::SetIf,
                       .condition = condition,
                       .bytes = bytes,
                       .event = frame.event,
                       .c = frame.state.flags,
                       .instance = static_cast<uint32_t>(frame.index),
                       .constant = value});
}

NodeId Run::binary(Frame &frame, Opcode operation, NodeId a, NodeId b, uint8_t bytes) {
    const auto instance = static_cast<uint32_t>(frame.index);
    const bool same = a == b || flow_.nodes[a].number == flow_.nodes[b].number;
    if (same && (operation == Opcode::Xor || operation == Opcode::Subtract)) {
        return maker_.constant(0, bytes, frame.event, instance);
    }
    if (same && (operation == Opcode::And || operation == Opcode::Or)) {
        return a;
    }
    const Node &left = flow_.nodes[a];
    const Node &right = flow_.nodes[b];
    if (operation == Opcode::Or && right.kind == NodeKind::Constant && right.constant == -1) {
        return maker_.constant(-1, bytes, frame.event, instance);
    }
    if (operation == Opcode::And && right.kind == NodeKind::Constant && right.constant == 0) {
        return maker_.constant(0, bytes, frame.event, instance);
    }
    if (right.kind == NodeKind::Constant && left.bytes == bytes) {
        if (operation == Opcode::Add) {
            return maker_.sum(a, right.constant, bytes, frame.event, instance);
        }
        if (operation == Opcode::Subtract) {
            return maker_.sum(a, -right.constant, bytes, frame.event, instance);
        }
    }
    return maker_.add({.kind = NodeKind::Compute,
                       .operation = operation,
                       .bytes = bytes,
                       .event = frame.event,
                       .a = a,
                       .b = b,
                       .instance = instance});
}

bool Run::execute_move(Frame &frame, const Operation &operation) {
    const auto instance = static_cast<uint32_t>(frame.index);
    const uint8_t bytes = operation.destination.bytes;
    switch (operation.code) {
    case Opcode::Move: {
        NodeId value = read(frame, operation.source);
        // A constant is of the instruction that puts it somewhere.
        if (operation.source.is(OperandKind::Constant)) {
            value = maker_.constant(operation.source.constant, bytes, frame.event, instance);
        }
        write(frame, operation.destination, value);
        return true;
    }
    case Opcode::MoveSigned: {
        const NodeId value = read(frame, operation.source);
        write(frame, operation.destination,
              maker_.add({.kind = NodeKind::Extend,
                          .bytes = bytes,
                          .event = frame.event,
                          .a = value,
                          .instance = instance}));
        return true;
    }
    case Opcode::Address: {
        const MemoryOperand &memory = operation.source.memory;
        const NodeId base = address(frame, memory);
        const NodeId value =
            base == no_value ? maker_.constant(memory.displacement, bytes, frame.event, instance)
                             : maker_.sum(maker_.narrow(base, bytes, frame.event, instance),
                                          memory.displacement, bytes, frame.event, instance);
        write(frame, operation.destination, value);
        return true;
    }
    case Opcode::Exchange: {
        const NodeId left = read(frame, operation.destination);
        const NodeId right = read(frame, operation.source);
        write(frame, operation.destination, right);
        write(frame, operation.source, left);
        return true;
    }
    case Opcode::SetIf:
        flow_.events[frame.event].node = frame.state.flags;
        write(frame, operation.destination, of_flags(frame, operation.condition, 1, bytes));
        return true;
    case Opcode::MoveIf: {
        flow_.events[frame.event].node = frame.state.flags;
        const NodeId moved = read(frame, operation.source);
        const NodeId kept = read(frame, operation.destination);
        write(frame, operation.destination,
              maker_.add({.kind = NodeKind::Select,
                          .condition = operation.condition,
                          .bytes = bytes,
                          .event = frame.event,
                          .a = moved,
                          .b = kept,
                          .c = frame.state.flags,
                          .instance = instance}));
        return true;
    }
    default:
        return false;
    }
}

/// adc, sbb: what the carry does is what matters.
void Run::execute_carry(Frame &frame, const Operation &operation) {
    const uint8_t bytes = operation.destination.bytes;
    const bool adds = operation.code == Opcode::AddCarry;
    const bool itself = operation.source.is(OperandKind::Register) &&
                        operation.destination.is(OperandKind::Register) &&
                        operation.source.reg == operation.destination.reg;
    flow_.events[frame.event].node = frame.state.flags;
    NodeId value;
    if (itself && !adds) {
        value = of_flags(frame, Condition::Below, -1, bytes);
    } else {
        const NodeId carry = of_flags(frame, Condition::Below, adds ? 1 : -1, bytes);
        const NodeId left = read(frame, operation.destination);
        const NodeId right = read(frame, operation.source);
        const NodeId all = binary(frame, adds ? Opcode::Add : Opcode::Subtract, left, right, bytes);
        value = binary(frame, Opcode::Add, carry, all, bytes);
    }
    write(frame, operation.destination, value);
    frame.state.flags = flags(frame, Opcode::Test, value, value, bytes);
}

bool Run::execute_arithmetic(Frame &frame, const Operation &operation) {
    const uint8_t bytes = operation.destination.bytes;
    const auto instance = static_cast<uint32_t>(frame.index);
    switch (operation.code) {
    case Opcode::Add:
    case Opcode::Subtract:
    case Opcode::And:
    case Opcode::Or:
    case Opcode::Xor: {
        const NodeId left = read(frame, operation.destination);
        const NodeId right = read(frame, operation.source);
        const NodeId value = binary(frame, operation.code, left, right, bytes);
        write(frame, operation.destination, value);
        if (operation.code == Opcode::Subtract) {
            frame.state.flags = flags(frame, Opcode::Compare, left, right, bytes);
        } else if (operation.code == Opcode::And) {
            frame.state.flags = flags(frame, Opcode::Test, left, right, bytes);
        } else if (operation.code == Opcode::Add) {
            frame.state.flags = flags(frame, Opcode::Add, left, right, bytes);
        } else {
            frame.state.flags = flags(frame, Opcode::Test, value, value, bytes);
        }
        return true;
    }
    case Opcode::AddCarry:
    case Opcode::SubtractBorrow:
        execute_carry(frame, operation);
        return true;
    case Opcode::Multiply:
    case Opcode::ShiftLeft:
    case Opcode::ShiftRight:
    case Opcode::ShiftRightSigned:
    case Opcode::RotateLeft:
    case Opcode::RotateRight: {
        const bool three = !operation.third.is(OperandKind::None);
        const NodeId left = read(frame, three ? operation.source : operation.destination);
        const NodeId right = read(frame, three ? operation.third : operation.source);
        const NodeId value = maker_.add({.kind = NodeKind::Compute,
                                         .operation = operation.code,
                                         .bytes = bytes,
                                         .event = frame.event,
                                         .a = left,
                                         .b = right,
                                         .instance = instance});
        write(frame, operation.destination, value);
        if (operation.sets_flags) {
            frame.state.flags = flags(frame, Opcode::Test, value, value, bytes);
        }
        return true;
    }
    case Opcode::Negate:
    case Opcode::Not:
    case Opcode::SwapBytes: {
        const NodeId input = read(frame, operation.destination);
        const NodeId value = maker_.add({.kind = NodeKind::Compute,
                                         .operation = operation.code,
                                         .bytes = bytes,
                                         .event = frame.event,
                                         .a = input,
                                         .instance = instance});
        write(frame, operation.destination, value);
        if (operation.code == Opcode::Negate) {
            frame.state.flags =
                flags(frame, Opcode::Compare, maker_.constant(0, bytes, frame.event, instance),
                      input, bytes);
        }
        return true;
    }
    default:
        return false;
    }
}

bool Run::execute_flags(Frame &frame, const Operation &operation) {
    switch (operation.code) {
    case Opcode::Compare:
    case Opcode::Test:
    case Opcode::TestBit: {
        const NodeId left = read(frame, operation.destination);
        const bool itself = operation.destination.is(OperandKind::Register) &&
                            operation.source.is(OperandKind::Register) &&
                            operation.destination.reg == operation.source.reg;
        const NodeId right = itself ? left : read(frame, operation.source);
        frame.state.flags = flags(frame, operation.code, left, right, operation.destination.bytes);
        return true;
    }
    case Opcode::BitSet: {
        const NodeId left = read(frame, operation.destination);
        const NodeId right = read(frame, operation.source);
        write(frame, operation.destination,
              maker_.unknown(frame.event, static_cast<uint32_t>(frame.index)));
        frame.state.flags = flags(frame, Opcode::TestBit, left, right, operation.destination.bytes);
        return true;
    }
    default:
        return false;
    }
}

bool Run::execute_stack(Frame &frame, const Operation &operation) {
    const auto instance = static_cast<uint32_t>(frame.index);
    NodeId &sp = frame.state.registers[code::rsp];
    switch (operation.code) {
    case Opcode::Push: {
        const NodeId value = read(frame, operation.source);
        sp = maker_.sum(sp, -8, 8, frame.event, instance);
        memory_.store(memory_.place(sp, 0, false), 8, value, frame.event);
        return true;
    }
    case Opcode::Pop: {
        const NodeId value = memory_.load(memory_.place(sp, 0, false), 8, frame.event, instance);
        sp = maker_.sum(sp, 8, 8, frame.event, instance);
        write(frame, operation.destination, value);
        return true;
    }
    case Opcode::Leave: {
        sp = frame.state.registers[code::rbp];
        const NodeId value = memory_.load(memory_.place(sp, 0, false), 8, frame.event, instance);
        sp = maker_.sum(sp, 8, 8, frame.event, instance);
        frame.state.registers[code::rbp] = value;
        return true;
    }
    default:
        return false;
    }
}

void Run::execute_other(Frame &frame, const Operation &operation) {
    const auto instance = static_cast<uint32_t>(frame.index);
    if (operation.spoils_memory) {
        // rep stos of a known number fills; anything else is beyond what is followed.
        const auto count = flow_.value(frame.state.registers[code::rcx]);
        constexpr uint64_t sane = 1U << 20U;
        if (count && *count > 0 && *count < sane) {
            memory_.store(memory_.place(frame.state.registers[code::rdi], 0, false),
                          static_cast<uint32_t>(*count * 8), frame.state.registers[code::rax],
                          frame.event);
        }
    }
    if (operation.destination.is(OperandKind::Memory)) {
        memory_.store(place(frame, operation.destination), operation.destination.bytes,
                      maker_.unknown(frame.event, instance), frame.event);
    }
    for (Register reg = 0; reg < code::rip; ++reg) {
        if (operation.writes.has(reg) && reg != code::rsp) {
            frame.state.registers.at(reg) = maker_.unknown(frame.event, instance);
        }
    }
}

void Run::execute(Frame &frame, const Operation &operation) {
    switch (operation.code) {
    case Opcode::Nop:
    case Opcode::Jump:
    case Opcode::Return:
    case Opcode::BranchIf:
        return;
    default:
        break;
    }
    const NodeId flags_before = frame.state.flags;
    if (execute_move(frame, operation) || execute_stack(frame, operation) ||
        execute_arithmetic(frame, operation) || execute_flags(frame, operation)) {
        return;
    }
    execute_other(frame, operation);
    if (operation.sets_flags && frame.state.flags == flags_before) {
        frame.state.flags = no_value;
    }
}

} // namespace

Dataflow build_dataflow(const Execution &execution, const Knowledge &knowledge,
                        size_t instructions) {
    Dataflow flow;
    Run(execution, knowledge, instructions, flow).all();
    return flow;
}

} // namespace dropctl::slice

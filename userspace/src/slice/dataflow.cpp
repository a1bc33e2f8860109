// SPDX-License-Identifier: GPL-2.0-only
#include "slice/dataflow.hpp"

#include "slice/run.hpp"

#include <algorithm>

namespace dropctl::slice {

namespace {

using code::no_index;

constexpr std::array<Register, 6> argument_registers{code::rdi, code::rsi, code::rdx,
                                                     code::rcx, 8,         9};
/// What a call may change, rax apart.
constexpr std::array<Register, 8> spoilt_registers{code::rdx, code::rcx, code::rsi, code::rdi,
                                                   8,         9,         10,        11};

} // namespace

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

Dataflow build_dataflow(const Execution &execution, const Knowledge &knowledge,
                        size_t instructions) {
    Dataflow flow;
    Run(execution, knowledge, instructions, flow).all();
    return flow;
}

} // namespace dropctl::slice

// SPDX-License-Identifier: GPL-2.0-only
// What each instruction does to registers, flags and memory, as nodes.
#include "slice/run.hpp"

namespace dropctl::slice {

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

} // namespace dropctl::slice

// SPDX-License-Identifier: GPL-2.0-only
// A node's value is made in the register that is asked for; what is needed on
// the way takes the registers above it. Trees that need more than there are do
// not occur in what people write, and are refused.
#include "values/generate.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

namespace dropctl::values {

namespace {

constexpr unsigned registers = 16;
constexpr unsigned counter_slot = 14;
constexpr unsigned end_slot = 13;

bool fits_imm(int64_t number) {
    return number >= std::numeric_limits<int32_t>::min() &&
           number <= std::numeric_limits<int32_t>::max();
}

int16_t size_off(uint64_t size, bool is_signed = false) {
    return static_cast<int16_t>(size | (is_signed ? DROPTRACE_OFF_SIGNED : 0));
}

bool is_word(uint64_t size) {
    return size == 1 || size == 2 || size == 4 || size == 8;
}

} // namespace

size_t Generator::emit(droptrace_op op, unsigned dst, unsigned src, int32_t imm, int16_t off) {
    program_.push_back({.op = static_cast<uint8_t>(op),
                        .regs = static_cast<uint8_t>(dst | (src << 4)),
                        .off = off,
                        .imm = imm});
    return program_.size() - 1;
}

/// A jump leads here.
void Generator::land(size_t jump) {
    const size_t distance = program_.size() - jump - 1;
    failed_ = failed_ || distance > static_cast<size_t>(std::numeric_limits<int16_t>::max());
    program_[jump].off = static_cast<int16_t>(distance);
}

void Generator::jump_back(size_t to) {
    const size_t distance = program_.size() + 1 - to;
    failed_ = failed_ || distance > static_cast<size_t>(std::numeric_limits<int16_t>::max());
    emit(DROPTRACE_OP_JMP, 0, 0, 0, static_cast<int16_t>(-static_cast<int64_t>(distance)));
}

void Generator::begin_item(uint16_t number) {
    item_ = emit(DROPTRACE_OP_ITEM, 0, 0, number);
}

void Generator::end_item() {
    land(item_);
}

void Generator::drop_item() {
    program_.resize(item_);
    failed_ = false;
}

std::vector<droptrace_insn> Generator::take() {
    if (!program_.empty()) {
        emit(DROPTRACE_OP_END);
    }
    return std::move(program_);
}

void Generator::number(int64_t value, unsigned reg) {
    if (fits_imm(value)) {
        emit(DROPTRACE_OP_LDI, reg, 0, static_cast<int32_t>(value));
        return;
    }
    emit(DROPTRACE_OP_LDI64, reg);
    droptrace_insn raw;
    static_assert(sizeof(raw) == sizeof(value));
    std::memcpy(&raw, &value, sizeof(raw));
    program_.push_back(raw);
}

void Generator::value(const NodePtr &node, unsigned reg) {
    if (reg >= top_) {
        failed_ = true;
        return;
    }
    switch (node->kind) {
    case NodeKind::Constant:
        number(node->number, reg);
        return;
    case NodeKind::Register:
        emit(DROPTRACE_OP_REG, reg, 0, static_cast<int32_t>(node->number));
        return;
    case NodeKind::Argument:
        emit(DROPTRACE_OP_ARG, reg, 0, static_cast<int32_t>(node->number));
        return;
    case NodeKind::Packet:
        emit(DROPTRACE_OP_SKB, reg);
        return;
    case NodeKind::Task:
        emit(DROPTRACE_OP_TASK, reg);
        return;
    case NodeKind::Slot:
        emit(DROPTRACE_OP_MOV, reg, static_cast<unsigned>(node->number));
        return;
    case NodeKind::PerCpu:
        value(node->a, reg);
        emit(DROPTRACE_OP_PERCPU, reg);
        return;
    case NodeKind::Load: {
        const bool from_slot = node->a->kind == NodeKind::Slot;
        if (!from_slot) {
            value(node->a, reg);
        }
        emit(DROPTRACE_OP_LOAD, reg, from_slot ? static_cast<unsigned>(node->a->number) : reg,
             static_cast<int32_t>(node->number), size_off(node->size, node->is_signed));
        return;
    }
    case NodeKind::Binary:
        binary(*node, reg);
        return;
    case NodeKind::Negate:
        value(node->a, reg);
        emit(DROPTRACE_OP_NEG, reg);
        return;
    case NodeKind::Invert:
        value(node->a, reg);
        emit(DROPTRACE_OP_NOT, reg);
        return;
    case NodeKind::Extend:
        value(node->a, reg);
        emit(DROPTRACE_OP_EXT, reg, 0, 0, size_off(node->size, node->is_signed));
        return;
    case NodeKind::Swap:
        value(node->a, reg);
        emit(DROPTRACE_OP_BSWAP, reg, 0, 0, size_off(node->size));
        return;
    case NodeKind::Both:
    case NodeKind::Either:
        logical(*node, reg);
        return;
    case NodeKind::Choose:
        choose(*node, reg);
        return;
    }
}

void Generator::binary(const Node &node, unsigned reg) {
    value(node.a, reg);
    if (node.b->kind == NodeKind::Constant && fits_imm(node.b->number)) {
        emit(node.op, reg, 0, static_cast<int32_t>(node.b->number), DROPTRACE_OFF_IMM);
        return;
    }
    value(node.b, reg + 1);
    emit(node.op, reg, reg + 1);
}

void Generator::logical(const Node &node, unsigned reg) {
    const bool both = node.kind == NodeKind::Both;
    value(node.a, reg);
    const size_t decided = jump(both ? DROPTRACE_OP_JZ : DROPTRACE_OP_JNZ, reg);
    value(node.b, reg);
    land(decided);
    emit(DROPTRACE_OP_NE, reg, 0, 0, DROPTRACE_OFF_IMM);
}

void Generator::choose(const Node &node, unsigned reg) {
    value(node.a, reg);
    const size_t no = jump(DROPTRACE_OP_JZ, reg);
    value(node.b, reg);
    const size_t end = jump(DROPTRACE_OP_JMP);
    land(no);
    value(node.c, reg);
    land(end);
}

void Generator::memory(const NodePtr &address, uint64_t size) {
    value(address, 0);
    emit(DROPTRACE_OP_OUT_MEM, 0, 0, static_cast<int32_t>(size));
}

/// A struct or array that is in registers, in several places, or constant.
void Generator::parts(const Operand &operand, uint64_t size) {
    constexpr uint64_t word = 8;
    for (uint64_t at = 0; at < size;) {
        // The largest piece that can be had as a number.
        std::optional<NodePtr> found;
        uint64_t length = word;
        for (; length > 0; length /= 2) {
            const Type type({.kind = TypeKind::Int, .name = {}, .size = length}, nullptr, 0);
            const auto part = at + length <= size ? part_of(operand, at, type) : std::nullopt;
            const NodePtr node = part ? number_of_operand(*part) : nullptr;
            if (node) {
                found = node;
                break;
            }
        }
        if (!found) {
            failed_ = true;
            return;
        }
        value(*found, 0);
        emit(DROPTRACE_OP_OUT, 0, 0, 0, size_off(length));
        at += length;
    }
}

/// A pointer, then what it leads to, if it is not NULL.
void Generator::followed(const Operand &operand, const Item &item, const Layouts &layouts) {
    value(number_of_operand(operand), 0);
    emit(DROPTRACE_OP_OUT, 0, 0, 0, size_off(sizeof(uint64_t)));
    const size_t none = jump(DROPTRACE_OP_JZ, 0);
    if (item.layout == Layout::Counted) {
        emit(DROPTRACE_OP_LOAD, 0, 0, static_cast<int32_t>(layouts.packet_length), size_off(4));
        emit(DROPTRACE_OP_OUT, 0, 0, 0, size_off(4));
    } else {
        const bool device = item.type->is_pointer_to("net_device");
        if (device) {
            emit(DROPTRACE_OP_ADD, 0, 0, static_cast<int32_t>(layouts.device_name),
                 DROPTRACE_OFF_IMM);
        }
        emit(DROPTRACE_OP_OUT_STR, 0, 0, device ? device_name_size : text_most);
    }
    land(none);
}

void Generator::output(const Operand &operand, const Item &item, const Layouts &layouts) {
    const uint64_t size = item.type->size();
    const bool whole = item.type->is_struct() || item.type->is(TypeKind::Array);
    switch (item.layout) {
    case Layout::Named:
    case Layout::Counted:
        followed(operand, item, layouts);
        return;
    case Layout::Text: {
        const bool array = item.type->is(TypeKind::Array);
        const uint64_t length = array && size > 0 ? size : static_cast<uint64_t>(text_most);
        value(number_of_operand(operand), 0);
        emit(DROPTRACE_OP_OUT_STR, 0, 0,
             static_cast<int32_t>(std::min<uint64_t>(length, DROPTRACE_ITEM_MAX)));
        return;
    }
    default:
        break;
    }
    if (whole && operand.in_memory()) {
        memory(operand.where.node, std::min<uint64_t>(size, DROPTRACE_ITEM_MAX));
    } else if (whole) {
        parts(operand, size);
    } else if (const NodePtr node = number_of_operand(operand); node && is_word(size)) {
        value(node, 0);
        emit(DROPTRACE_OP_OUT, 0, 0, 0, size_off(size));
    } else {
        failed_ = true;
    }
}

void Generator::walk(const Walk &walk, unsigned most, const Item &item, const Layouts &layouts) {
    const auto link = static_cast<unsigned>(walk_slot);
    value(walk.first, 0);
    emit(DROPTRACE_OP_MOV, link, 0);
    if (walk.end) {
        value(walk.end, 0);
        emit(DROPTRACE_OP_MOV, end_slot, 0);
    }
    emit(DROPTRACE_OP_LDI, counter_slot, 0, static_cast<int32_t>(most));
    top_ = end_slot;

    const size_t begin = program_.size();
    std::vector<size_t> ends;
    if (walk.end) {
        emit(DROPTRACE_OP_MOV, 0, link);
        emit(DROPTRACE_OP_EQ, 0, end_slot);
        ends.push_back(jump(DROPTRACE_OP_JNZ, 0));
    } else if (walk.ends_odd) {
        emit(DROPTRACE_OP_MOV, 0, link);
        emit(DROPTRACE_OP_AND, 0, 0, 1, DROPTRACE_OFF_IMM);
        ends.push_back(jump(DROPTRACE_OP_JNZ, 0));
    }
    ends.push_back(jump(DROPTRACE_OP_JZ, link));
    const size_t too_many = jump(DROPTRACE_OP_JZ, counter_slot);
    output(walk.element, item, layouts);
    emit(DROPTRACE_OP_LOAD, link, link, static_cast<int32_t>(walk.next),
         size_off(sizeof(uint64_t)));
    emit(DROPTRACE_OP_ADD, counter_slot, 0, -1, DROPTRACE_OFF_IMM);
    jump_back(begin);
    for (const size_t end : ends) {
        land(end);
    }
    emit(DROPTRACE_OP_LDI, 0, 0, 0);
    const size_t done = jump(DROPTRACE_OP_JMP);
    land(too_many);
    emit(DROPTRACE_OP_LDI, 0, 0, 1);
    land(done);
    emit(DROPTRACE_OP_OUT, 0, 0, 0, size_off(1));
    top_ = registers;
}

} // namespace dropctl::values

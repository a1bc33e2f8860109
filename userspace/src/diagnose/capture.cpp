// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/capture.hpp"

#include <algorithm>
#include <limits>

namespace dropctl::diagnose {

namespace {

constexpr uint8_t value = 1;
constexpr uint8_t other = 2;

constexpr uint8_t regs(uint8_t destination, uint8_t source = 0) {
    return static_cast<uint8_t>(destination | source << 4U);
}

void add_constant(FetchProgram &program, uint8_t reg, int64_t constant) {
    if (constant >= std::numeric_limits<int32_t>::min() &&
        constant <= std::numeric_limits<int32_t>::max()) {
        program.push_back(
            {.op = DROPTRACE_OP_LDI, .regs = regs(reg), .imm = static_cast<int32_t>(constant)});
        return;
    }
    program.push_back({.op = DROPTRACE_OP_LDI64, .regs = regs(reg)});
    droptrace_insn literal{};
    static_assert(sizeof(literal) == sizeof(constant));
    std::copy_n(reinterpret_cast<const char *>(&constant), sizeof(constant),
                reinterpret_cast<char *>(&literal));
    program.push_back(literal);
}

void add_register(FetchProgram &program, uint8_t reg, code::Register number) {
    program.push_back({.op = DROPTRACE_OP_REG, .regs = regs(reg), .imm = number});
}

void add_address(FetchProgram &program, const code::MemoryOperand &memory) {
    add_constant(program, value, memory.displacement);
    if (memory.base != code::no_register && memory.base != code::rip) {
        add_register(program, other, memory.base);
        program.push_back({.op = DROPTRACE_OP_ADD, .regs = regs(value, other)});
    }
    if (memory.index != code::no_register) {
        add_register(program, other, memory.index);
        program.push_back({.op = DROPTRACE_OP_MUL,
                           .regs = regs(other),
                           .off = DROPTRACE_OFF_IMM,
                           .imm = memory.scale});
        program.push_back({.op = DROPTRACE_OP_ADD, .regs = regs(value, other)});
    }
    if (memory.segment) {
        program.push_back({.op = DROPTRACE_OP_PERCPU, .regs = regs(value)});
    }
}

bool same(const slice::Operand &one, const slice::Operand &another) {
    return one.kind == another.kind && one.reg == another.reg && one.bytes == another.bytes &&
           one.memory.base == another.memory.base && one.memory.index == another.memory.index &&
           one.memory.displacement == another.memory.displacement;
}

} // namespace

FetchProgram fetch_of(const slice::Operand &operand) {
    FetchProgram program;
    if (operand.is(slice::OperandKind::Register)) {
        add_register(program, value, operand.reg);
    } else {
        add_address(program, operand.memory);
        program.push_back(
            {.op = DROPTRACE_OP_LOAD, .regs = regs(value, value), .off = operand.bytes, .imm = 0});
    }
    program.push_back(
        {.op = DROPTRACE_OP_OUT, .regs = regs(0, value), .off = sizeof(uint64_t), .imm = 0});
    return program;
}

bool Captures::add(uint64_t address, const slice::Operand &operand) {
    const bool fits =
        operand.bytes == 1 || operand.bytes == 2 || operand.bytes == 4 || operand.bytes == 8;
    if (address == 0 || !fits ||
        (!operand.is(slice::OperandKind::Register) && !operand.is(slice::OperandKind::Memory))) {
        return false;
    }
    auto &operands = wanted_[address];
    const bool known = std::any_of(operands.begin(), operands.end(),
                                   [&](const slice::Operand &each) { return same(each, operand); });
    if (!known) {
        operands.push_back(operand);
    }
    return !known;
}

void Captures::give(trace::Planner &planner) const {
    for (const auto &[address, operands] : wanted_) {
        for (const slice::Operand &operand : operands) {
            planner.capture({.address = address, .fetch = fetch_of(operand)});
        }
    }
}

std::optional<slice::Operand> Captures::meaning(const trace::Plan &plan, uint16_t point,
                                                uint16_t item) const {
    const auto found = wanted_.find(plan.point(point).address);
    if (found == wanted_.end() || item >= found->second.size()) {
        return std::nullopt;
    }
    return found->second[item];
}

} // namespace dropctl::diagnose

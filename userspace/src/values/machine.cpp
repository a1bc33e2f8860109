// SPDX-License-Identifier: GPL-2.0-only
// The module's checks and its machine (kmod/fetch.c), once more: what tests run
// here is what the kernel runs.
#include "values/machine.hpp"

#include "values/node.hpp"

#include <algorithm>
#include <cstring>

namespace dropctl::values {

namespace {

uint64_t size_of(int16_t off) {
    return static_cast<uint64_t>(off & 0xff);
}

bool size_valid(int16_t off, bool may_be_signed) {
    const int size = may_be_signed ? off & ~DROPTRACE_OFF_SIGNED : off;
    return size == 1 || size == 2 || size == 4 || size == 8;
}

bool is_jump(uint8_t op) {
    return op == DROPTRACE_OP_JMP || op == DROPTRACE_OP_JZ || op == DROPTRACE_OP_JNZ ||
           op == DROPTRACE_OP_ITEM;
}

bool well_formed(const droptrace_insn &insn) {
    switch (insn.op) {
    case DROPTRACE_OP_LDI:
        return insn.off == 0;
    case DROPTRACE_OP_REG:
    case DROPTRACE_OP_ARG:
        return insn.off == 0 && insn.imm >= 0 && insn.imm <= 16;
    case DROPTRACE_OP_LOAD:
        return size_valid(insn.off, true);
    case DROPTRACE_OP_EXT:
        return size_valid(insn.off, true) && insn.imm == 0;
    case DROPTRACE_OP_BSWAP:
        return size_valid(insn.off, false) && insn.off != 1 && insn.imm == 0;
    case DROPTRACE_OP_OUT:
        return size_valid(insn.off, false) && insn.imm == 0;
    case DROPTRACE_OP_OUT_MEM:
    case DROPTRACE_OP_OUT_STR:
        return insn.off == 0 && insn.imm >= 1 && insn.imm <= DROPTRACE_ITEM_MAX;
    case DROPTRACE_OP_JMP:
    case DROPTRACE_OP_JZ:
    case DROPTRACE_OP_JNZ:
        return insn.imm == 0;
    case DROPTRACE_OP_ITEM:
        return insn.imm >= 0 && insn.imm <= UINT16_MAX;
    default:
        break;
    }
    if (insn.op >= DROPTRACE_OP_ADD && insn.op <= DROPTRACE_OP_LES) {
        return insn.off == DROPTRACE_OFF_IMM || (insn.off == 0 && insn.imm == 0);
    }
    return insn.op < __DROPTRACE_OP_MAX && insn.off == 0 && insn.imm == 0;
}

class Machine {
  public:
    Machine(std::span<const droptrace_insn> program, const MachineState &state)
        : program_(program), state_(state) {}

    MachineResult run() {
        size_t at = 0;
        while (result_.steps < DROPTRACE_FETCH_STEPS_MAX) {
            result_.steps++;
            const droptrace_insn &insn = program_[at++];
            if (insn.op == DROPTRACE_OP_END) {
                result_.r0 = registers_[0];
                return std::move(result_);
            }
            if (step(insn, at)) {
                continue;
            }
            if (!fault_) {
                result_.faulted = true;
                return std::move(result_);
            }
            set_status(DROPTRACE_VALUE_FAULT);
            at = *fault_;
        }
        set_status(DROPTRACE_VALUE_STEPS);
        return std::move(result_);
    }

  private:
    bool step(const droptrace_insn &insn, size_t &at);
    bool step_read(const droptrace_insn &insn, uint64_t &dst, uint64_t src);
    bool output(const droptrace_insn &insn, uint64_t src);
    void set_status(uint16_t status) {
        if (fault_) {
            result_.items.back().status = status;
        }
    }
    bool append(const void *bytes, size_t length) {
        std::string &to = result_.items.back().bytes;
        const size_t room = DROPTRACE_ITEM_MAX - to.size();
        to.append(static_cast<const char *>(bytes), std::min(length, room));
        return length <= room;
    }

    std::span<const droptrace_insn> program_;
    const MachineState &state_;
    std::array<uint64_t, 16> registers_{};
    std::optional<size_t> fault_;
    MachineResult result_;
};

bool Machine::output(const droptrace_insn &insn, uint64_t src) {
    if (!fault_) {
        return true;
    }
    if (insn.op == DROPTRACE_OP_OUT) {
        if (!append(&src, size_of(insn.off))) {
            set_status(DROPTRACE_VALUE_CUT);
        }
        return true;
    }
    const bool is_text = insn.op == DROPTRACE_OP_OUT_STR;
    for (int32_t i = 0; i < insn.imm; i++) {
        char byte = 0;
        if (!state_.read || !state_.read(src + static_cast<uint64_t>(i), &byte, 1)) {
            return false;
        }
        if (!append(&byte, 1)) {
            set_status(DROPTRACE_VALUE_CUT);
            return true;
        }
        if (is_text && byte == '\0') {
            return true;
        }
    }
    if (is_text) {
        set_status(DROPTRACE_VALUE_CUT);
    }
    return true;
}

/// What can fault.
bool Machine::step_read(const droptrace_insn &insn, uint64_t &dst, uint64_t src) {
    if (insn.op == DROPTRACE_OP_ARG) {
        const auto kept = state_.arguments.find(static_cast<unsigned>(insn.imm));
        if (kept == state_.arguments.end()) {
            return false;
        }
        dst = kept->second;
        return true;
    }
    if (insn.op == DROPTRACE_OP_LOAD) {
        int64_t raw = 0;
        const uint64_t address = src + static_cast<uint64_t>(int64_t{insn.imm});
        if (!state_.read || !state_.read(address, &raw, size_of(insn.off))) {
            return false;
        }
        dst = static_cast<uint64_t>(
            extended(raw, size_of(insn.off), (insn.off & DROPTRACE_OFF_SIGNED) != 0));
        return true;
    }
    const uint64_t by = insn.off != 0 ? static_cast<uint64_t>(int64_t{insn.imm}) : src;
    return evaluate(static_cast<droptrace_op>(insn.op), dst, by, dst);
}

bool Machine::step(const droptrace_insn &insn, size_t &at) {
    uint64_t &dst = registers_[insn.regs & 0xf];
    const uint64_t src = registers_[insn.regs >> 4];
    const size_t target = at + static_cast<size_t>(int64_t{insn.off});
    switch (insn.op) {
    case DROPTRACE_OP_LDI:
        dst = static_cast<uint64_t>(int64_t{insn.imm});
        return true;
    case DROPTRACE_OP_LDI64:
        std::memcpy(&dst, &program_[at++], sizeof(dst));
        return true;
    case DROPTRACE_OP_MOV:
        dst = src;
        return true;
    case DROPTRACE_OP_REG:
        dst = state_.registers[static_cast<size_t>(insn.imm)];
        return true;
    case DROPTRACE_OP_SKB:
        dst = state_.skb;
        return true;
    case DROPTRACE_OP_TASK:
        dst = state_.task;
        return true;
    case DROPTRACE_OP_PERCPU:
        dst += state_.percpu;
        return true;
    case DROPTRACE_OP_NEG:
        dst = 0 - dst;
        return true;
    case DROPTRACE_OP_NOT:
        dst = ~dst;
        return true;
    case DROPTRACE_OP_EXT:
        dst = static_cast<uint64_t>(extended(static_cast<int64_t>(dst), size_of(insn.off),
                                             (insn.off & DROPTRACE_OFF_SIGNED) != 0));
        return true;
    case DROPTRACE_OP_BSWAP:
        dst = swapped(dst, size_of(insn.off));
        return true;
    case DROPTRACE_OP_JMP:
        at = target;
        return true;
    case DROPTRACE_OP_JZ:
        at = dst == 0 ? target : at;
        return true;
    case DROPTRACE_OP_JNZ:
        at = dst != 0 ? target : at;
        return true;
    case DROPTRACE_OP_ITEM:
        fault_ = target;
        result_.items.push_back({.item = static_cast<uint16_t>(insn.imm)});
        return true;
    case DROPTRACE_OP_OUT:
    case DROPTRACE_OP_OUT_MEM:
    case DROPTRACE_OP_OUT_STR:
        return output(insn, src);
    default:
        return step_read(insn, dst, src);
    }
}

} // namespace

std::string verify(std::span<const droptrace_insn> program) {
    std::vector<bool> is_number(program.size(), false);
    uint8_t last = __DROPTRACE_OP_MAX;
    for (size_t i = 0; i < program.size(); i++) {
        if (!well_formed(program[i])) {
            return "instruction " + std::to_string(i) + " is not well-formed";
        }
        last = program[i].op;
        if (last == DROPTRACE_OP_LDI64) {
            if (++i == program.size()) {
                return "the last number is missing";
            }
            is_number[i] = true;
        }
    }
    for (size_t i = 0; i < program.size(); i++) {
        if (is_number[i] || !is_jump(program[i].op)) {
            continue;
        }
        const int64_t to = static_cast<int64_t>(i) + 1 + program[i].off;
        if (to < 0 || to >= static_cast<int64_t>(program.size()) ||
            is_number[static_cast<size_t>(to)]) {
            return "instruction " + std::to_string(i) + " jumps out of the program";
        }
    }
    return last == DROPTRACE_OP_END || last == DROPTRACE_OP_JMP ? "" : "the program does not end";
}

MachineResult run(std::span<const droptrace_insn> program, const MachineState &state) {
    return Machine(program, state).run();
}

} // namespace dropctl::values

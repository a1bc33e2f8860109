// SPDX-License-Identifier: GPL-2.0-only
// Lengths, registers and operands from Capstone; the rest from the bytes.
#include "code/decoder.hpp"

#include "code/encoding.hpp"

#include <capstone/capstone.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace dropctl::code {

namespace {

/// Registers of Capstone by DWARF number; all widths of one are the same.
class RegisterMap {
  public:
    RegisterMap() {
        numbers_.fill(no_register);
        set(rax, {X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH});
        set(rdx, {X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL, X86_REG_DH});
        set(rcx, {X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL, X86_REG_CH});
        set(rbx, {X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH});
        set(rsi, {X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL});
        set(rdi, {X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL});
        set(rbp, {X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL});
        set(rsp, {X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL});
        set(8, {X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B});
        set(9, {X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B});
        set(10, {X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B});
        set(11, {X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B});
        set(12, {X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B});
        set(13, {X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B});
        set(14, {X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B});
        set(15, {X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B});
        set(rip, {X86_REG_RIP, X86_REG_EIP, X86_REG_IP});
    }

    [[nodiscard]] Register operator[](unsigned reg) const {
        return reg < numbers_.size() ? numbers_[reg] : no_register;
    }

  private:
    void set(Register number, std::initializer_list<unsigned> names) {
        for (const unsigned name : names) {
            numbers_[name] = number;
        }
    }
    std::array<Register, X86_REG_ENDING> numbers_{};
};

const RegisterMap &registers() {
    static const RegisterMap map;
    return map;
}

MemoryOperand memory_operand(const x86_op_mem &memory, uint64_t next) {
    MemoryOperand operand;
    operand.base = registers()[memory.base];
    operand.index = registers()[memory.index];
    operand.scale = static_cast<uint8_t>(memory.scale);
    operand.segment = memory.segment == X86_REG_GS || memory.segment == X86_REG_FS;
    operand.displacement = memory.disp;
    if (operand.base == rip) {
        operand.displacement += static_cast<int64_t>(next);
    }
    return operand;
}

} // namespace

struct Decoder::Engine {
    csh handle = 0;
    cs_insn *insn = nullptr;

    Engine() {
        if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) {
            throw std::runtime_error("capstone knows no x86");
        }
        cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
        insn = cs_malloc(handle);
    }
    ~Engine() {
        cs_free(insn, 1);
        cs_close(&handle);
    }
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;

    [[nodiscard]] std::span<const cs_x86_op> operands() const {
        const cs_x86 &x86 = insn->detail->x86;
        return {static_cast<const cs_x86_op *>(x86.operands), x86.op_count};
    }

    void describe_registers(Instruction &instruction) const {
        cs_regs reads;
        cs_regs writes;
        uint8_t read_count = 0;
        uint8_t write_count = 0;
        cs_regs_access(handle, insn, static_cast<uint16_t *>(reads), &read_count,
                       static_cast<uint16_t *>(writes), &write_count);
        for (const uint16_t reg : std::span(reads).first(read_count)) {
            instruction.reads.add(registers()[reg]);
        }
        for (const uint16_t reg : std::span(writes).first(write_count)) {
            instruction.writes.add(registers()[reg]);
        }
        // Where Capstone does not know what is done to an operand: everything.
        for (const cs_x86_op &operand : operands()) {
            if (operand.type == X86_OP_REG && operand.access == CS_AC_INVALID) {
                instruction.reads.add(registers()[operand.reg]);
                instruction.writes.add(registers()[operand.reg]);
            }
        }
    }
};

Decoder::Decoder() : engine_(std::make_unique<Engine>()) {}
Decoder::~Decoder() = default;

std::optional<Instruction> Decoder::decode(std::span<const uint8_t> bytes, uint64_t address) {
    constexpr size_t longest = 15;
    const uint8_t *code = bytes.data();
    size_t left = std::min(bytes.size(), longest);
    uint64_t next = address;
    if (!cs_disasm_iter(engine_->handle, &code, &left, &next, engine_->insn)) {
        return std::nullopt;
    }
    Instruction instruction;
    instruction.address = address;
    instruction.length = static_cast<uint8_t>(next - address);
    engine_->describe_registers(instruction);
    describe_encoding(bytes.first(instruction.length), instruction);
    return instruction;
}

DecodedOperands Decoder::operands() const {
    const cs_insn &insn = *engine_->insn;
    DecodedOperands result;
    result.is_load = insn.id == X86_INS_MOV || insn.id == X86_INS_MOVSXD;
    result.is_lea = insn.id == X86_INS_LEA;
    result.is_compare = insn.id == X86_INS_CMP;
    result.is_add = insn.id == X86_INS_ADD;
    result.is_above = insn.id == X86_INS_JA;
    result.is_above_equal = insn.id == X86_INS_JAE;
    const auto operands = engine_->operands();
    for (size_t i = 0; i < operands.size(); i++) {
        const cs_x86_op &operand = operands[i];
        if (operand.type == X86_OP_MEM) {
            result.memory = memory_operand(operand.mem, insn.address + insn.size);
            result.memory_bytes = operand.size;
        } else if (operand.type == X86_OP_IMM) {
            result.immediate = operand.imm;
        } else if (operand.type == X86_OP_REG) {
            (i == 0 ? result.destination : result.source) = registers()[operand.reg];
        }
    }
    if (result.is_compare) {
        result.source = result.destination;
        result.destination = no_register;
    }
    result.is_load = result.is_load && result.memory && result.destination != no_register;
    return result;
}

std::string Decoder::text() const {
    const cs_insn &insn = *engine_->insn;
    const std::string operands(static_cast<const char *>(insn.op_str));
    std::string text(static_cast<const char *>(insn.mnemonic));
    return operands.empty() ? text : text + " " + operands;
}

} // namespace dropctl::code

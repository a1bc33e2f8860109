// SPDX-License-Identifier: GPL-2.0-only
// The only includer of Capstone in slice/.
#include "slice/listing.hpp"

#include <capstone/capstone.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <unordered_map>

namespace dropctl::slice {

namespace {

/// Registers of Capstone by DWARF number.
class RegisterNumbers {
  public:
    RegisterNumbers() {
        numbers_.fill(no_register);
        set(0, {X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH});
        set(1, {X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL, X86_REG_DH});
        set(2, {X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL, X86_REG_CH});
        set(3, {X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH});
        set(4, {X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL});
        set(5, {X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL});
        set(6, {X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL});
        set(7, {X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL});
        set(8, {X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B});
        set(9, {X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B});
        set(10, {X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B});
        set(11, {X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B});
        set(12, {X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B});
        set(13, {X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B});
        set(14, {X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B});
        set(15, {X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B});
        set(16, {X86_REG_RIP, X86_REG_EIP, X86_REG_IP});
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

const RegisterNumbers &registers() {
    static const RegisterNumbers numbers;
    return numbers;
}

const std::unordered_map<unsigned, Opcode> &opcodes() {
    static const std::unordered_map<unsigned, Opcode> map{
        {X86_INS_NOP, Opcode::Nop},
        {X86_INS_MOV, Opcode::Move},
        {X86_INS_MOVABS, Opcode::Move},
        {X86_INS_MOVZX, Opcode::Move},
        {X86_INS_MOVSX, Opcode::MoveSigned},
        {X86_INS_MOVSXD, Opcode::MoveSigned},
        {X86_INS_LEA, Opcode::Address},
        {X86_INS_ADD, Opcode::Add},
        {X86_INS_INC, Opcode::Add},
        {X86_INS_SUB, Opcode::Subtract},
        {X86_INS_DEC, Opcode::Subtract},
        {X86_INS_ADC, Opcode::AddCarry},
        {X86_INS_SBB, Opcode::SubtractBorrow},
        {X86_INS_AND, Opcode::And},
        {X86_INS_OR, Opcode::Or},
        {X86_INS_XOR, Opcode::Xor},
        {X86_INS_SHL, Opcode::ShiftLeft},
        {X86_INS_SAL, Opcode::ShiftLeft},
        {X86_INS_SHR, Opcode::ShiftRight},
        {X86_INS_SAR, Opcode::ShiftRightSigned},
        {X86_INS_ROL, Opcode::RotateLeft},
        {X86_INS_ROR, Opcode::RotateRight},
        {X86_INS_IMUL, Opcode::Multiply},
        {X86_INS_NEG, Opcode::Negate},
        {X86_INS_NOT, Opcode::Not},
        {X86_INS_BSWAP, Opcode::SwapBytes},
        {X86_INS_XCHG, Opcode::Exchange},
        {X86_INS_CMP, Opcode::Compare},
        {X86_INS_TEST, Opcode::Test},
        {X86_INS_BT, Opcode::TestBit},
        {X86_INS_BTS, Opcode::BitSet},
        {X86_INS_BTR, Opcode::BitSet},
        {X86_INS_BTC, Opcode::BitSet},
        {X86_INS_PUSH, Opcode::Push},
        {X86_INS_POP, Opcode::Pop},
        {X86_INS_LEAVE, Opcode::Leave},
        {X86_INS_JMP, Opcode::Jump},
        {X86_INS_CALL, Opcode::Call},
        {X86_INS_RET, Opcode::Return},
    };
    return map;
}

struct Conditional {
    Opcode code;
    Condition condition;
};

const std::unordered_map<unsigned, Conditional> &conditionals() {
    static const std::unordered_map<unsigned, Conditional> map = [] {
        constexpr std::array<std::array<unsigned, 3>, 16> ids{{
            {X86_INS_JO, X86_INS_SETO, X86_INS_CMOVO},
            {X86_INS_JNO, X86_INS_SETNO, X86_INS_CMOVNO},
            {X86_INS_JB, X86_INS_SETB, X86_INS_CMOVB},
            {X86_INS_JAE, X86_INS_SETAE, X86_INS_CMOVAE},
            {X86_INS_JE, X86_INS_SETE, X86_INS_CMOVE},
            {X86_INS_JNE, X86_INS_SETNE, X86_INS_CMOVNE},
            {X86_INS_JBE, X86_INS_SETBE, X86_INS_CMOVBE},
            {X86_INS_JA, X86_INS_SETA, X86_INS_CMOVA},
            {X86_INS_JS, X86_INS_SETS, X86_INS_CMOVS},
            {X86_INS_JNS, X86_INS_SETNS, X86_INS_CMOVNS},
            {X86_INS_JP, X86_INS_SETP, X86_INS_CMOVP},
            {X86_INS_JNP, X86_INS_SETNP, X86_INS_CMOVNP},
            {X86_INS_JL, X86_INS_SETL, X86_INS_CMOVL},
            {X86_INS_JGE, X86_INS_SETGE, X86_INS_CMOVGE},
            {X86_INS_JLE, X86_INS_SETLE, X86_INS_CMOVLE},
            {X86_INS_JG, X86_INS_SETG, X86_INS_CMOVG},
        }};
        std::unordered_map<unsigned, Conditional> made;
        for (size_t i = 0; i < ids.size(); ++i) {
            const auto condition = static_cast<Condition>(i);
            made[ids[i][0]] = {Opcode::BranchIf, condition};
            made[ids[i][1]] = {Opcode::SetIf, condition};
            made[ids[i][2]] = {Opcode::MoveIf, condition};
        }
        return made;
    }();
    return map;
}

Operand constant_operand(int64_t constant, uint8_t bytes) {
    Operand operand;
    operand.kind = OperandKind::Constant;
    operand.constant = constant;
    operand.bytes = bytes;
    return operand;
}

Operand register_operand(Register reg, uint8_t bytes) {
    Operand operand;
    operand.kind = OperandKind::Register;
    operand.reg = reg;
    operand.bytes = bytes;
    return operand;
}

Operation unknown_operation() {
    Operation operation;
    for (Register reg = 0; reg < code::register_count; ++reg) {
        if (reg != code::rsp && reg != code::rip) {
            operation.writes.add(reg);
        }
    }
    operation.sets_flags = true;
    return operation;
}

} // namespace

uint32_t Listing::index_of(uint64_t address) const {
    const code::Instruction *found = function->cfg.instruction_at(address);
    return found == nullptr ? code::no_index
                            : static_cast<uint32_t>(found - function->cfg.instructions.data());
}

struct OperationDecoder::Engine {
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
    [[nodiscard]] Operand convert(const cs_x86_op &from) const;
    void describe(Operation &operation) const;
    void read_accesses(Operation &operation) const;
    void add_implied(Operation &operation) const;
};

Operand OperationDecoder::Engine::convert(const cs_x86_op &from) const {
    Operand operand;
    operand.bytes = from.size;
    switch (from.type) {
    case X86_OP_REG:
        operand.reg = registers()[from.reg];
        operand.kind = operand.reg == no_register ? OperandKind::None : OperandKind::Register;
        operand.high = from.reg == X86_REG_AH || from.reg == X86_REG_BH || from.reg == X86_REG_CH ||
                       from.reg == X86_REG_DH;
        break;
    case X86_OP_IMM:
        operand.kind = OperandKind::Constant;
        operand.constant = from.imm;
        break;
    case X86_OP_MEM:
        operand.kind = OperandKind::Memory;
        operand.memory.base = registers()[from.mem.base];
        operand.memory.index = registers()[from.mem.index];
        operand.memory.scale = static_cast<uint8_t>(from.mem.scale);
        operand.memory.segment = from.mem.segment == X86_REG_GS || from.mem.segment == X86_REG_FS;
        operand.memory.displacement = from.mem.disp;
        if (operand.memory.base == code::rip) {
            operand.memory.displacement += static_cast<int64_t>(insn->address + insn->size);
        }
        break;
    default:
        break;
    }
    return operand;
}

void OperationDecoder::Engine::read_accesses(Operation &operation) const {
    cs_regs reads;
    cs_regs writes;
    uint8_t read_count = 0;
    uint8_t write_count = 0;
    cs_regs_access(handle, insn, static_cast<uint16_t *>(reads), &read_count,
                   static_cast<uint16_t *>(writes), &write_count);
    for (const uint16_t reg : std::span(writes).first(write_count)) {
        operation.writes.add(registers()[reg]);
        operation.sets_flags = operation.sets_flags || reg == X86_REG_EFLAGS;
    }
    for (const cs_x86_op &operand : operands()) {
        if (operand.type == X86_OP_REG && operand.access == CS_AC_INVALID) {
            operation.writes.add(registers()[operand.reg]);
        }
    }
}

/// Forms with an operand that is not written down.
void OperationDecoder::Engine::add_implied(Operation &operation) const {
    const auto ops = operands();
    switch (insn->id) {
    case X86_INS_INC:
    case X86_INS_DEC:
        operation.source = constant_operand(1, operation.destination.bytes);
        break;
    case X86_INS_SHL:
    case X86_INS_SAL:
    case X86_INS_SHR:
    case X86_INS_SAR:
    case X86_INS_ROL:
    case X86_INS_ROR:
        if (ops.size() == 1) {
            operation.source = constant_operand(1, 1);
        }
        break;
    case X86_INS_IMUL:
        if (ops.size() == 1) { // rdx:rax
            operation.code = Opcode::Other;
            operation.destination = {};
        }
        break;
    case X86_INS_PUSH:
        operation.source = operation.destination;
        operation.destination = {};
        break;
    case X86_INS_CDQE:
        operation.code = Opcode::MoveSigned;
        operation.destination = register_operand(code::rax, 8);
        operation.source = register_operand(code::rax, 4);
        break;
    case X86_INS_CWDE:
        operation.code = Opcode::MoveSigned;
        operation.destination = register_operand(code::rax, 4);
        operation.source = register_operand(code::rax, 2);
        break;
    case X86_INS_MOVSB:
    case X86_INS_MOVSW:
    case X86_INS_MOVSQ:
    case X86_INS_STOSB:
    case X86_INS_STOSW:
    case X86_INS_STOSD:
    case X86_INS_STOSQ:
        operation.destination = {};
        operation.source = {};
        operation.spoils_memory = true;
        break;
    default:
        break;
    }
}

void OperationDecoder::Engine::describe(Operation &operation) const {
    if (const auto found = opcodes().find(insn->id); found != opcodes().end()) {
        operation.code = found->second;
    } else if (const auto other = conditionals().find(insn->id); other != conditionals().end()) {
        operation.code = other->second.code;
        operation.condition = other->second.condition;
    }
    const auto ops = operands();
    if (!ops.empty()) {
        operation.destination = convert(ops[0]);
    }
    if (ops.size() > 1) {
        operation.source = convert(ops[1]);
    }
    if (ops.size() > 2) {
        operation.third = convert(ops[2]);
    }
    add_implied(operation);
    read_accesses(operation);
    // Moves between vector registers and memory: the memory is spoilt, no register is.
    if (operation.code == Opcode::Other && operation.destination.is(OperandKind::Memory) &&
        !ops.empty() && (ops[0].access & CS_AC_WRITE) == 0) {
        operation.destination = {};
    }
    if (operation.code == Opcode::Other && operation.destination.is(OperandKind::None) &&
        operation.source.is(OperandKind::Memory)) {
        operation.source = {};
    }
}

OperationDecoder::OperationDecoder() : engine_(std::make_unique<Engine>()) {}
OperationDecoder::~OperationDecoder() = default;

Operation OperationDecoder::decode(std::span<const uint8_t> bytes, uint64_t address) {
    const uint8_t *code = bytes.data();
    size_t left = bytes.size();
    uint64_t next = address;
    if (!cs_disasm_iter(engine_->handle, &code, &left, &next, engine_->insn)) {
        return unknown_operation();
    }
    Operation operation;
    operation.length = static_cast<uint8_t>(next - address);
    engine_->describe(operation);
    return operation;
}

Listing OperationDecoder::list(const code::Function &function) {
    const code::Cfg &cfg = function.cfg;
    Listing listing;
    listing.function = &function;
    listing.operations.reserve(cfg.instructions.size());
    std::span<const uint8_t> left(cfg.bytes);
    for (const code::Instruction &instruction : cfg.instructions) {
        Operation operation = unknown_operation();
        const bool there = instruction.length <= left.size();
        if (instruction.nop) {
            operation = {.code = Opcode::Nop, .length = instruction.length};
        } else if (there) {
            operation = decode(left.first(instruction.length), instruction.address);
        }
        left = left.subspan(there ? instruction.length : left.size());
        listing.operations.push_back(operation);
    }
    return listing;
}

} // namespace dropctl::slice

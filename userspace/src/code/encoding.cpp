// SPDX-License-Identifier: GPL-2.0-only
#include "code/encoding.hpp"

#include <array>
#include <cstring>

namespace dropctl::code {

namespace {

/// Opcodes 0f xx of which the kernel can run a copy elsewhere (twobyte_is_boostable
/// of arch/x86/kernel/kprobes/core.c), a bit each, sixteen a row.
constexpr std::array<uint16_t, 16> movable_two_byte{
    0x034c /*0*/, 0x8001 /*1*/, 0x000f /*2*/, 0x8002 /*3*/, 0xffff /*4*/, 0x0000 /*5*/,
    0xcfff /*6*/, 0xc0f0 /*7*/, 0x0000 /*8*/, 0xffff /*9*/, 0xbb3b /*a*/, 0xf8ff /*b*/,
    0xff03 /*c*/, 0xbb2e /*d*/, 0xbb26 /*e*/, 0x772e /*f*/,
};

/// What can_boost() says of one-byte opcodes, in the strictest version of it.
bool movable_one_byte(const Encoding &encoding) {
    if (encoding.code_segment || encoding.address_size) {
        return false;
    }
    const uint8_t opcode = encoding.opcode;
    const bool refused = opcode == 0x62 || (opcode >= 0x70 && opcode <= 0x7f) || opcode == 0x9a ||
                         opcode == 0xc0 || opcode == 0xc1 || (opcode >= 0xcc && opcode <= 0xce) ||
                         (opcode >= 0xd0 && opcode <= 0xd6) || (opcode >= 0xd8 && opcode <= 0xdf) ||
                         (opcode >= 0xe0 && opcode <= 0xe9) || opcode == 0xeb ||
                         (opcode >= 0xec && opcode <= 0xef) || (opcode >= 0xf0 && opcode <= 0xf4) ||
                         opcode == 0xf6 || opcode == 0xf7 || (opcode >= 0xfa && opcode <= 0xfb) ||
                         opcode >= 0xfe;
    return !refused;
}

bool is_movable(const Encoding &encoding) {
    if (encoding.map == 2) {
        return (movable_two_byte[encoding.opcode >> 4] >> (encoding.opcode & 15) & 1) != 0;
    }
    return encoding.map == 1 && movable_one_byte(encoding);
}

int64_t signed_at(std::span<const uint8_t> bytes, size_t count) {
    if (count == 1) {
        return static_cast<int8_t>(bytes.back());
    }
    int32_t value = 0;
    std::memcpy(&value, bytes.data() + bytes.size() - sizeof(value), sizeof(value));
    return value;
}

Flow flow_of_group5(const Encoding &encoding) {
    switch (encoding.modrm >> 3 & 7) {
    case 2:
    case 3:
        return Flow::IndirectCall;
    case 4:
    case 5:
        return Flow::IndirectJump;
    default:
        return Flow::Next;
    }
}

Flow flow_of(const Encoding &encoding) {
    const uint8_t opcode = encoding.opcode;
    if (encoding.map == 2) {
        if ((opcode & 0xf0) == 0x80) {
            return Flow::Branch;
        }
        if (opcode == 0x0b || opcode == 0xb9 || opcode == 0xff) {
            return Flow::Trap;
        }
        return opcode == 0x07 || opcode == 0x35 ? Flow::Halted : Flow::Next;
    }
    if (encoding.map != 1) {
        return Flow::Next;
    }
    switch (opcode) {
    case 0xe8:
        return Flow::Call;
    case 0xe9:
    case 0xeb:
        return Flow::Jump;
    case 0xe0:
    case 0xe1:
    case 0xe2:
    case 0xe3:
        return Flow::Branch;
    case 0xc2:
    case 0xc3:
    case 0xca:
    case 0xcb:
        return Flow::Return;
    case 0xcc:
        return Flow::Trap;
    case 0xcf:
        return Flow::Halted;
    case 0xff:
        return flow_of_group5(encoding);
    default:
        return (opcode & 0xf0) == 0x70 ? Flow::Branch : Flow::Next;
    }
}

bool is_nop(const Encoding &encoding) {
    return (encoding.map == 1 && encoding.opcode == 0x90 && (encoding.rex & 1) == 0 &&
            !encoding.repeat) ||
           (encoding.map == 2 && encoding.opcode == 0x1f) ||
           (encoding.map == 2 && encoding.opcode == 0x1e && encoding.repeat); // endbr64
}

void set_copy(Instruction &instruction, uint8_t from, uint8_t to, uint8_t bytes) {
    instruction.copy_from = from_intel(from);
    instruction.copy_to = from_intel(to);
    instruction.copy_bytes = bytes;
}

/// Moves between general registers. Those of bytes without REX may be of ah to bh.
void describe_copy(const Encoding &encoding, Instruction &instruction) {
    if (encoding.mod() != 3 || encoding.repeat) {
        return;
    }
    const uint8_t word = encoding.operand_size ? 2 : 4;
    const uint8_t size = encoding.wide() ? 8 : word;
    const bool byte_low = encoding.rex != 0 || (encoding.modrm & 4) == 0;
    if (encoding.map == 1 && encoding.opcode == 0x89) {
        set_copy(instruction, encoding.reg(), encoding.rm(), size);
    } else if (encoding.map == 1 && encoding.opcode == 0x8b) {
        set_copy(instruction, encoding.rm(), encoding.reg(), size);
    } else if (encoding.map == 1 && encoding.opcode == 0x63 && encoding.wide()) {
        set_copy(instruction, encoding.rm(), encoding.reg(), 4);
    } else if (encoding.map == 2 && (encoding.opcode == 0xb6 || encoding.opcode == 0xbe) &&
               byte_low && !encoding.operand_size) {
        set_copy(instruction, encoding.rm(), encoding.reg(), 1);
    } else if (encoding.map == 2 && (encoding.opcode == 0xb7 || encoding.opcode == 0xbf)) {
        set_copy(instruction, encoding.rm(), encoding.reg(), 2);
    }
}

/// xor reg,reg; mov $imm,reg; or $-1,reg. A write of 32 bits clears the upper ones.
void describe_constant(const Encoding &encoding, std::span<const uint8_t> bytes,
                       Instruction &instruction) {
    if (encoding.map != 1 || encoding.operand_size || encoding.repeat) {
        return;
    }
    const auto low_half = [](int64_t value) {
        return static_cast<int64_t>(static_cast<uint32_t>(value));
    };
    const bool on_register = encoding.mod() == 3;
    const uint8_t opcode = encoding.opcode;
    const unsigned extension = encoding.modrm >> 3 & 7;
    if ((opcode == 0x31 || opcode == 0x33) && on_register && encoding.reg() == encoding.rm()) {
        instruction.constant_to = from_intel(encoding.rm());
    } else if ((opcode & 0xf8) == 0xb8 && !encoding.wide()) {
        const auto number = static_cast<uint8_t>((opcode & 7) | ((encoding.rex & 1) != 0 ? 8 : 0));
        instruction.constant_to = from_intel(number);
        instruction.constant = low_half(signed_at(bytes, 4));
    } else if (opcode == 0xc7 && on_register && extension == 0) {
        const int64_t value = signed_at(bytes, 4);
        instruction.constant_to = from_intel(encoding.rm());
        instruction.constant = encoding.wide() ? value : low_half(value);
    } else if (opcode == 0x83 && on_register && extension == 1 && bytes.back() == 0xff) {
        instruction.constant_to = from_intel(encoding.rm());
        instruction.constant = encoding.wide() ? -1 : low_half(-1);
    }
}

} // namespace

Register from_intel(uint8_t number) {
    constexpr std::array<Register, 8> low{rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi};
    return number < low.size() ? low[number] : number;
}

Encoding encoding_of(std::span<const uint8_t> bytes) {
    Encoding encoding;
    size_t at = 0;
    const auto byte = [&](size_t index) {
        return index < bytes.size() ? bytes[index] : uint8_t{0};
    };
    for (bool prefix = true; prefix && at < bytes.size();) {
        const uint8_t value = bytes[at];
        encoding.operand_size |= value == 0x66;
        encoding.address_size |= value == 0x67;
        encoding.code_segment |= value == 0x2e;
        encoding.repeat |= value == 0xf2 || value == 0xf3;
        encoding.lock |= value == 0xf0;
        prefix = value == 0x66 || value == 0x67 || value == 0x2e || value == 0x36 ||
                 value == 0x3e || value == 0x26 || value == 0x64 || value == 0x65 ||
                 value == 0xf0 || value == 0xf2 || value == 0xf3;
        at += prefix ? 1 : 0;
    }
    if ((byte(at) & 0xf0) == 0x40) {
        encoding.rex = byte(at++);
    }
    if (byte(at) == 0xc4 || byte(at) == 0xc5 || byte(at) == 0x62) {
        encoding.map = 0;
        return encoding;
    }
    if (byte(at) == 0x0f) {
        at++;
        encoding.map = 2;
        if (byte(at) == 0x38 || byte(at) == 0x3a) {
            at++;
            encoding.map = 3;
        }
    }
    encoding.opcode = byte(at++);
    encoding.modrm_at = static_cast<uint8_t>(at);
    encoding.modrm = byte(at);
    return encoding;
}

void describe_encoding(std::span<const uint8_t> bytes, Instruction &instruction) {
    const Encoding encoding = encoding_of(bytes);
    instruction.flow = flow_of(encoding);
    instruction.nop = is_nop(encoding);
    instruction.boostable = is_movable(encoding);
    describe_copy(encoding, instruction);
    describe_constant(encoding, bytes, instruction);
    const bool direct = instruction.flow == Flow::Jump || instruction.flow == Flow::Branch ||
                        instruction.flow == Flow::Call;
    if (direct) {
        const bool is_short =
            encoding.map == 1 && encoding.opcode != 0xe8 && encoding.opcode != 0xe9;
        instruction.target =
            instruction.end() + static_cast<uint64_t>(signed_at(bytes, is_short ? 1 : 4));
    }
    const bool indirect =
        instruction.flow == Flow::IndirectCall || instruction.flow == Flow::IndirectJump;
    if (indirect && encoding.mod() == 3) {
        instruction.through = from_intel(encoding.rm());
    }
}

} // namespace dropctl::code

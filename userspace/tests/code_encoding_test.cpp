// SPDX-License-Identifier: GPL-2.0-only
// Instructions taken apart: flow, copies, constants, registers.
#include "code/decoder.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace dropctl::code;
using Bytes = std::vector<uint8_t>;

constexpr uint64_t place = 0xffffffff81000000;

Instruction decode(const Bytes &bytes) {
    Decoder decoder;
    const auto instruction = decoder.decode(bytes, place);
    EXPECT_TRUE(instruction.has_value());
    return instruction.value_or(Instruction());
}

TEST(DecoderTest, flow_is_told_by_the_opcode) {
    EXPECT_EQ(decode({0x90}).flow, Flow::Next);
    EXPECT_EQ(decode({0xe8, 0, 0, 0, 0}).flow, Flow::Call);
    EXPECT_EQ(decode({0xe9, 0, 0, 0, 0}).flow, Flow::Jump);
    EXPECT_EQ(decode({0xeb, 0}).flow, Flow::Jump);
    EXPECT_EQ(decode({0x74, 0}).flow, Flow::Branch);
    EXPECT_EQ(decode({0x0f, 0x84, 0, 0, 0, 0}).flow, Flow::Branch);
    EXPECT_EQ(decode({0xc3}).flow, Flow::Return);
    EXPECT_EQ(decode({0xf3, 0xc3}).flow, Flow::Return);
    EXPECT_EQ(decode({0xff, 0xd0}).flow, Flow::IndirectCall);
    EXPECT_EQ(decode({0xff, 0xe0}).flow, Flow::IndirectJump);
    EXPECT_EQ(decode({0xff, 0x50, 0x08}).flow, Flow::IndirectCall); // call *8(%rax)
    EXPECT_EQ(decode({0xff, 0xc0}).flow, Flow::Next);               // inc %eax
    EXPECT_EQ(decode({0x0f, 0x0b}).flow, Flow::Trap);
    EXPECT_EQ(decode({0xcc}).flow, Flow::Trap);
    EXPECT_EQ(decode({0x48, 0xcf}).flow, Flow::Halted); // iretq
}

TEST(DecoderTest, targets_are_relative_to_the_next_instruction) {
    EXPECT_EQ(decode({0xe8, 0x10, 0, 0, 0}).target, place + 5 + 0x10);
    EXPECT_EQ(decode({0xeb, 0xfe}).target, place);
    EXPECT_EQ(decode({0x0f, 0x85, 0xfa, 0xff, 0xff, 0xff}).target, place);
    EXPECT_EQ(decode({0x2e, 0xe8, 0x10, 0, 0, 0}).target, place + 6 + 0x10);
    EXPECT_EQ(decode({0xff, 0xd0}).target, 0U);
}

TEST(DecoderTest, copies_keep_as_much_as_they_move) {
    const Instruction wide = decode({0x48, 0x89, 0xc3}); // mov %rax,%rbx
    EXPECT_EQ(wide.copy_from, rax);
    EXPECT_EQ(wide.copy_to, rbx);
    EXPECT_EQ(wide.copy_bytes, 8);
    const Instruction half = decode({0x41, 0x89, 0xc4}); // mov %eax,%r12d
    EXPECT_EQ(half.copy_to, 12);
    EXPECT_EQ(half.copy_bytes, 4);
    EXPECT_EQ(decode({0x48, 0x63, 0xd8}).copy_bytes, 4);        // movslq %eax,%rbx
    EXPECT_EQ(decode({0x0f, 0xb6, 0xd8}).copy_bytes, 1);        // movzbl %al,%ebx
    EXPECT_EQ(decode({0x0f, 0xb6, 0xdc}).copy_to, no_register); // movzbl %ah,%ebx
    EXPECT_EQ(decode({0x48, 0x8b, 0x03}).copy_to, no_register); // mov (%rbx),%rax
}

TEST(DecoderTest, constants_are_what_the_register_holds) {
    const Instruction zero = decode({0x31, 0xc0}); // xor %eax,%eax
    EXPECT_EQ(zero.constant_to, rax);
    EXPECT_EQ(zero.constant, 0);
    EXPECT_EQ(decode({0x31, 0xd8}).constant_to, no_register);          // xor %ebx,%eax
    const Instruction einval = decode({0xb8, 0xea, 0xff, 0xff, 0xff}); // mov $-22,%eax
    EXPECT_EQ(einval.constant_to, rax);
    EXPECT_EQ(static_cast<int32_t>(einval.constant), -22);
    EXPECT_EQ(einval.constant, 0xffffffea);
    EXPECT_EQ(decode({0x41, 0xbc, 1, 0, 0, 0}).constant_to, 12);
    EXPECT_EQ(decode({0x48, 0xc7, 0xc0, 0xea, 0xff, 0xff, 0xff}).constant, -22);
    EXPECT_EQ(decode({0x83, 0xc8, 0xff}).constant, 0xffffffff); // or $-1,%eax
}

TEST(DecoderTest, registers_of_all_widths_are_one) {
    const Instruction add = decode({0x01, 0xd8}); // add %ebx,%eax
    EXPECT_TRUE(add.reads.has(rax) && add.reads.has(rbx) && add.writes.has(rax));
    EXPECT_FALSE(add.writes.has(rbx));
    const Instruction set = decode({0x0f, 0x94, 0xc0}); // sete %al
    EXPECT_TRUE(set.writes.has(rax));
    const Instruction test = decode({0x85, 0xc0}); // test %eax,%eax
    EXPECT_TRUE(test.writes.empty());
    const Instruction pop = decode({0x41, 0x5c}); // pop %r12
    EXPECT_TRUE(pop.writes.has(12) && pop.writes.has(rsp));
    EXPECT_FALSE(pop.writes.has(rax));
    const Instruction divide = decode({0x48, 0xf7, 0xf1}); // div %rcx
    EXPECT_TRUE(divide.writes.has(rax) && divide.writes.has(rdx));
    const Instruction store = decode({0x48, 0x89, 0x03}); // mov %rax,(%rbx)
    EXPECT_TRUE(store.reads.has(rbx) && store.reads.has(rax) && store.writes.empty());
}

TEST(DecoderTest, nops_are_known) {
    EXPECT_TRUE(decode({0x0f, 0x1f, 0x44, 0, 0}).nop);
    EXPECT_TRUE(decode({0x66, 0x90}).nop);
    EXPECT_TRUE(decode({0xf3, 0x0f, 0x1e, 0xfa}).nop); // endbr64
    EXPECT_FALSE(decode({0xf3, 0x90}).nop);            // pause
    EXPECT_FALSE(decode({0x41, 0x90}).nop);            // xchg %eax,%r8d
}

TEST(DecoderTest, what_the_kernel_can_move_is_boostable) {
    EXPECT_TRUE(decode({0x55}).boostable);             // push
    EXPECT_TRUE(decode({0x48, 0x8b, 0x03}).boostable); // mov
    EXPECT_TRUE(decode({0x0f, 0xb6, 0xc0}).boostable); // movzbl
    EXPECT_TRUE(decode({0x65, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0}).boostable);
    EXPECT_FALSE(decode({0xe8, 0, 0, 0, 0}).boostable);
    EXPECT_FALSE(decode({0x74, 0}).boostable);
    EXPECT_FALSE(decode({0x0f, 0x84, 0, 0, 0, 0}).boostable);
    EXPECT_FALSE(decode({0xc1, 0xe0, 0x02}).boostable);       // shl $2,%eax
    EXPECT_FALSE(decode({0xf6, 0x43, 0x10, 0x01}).boostable); // testb
    EXPECT_FALSE(decode({0x0f, 0x0b}).boostable);             // ud2
}

TEST(DecoderTest, bytes_that_are_none_are_refused) {
    Decoder decoder;
    EXPECT_FALSE(decoder.decode(Bytes{0x06}, place));
    EXPECT_FALSE(decoder.decode(Bytes{0x48}, place));
    EXPECT_FALSE(decoder.decode(Bytes{}, place));
}

} // namespace

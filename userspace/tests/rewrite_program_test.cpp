// SPDX-License-Identifier: GPL-2.0-only
// Rewriting as a matter of programs: what the kernel takes, jumps, size, and that
// what makes them shorter changes no verdict.
#include "filter_expressions.hpp"
#include "filter_machine.hpp"
#include "filter_oracle.hpp"

#include <cerrno>
#include <cstring>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

namespace dropctl::testing {
namespace {

/// The running kernel's own opinion, by way of a socket filter.
TEST(Rewrite, the_kernel_takes_the_programs) {
    int sockets[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets), 0);
    for (const std::string expression : expressions) {
        const auto program = filter::compile(expression);
        if (!program) {
            continue;
        }
        auto copy = *program;
        const sock_fprog attached{static_cast<unsigned short>(copy.size()), copy.data()};
        EXPECT_EQ(setsockopt(sockets[0], SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof(attached)),
                  0)
            << expression << ": " << strerror(errno) << "\n"
            << listing(*program);
    }
    close(sockets[0]);
    close(sockets[1]);
}

TEST(Rewrite, far_jumps) {
    std::string expression = "port 1000";
    for (unsigned port = 1001; expression.size() < 1000; ++port) {
        expression += " or port " + std::to_string(port);
    }
    const auto program = filter::compile(expression);
    ASSERT_TRUE(program) << program.error().why;
    EXPECT_GT(program->size(), 512U);
    const Oracle oracle(expression);
    std::vector<Bytes> frames = untagged_frames();
    for (unsigned port = 995; port < 1100; ++port) {
        frames.push_back(ethernet(0x800, ipv4(17, udp(port, 5))));
    }
    for (const Bytes &frame : frames) {
        EXPECT_EQ(matches(*program, view_of(frame, frame.size())), oracle.matches(frame));
    }
}

TEST(Rewrite, too_long_is_refused) {
    filter::Program program;
    for (unsigned i = 0; i < 5000; ++i) {
        program.push_back({BPF_LD | BPF_B | BPF_ABS, 0, 0, 14 + i});
        program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 0, i % 256});
    }
    program.push_back({BPF_RET | BPF_K, 0, 0, 0});
    const auto rewritten = filter::rewrite(program);
    ASSERT_FALSE(rewritten);
    EXPECT_NE(rewritten.error().why.find("too long"), std::string::npos);
}

TEST(Rewrite, malformed_programs_are_refused) {
    EXPECT_FALSE(filter::rewrite({}));
    EXPECT_FALSE(filter::rewrite({{BPF_LD | BPF_IMM, 0, 0, 1}}));
    EXPECT_FALSE(filter::rewrite({{BPF_JMP | BPF_JA, 0, 0, 5}, {BPF_RET | BPF_K, 0, 0, 0}}));
    EXPECT_FALSE(filter::rewrite({{BPF_ST, 0, 0, 16}, {BPF_RET | BPF_K, 0, 0, 0}}));
}

size_t steps(const char *expression, const Bytes &frame) {
    const auto program = filter::compile(expression);
    const View view = view_of(frame, frame.size());
    Machine machine(*program, view);
    machine.run();
    return machine.steps();
}

/// Programs that libpcap would not write, to find what the shortening gets wrong:
/// loads of the packet and the EtherType, arithmetic, memory, jumps forward.
class ProgramMaker {
  public:
    explicit ProgramMaker(unsigned seed) : random_(seed) {}

    filter::Program make() {
        filter::Program program;
        for (uint32_t cell = 0; cell < cells; ++cell) { // the kernel wants them set
            program.push_back({BPF_LD | BPF_IMM, 0, 0, pick(20)});
            program.push_back({BPF_ST, 0, 0, cell});
        }
        const size_t size = 10 + pick(40);
        while (program.size() < size) {
            step(program);
        }
        program.push_back({BPF_RET | BPF_K, 0, 0, 1});
        program.push_back({BPF_RET | BPF_K, 0, 0, 0});
        for (size_t pc = 0; pc + 2 < program.size(); ++pc) {
            if (BPF_CLASS(program[pc].code) == BPF_JMP) {
                const auto most = static_cast<uint32_t>(program.size() - pc - 1);
                program[pc].jt = static_cast<uint8_t>(pick(std::min(most, 9U)));
                program[pc].jf = static_cast<uint8_t>(pick(std::min(most, 9U)));
            }
        }
        return program;
    }

  private:
    static constexpr uint32_t cells = 3;

    uint32_t pick(uint32_t choices) { return static_cast<uint32_t>(random_() >> 8) % choices; }

    void step(filter::Program &program) {
        const auto code = [](unsigned bits) { return static_cast<uint16_t>(bits); };
        const uint16_t source = code(pick(2) == 0 ? BPF_X : BPF_K);
        const uint16_t sizes[] = {BPF_W, BPF_H, BPF_B};
        const uint16_t size = sizes[pick(3)];
        const uint16_t operations[] = {BPF_ADD, BPF_SUB, BPF_SUB, BPF_AND,
                                       BPF_OR,  BPF_XOR, BPF_MUL};
        const uint16_t comparisons[] = {BPF_JEQ, BPF_JEQ, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
        switch (pick(12)) {
        case 0:
            program.push_back({code(BPF_LD | BPF_ABS | size), 0, 0, 14 + pick(12)});
            break;
        case 1:
            program.push_back({code(BPF_LD | BPF_IND | size), 0, 0, 14 + pick(12)});
            break;
        case 2:
            program.push_back({code(BPF_LDX | BPF_MSH | BPF_B), 0, 0, 14});
            break;
        case 3:
            program.push_back({code((pick(2) == 0 ? BPF_LD : BPF_LDX) | BPF_IMM), 0, 0, pick(4)});
            break;
        case 4:
            program.push_back({code(pick(2) == 0 ? BPF_ST : BPF_STX), 0, 0, pick(cells)});
            break;
        case 5:
            program.push_back(
                {code((pick(2) == 0 ? BPF_LD : BPF_LDX) | BPF_MEM), 0, 0, pick(cells)});
            break;
        case 6:
        case 7:
            program.push_back({code(BPF_ALU | operations[pick(7)] | source), 0, 0, pick(4)});
            break;
        case 8:
            program.push_back({code(BPF_MISC | (pick(2) == 0 ? BPF_TAX : BPF_TXA)), 0, 0, 0});
            break;
        case 9: { // an EtherType is compared at once
            const uint32_t types[] = {0x800, 0x86dd, 0x806};
            program.push_back({BPF_LD | BPF_ABS | BPF_H, 0, 0, 12});
            program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 0, types[pick(3)]});
            program.push_back({BPF_LD | BPF_IMM, 0, 0, pick(4)}); // and forgotten
            break;
        }
        default:
            program.push_back({code(BPF_JMP | comparisons[pick(6)] | source), 0, 0, pick(3)});
        }
    }

    std::minstd_rand random_;
};

TEST(Rewrite, made_up_programs_keep_their_verdict) {
    std::minstd_rand random(3);
    size_t rewritten = 0;
    size_t accepted = 0;
    for (unsigned seed = 1; seed <= 6000; ++seed) {
        const filter::Program program = ProgramMaker(seed).make();
        const auto moved = filter::rewrite(program);
        if (!moved) {
            continue;
        }
        ++rewritten;
        for (unsigned round = 0; round < 6; ++round) {
            const unsigned types[] = {0x800, 0x86dd, 0x806, 0x1234};
            Bytes payload(random() % 50);
            for (uint8_t &byte : payload) {
                byte = static_cast<uint8_t>((random() >> 9) % 4);
            }
            const Bytes frame = ethernet(types[random() % 4], payload);
            const bool expected = Oracle::run(program, frame);
            accepted += expected ? 1 : 0;
            ASSERT_EQ(matches(*moved, view_of(frame, frame.size())), expected)
                << "seed " << seed << "\n"
                << listing(program) << "\n"
                << listing(*moved);
        }
    }
    EXPECT_GT(rewritten, 1500U);
    EXPECT_GT(accepted, 1500U);
}

/// A register that a later block still wants, past a comparison that could be skipped
/// and after an index that could be folded.
TEST(Rewrite, shortcuts_leave_registers_in_use_alone) {
    const filter::Program skipping = {
        {BPF_LD | BPF_B | BPF_ABS, 0, 0, 14}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 7, 1},
        {BPF_LD | BPF_B | BPF_ABS, 0, 0, 15}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 2},
        {BPF_LD | BPF_B | BPF_ABS, 0, 0, 14}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 1},
        {BPF_ALU | BPF_ADD, 0, 0, 1},         {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 2},
        {BPF_RET | BPF_K, 0, 0, 1},           {BPF_RET | BPF_K, 0, 0, 0}};
    const filter::Program folding = {
        {BPF_LD | BPF_IMM, 0, 0, 3},          {BPF_LDX | BPF_MSH | BPF_B, 0, 0, 14},
        {BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0}, {BPF_MISC | BPF_TAX, 0, 0, 0},
        {BPF_LD | BPF_B | BPF_IND, 0, 0, 14}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 9},
        {BPF_MISC | BPF_TXA, 0, 0, 0},        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 7},
        {BPF_RET | BPF_K, 0, 0, 1},           {BPF_RET | BPF_K, 0, 0, 0}};
    const Bytes frame = ethernet(0x800, {1, 2, 3, 4, 5, 6, 7, 9});
    for (const auto &program : {skipping, folding}) {
        ASSERT_TRUE(Oracle::run(program, frame));
        EXPECT_TRUE(matches(*filter::rewrite(program), view_of(frame, frame.size())));
    }
}

/// What an unconcerned packet costs.
TEST(Rewrite, a_verdict_takes_few_instructions) {
    const Bytes other = ethernet(0x800, ipv4(17, udp(5, 6), {.src = 1, .dst = 2}));
    EXPECT_LE(steps("host 10.0.0.1", other), 7U);
    EXPECT_LE(steps("src host 10.0.0.1 and proto 89", other), 5U);
    EXPECT_LE(steps("port 80", other), 15U);
    EXPECT_LE(steps("tcp port 80", other), 6U);
    EXPECT_LE(steps("vlan 5", other), 6U);
    EXPECT_LE(steps("tcp[tcpflags] & tcp-syn != 0", other), 5U);
    EXPECT_LE(filter::compile("tcp[tcpflags] & tcp-syn != 0")->size(), 15U);
    EXPECT_LE(filter::compile("ip[8] < 5")->size(), 6U);
}

} // namespace
} // namespace dropctl::testing

// SPDX-License-Identifier: GPL-2.0-only
// From the bytes of steps to packets and their invocations.
#include "trace/assembler.hpp"
#include "trace/frame_lines.hpp"
#include "trace/invocations.hpp"
#include "trace/line_ranges.hpp"
#include "trace/packets.hpp"
#include "trace_steps.hpp"

#include <gtest/gtest.h>

#include <random>

namespace dropctl::trace {
namespace {

using testing::StepBytes;

// Points 0 to 2 are of function 0, 3 and 4 of function 1, 5 and 6 of function 2.
const std::vector<uint16_t> frames{0, 0, 0, 1, 1, 2, 2};

TEST(Steps, AreReadAsWritten) {
    const auto steps = StepBytes()
                           .enter(0, 0x1000, 0xabc, {1, 2, 3, 4, 5, 6})
                           .block(1)
                           .block(2, 0xffffffff)
                           .value(2, 3, DROPTRACE_VALUE_FAULT, "abcd")
                           .drop(0xabc, 0x99, 7)
                           .exit(1, 42)
                           .steps();
    ASSERT_EQ(steps.size(), 6U);
    EXPECT_EQ(steps[0].sp, 0x1000U);
    EXPECT_EQ(steps[0].skb, 0xabcU);
    EXPECT_EQ(steps[0].args[5], 6U);
    EXPECT_FALSE(steps[1].reg);
    EXPECT_EQ(steps[2].reg, 0xffffffffU);
    EXPECT_EQ(steps[3].item, 3U);
    EXPECT_EQ(steps[3].status, DROPTRACE_VALUE_FAULT);
    EXPECT_EQ(std::string(steps[3].bytes.begin(), steps[3].bytes.end()), "abcd");
    EXPECT_EQ(steps[4].location, 0x99U);
    EXPECT_EQ(steps[4].reason, 7U);
    EXPECT_EQ(steps[5].reg, 42U);
}

TEST(Steps, CutShortAnywhereAreRefused) {
    const auto bytes = StepBytes().enter(0, 1, 2).block(1, 5).drop(1, 2, 3).bytes();
    std::vector<Step> steps;
    ASSERT_TRUE(read_steps(bytes, steps));
    for (size_t size = 1; size < bytes.size(); ++size) {
        steps.clear();
        const bool whole = read_steps(std::span(bytes).first(size), steps);
        // A cut between two steps cannot be seen.
        const bool between = size == 76 || size == 88;
        EXPECT_EQ(whole, between) << size;
    }
}

TEST(Steps, OfRandomBytesDoNoHarm) {
    std::mt19937 random(1);
    for (int round = 0; round < 20000; ++round) {
        std::vector<uint8_t> bytes(random() % 200);
        for (uint8_t &byte : bytes) {
            byte = static_cast<uint8_t>(random() % 9);
        }
        std::vector<Step> steps;
        read_steps(bytes, steps);
        RawPath path;
        path.steps = steps;
        const auto all = invocations(path.steps, frames);
        packets(path, all);
    }
}

TEST(Invocations, NestByTheStackPointer) {
    const auto all = invocations(StepBytes()
                                     .enter(0, 0x1000, 0xa)
                                     .block(1)
                                     .enter(3, 0xf00)
                                     .exit(4, 0)
                                     .block(2)
                                     .enter(3, 0xf80)
                                     .exit(4, 1)
                                     .exit(1, 5)
                                     .steps(),
                                 frames);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].passed.size(), 4U);
    EXPECT_EQ(all[0].retval, 5U);
    EXPECT_TRUE(all[0].ended);
    EXPECT_EQ(all[1].caller, 0U);
    EXPECT_EQ(all[1].depth, 1U);
    EXPECT_EQ(all[1].caller_passed, 2U);
    EXPECT_EQ(all[1].skb, 0xaU) << "inherited";
    EXPECT_FALSE(all[1].own_packet);
    EXPECT_EQ(all[2].caller_passed, 3U);
    EXPECT_EQ(all[2].retval, 1U);
}

TEST(Invocations, ThatEndUnseenAreLeftWhenTheStackHasPassedThem) {
    const auto all = invocations(StepBytes()
                                     .enter(0, 0x1000)
                                     .enter(3, 0xf00) // its exit is not seen
                                     .block(1)
                                     .enter(5, 0xf00)
                                     .exit(6)
                                     .exit(2)
                                     .steps(),
                                 frames);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_FALSE(all[1].ended);
    EXPECT_EQ(all[2].caller, 0U);
    EXPECT_EQ(all[2].depth, 1U);
}

TEST(Invocations, OfARecursionAreTheirOwn) {
    const auto all = invocations(StepBytes()
                                     .enter(0, 0x1000, 0xa)
                                     .enter(0, 0x800, 0xa)
                                     .block(1)
                                     .exit(2, 1)
                                     .exit(2, 2)
                                     .steps(),
                                 frames);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].retval, 1U);
    EXPECT_EQ(all[0].retval, 2U);
    EXPECT_EQ(all[0].passed.size(), 2U);
}

TEST(Invocations, TailCallsAreBesideTheirCaller) {
    const auto all = invocations(
        StepBytes().enter(0, 0x1000).exit(1).enter(3, 0x1000).exit(4, 3).steps(), frames);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_FALSE(all[1].caller);
}

TEST(Invocations, KeepValuesWithThePointTheyWereReadAt) {
    const auto all = invocations(
        StepBytes().enter(0, 0x1000).value(0, 0, 0, "aaaa").exit(2, 1).value(2, 1, 0, "b").steps(),
        frames);
    ASSERT_EQ(all.size(), 1U);
    ASSERT_EQ(all[0].values.size(), 2U);
    EXPECT_EQ(all[0].values[0].passed, 0U);
    EXPECT_EQ(all[0].values[1].passed, 1U);
    EXPECT_EQ(all[0].values[1].item, 1U);
}

RawPath raw(const StepBytes &bytes) {
    RawPath path;
    path.steps = bytes.steps();
    return path;
}

TEST(Packets, OfAListAreToldApart) {
    // A list function, in which each packet of two enters function 1; both are dropped there.
    const RawPath path = raw(StepBytes()
                                 .enter(0, 0x1000)
                                 .enter(3, 0xf00, 0xa)
                                 .drop(0xa, 0x11, 1)
                                 .exit(4)
                                 .enter(3, 0xf00, 0xb)
                                 .enter(5, 0xe00) // without a packet of its own
                                 .exit(6)
                                 .drop(0xb, 0x22, 2)
                                 .exit(4)
                                 .exit(2));
    const auto all = invocations(path.steps, frames);
    const auto packets = trace::packets(path, all);
    ASSERT_EQ(packets.size(), 2U);
    EXPECT_EQ(packets[0].location, 0x11U);
    EXPECT_EQ(packets[0].invocations, (std::vector<size_t>{0, 1}));
    EXPECT_EQ(packets[1].reason, 2U);
    EXPECT_EQ(packets[1].invocations, (std::vector<size_t>{0, 2, 3}));
}

TEST(Packets, ThatWereReplacedBelongToTheFunctionThatFreedThem) {
    const RawPath path = raw(StepBytes().enter(0, 0x1000, 0xa).drop(0xc, 0x11, 1).exit(2));
    const auto packets = trace::packets(path, invocations(path.steps, frames));
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(packets[0].skb, 0xaU);
    EXPECT_EQ(packets[0].invocations, (std::vector<size_t>{0}));
}

TEST(Packets, ThatPassedHaveAllThatWasSeen) {
    const RawPath path = raw(StepBytes().enter(0, 0x1000, 0xa).exit(2));
    const auto packets = trace::packets(path, invocations(path.steps, frames));
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_FALSE(packets[0].dropped);
    EXPECT_EQ(packets[0].invocations, (std::vector<size_t>{0}));
}

PathChunk chunk(uint64_t context, uint32_t number, bool last, const std::vector<uint8_t> &steps) {
    PathChunk chunk;
    chunk.trace = 1;
    chunk.context = context;
    chunk.chunk = number;
    chunk.flags = last ? uint32_t{DROPTRACE_PATH_LAST} : 0U;
    chunk.steps = steps;
    if (number == 0) {
        chunk.packet.emplace();
    }
    return chunk;
}

TEST(Assembler, PutsChunksTogetherWhereverTheyWereCut) {
    const auto bytes = StepBytes().enter(0, 1, 2).block(1, 5).drop(1, 2, 3).exit(2).bytes();
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
        std::vector<RawPath> whole;
        Assembler assembler([&](RawPath &&path) { whole.push_back(std::move(path)); });
        const auto middle = bytes.begin() + static_cast<long>(cut);
        assembler.chunk(chunk(7, 0, false, {bytes.begin(), middle}));
        assembler.chunk(chunk(8, 0, true, {})); // of another CPU in between
        assembler.chunk(chunk(7, 1, true, {middle, bytes.end()}));
        ASSERT_EQ(whole.size(), 2U);
        EXPECT_EQ(whole[1].context, 7U);
        EXPECT_EQ(whole[1].steps.size(), 4U);
        EXPECT_EQ(assembler.broken(), 0U);
        EXPECT_EQ(assembler.waiting(), 0U);
    }
}

TEST(Assembler, CountsWhatIsIncomplete) {
    std::vector<RawPath> whole;
    Assembler assembler([&](RawPath &&path) { whole.push_back(std::move(path)); });
    assembler.chunk(chunk(1, 0, false, {}));
    assembler.chunk(chunk(1, 2, true, {})); // 1 was lost
    EXPECT_EQ(assembler.broken(), 1U);
    assembler.chunk(chunk(2, 1, true, {})); // 0 was lost
    EXPECT_EQ(assembler.broken(), 2U);
    EXPECT_TRUE(whole.empty());
    EXPECT_EQ(assembler.waiting(), 0U);
}

TEST(Assembler, JoinsADropWithItsPath) {
    std::vector<RawPath> whole;
    Assembler assembler([&](RawPath &&path) { whole.push_back(std::move(path)); });
    Event event;
    event.context = 5;
    event.skb = 0xa;
    event.location = 0x11;
    assembler.drop(event);
    assembler.chunk(chunk(5, 0, true, StepBytes().enter(0, 1, 0xa).drop(0xa, 0x11, 1).bytes()));
    ASSERT_EQ(whole.size(), 1U);
    const auto packets = trace::packets(whole[0], invocations(whole[0].steps, frames));
    ASSERT_TRUE(packets[0].drop);
    EXPECT_EQ(packets[0].drop->location, 0x11U);
}

ReportedItem line(uint32_t number) {
    ReportedLine line;
    line.file = "a.c";
    line.line = number;
    return line;
}

std::string text(const std::vector<ReportedItem> &items) {
    std::string text;
    for (const ReportedItem &item : items) {
        const auto &line = std::get<ReportedLine>(item);
        text += std::to_string(line.line) +
                (line.count > 1 ? "x" + std::to_string(line.count) : "") + " ";
    }
    return text;
}

std::string folded(std::initializer_list<uint32_t> lines) {
    std::vector<ReportedItem> items;
    for (const uint32_t number : lines) {
        items.push_back(line(number));
    }
    fold(items);
    return text(items);
}

TEST(Fold, CountsTheRoundsOfALoop) {
    EXPECT_EQ(folded({1, 2, 3, 2, 3, 2, 3, 4}), "1 2x3 3x3 4 ");
    EXPECT_EQ(folded({1, 1, 1}), "1x3 ");
    EXPECT_EQ(folded({1, 2, 3}), "1 2 3 ");
    EXPECT_EQ(folded({1, 2, 1, 3}), "1 2 1 3 ");
}

TEST(Fold, LeavesRoundsWithValuesApart) {
    std::vector<ReportedItem> items{line(1), line(1)};
    std::get<ReportedLine>(items[1]).values.emplace_back();
    fold(items);
    EXPECT_EQ(items.size(), 2U);
}

TEST(LineRanges, TakeLinesAndRanges) {
    const auto ranges = LineRanges::parse({"10-12", "20"});
    ASSERT_TRUE(ranges);
    EXPECT_TRUE(ranges->holds(10));
    EXPECT_TRUE(ranges->holds(12));
    EXPECT_FALSE(ranges->holds(13));
    EXPECT_TRUE(ranges->holds(20));
    for (const char *bad : {"", "x", "0", "12-10", "1-", "-3", "1-2-3"}) {
        EXPECT_FALSE(LineRanges::parse({bad})) << bad;
    }
}

} // namespace
} // namespace dropctl::trace

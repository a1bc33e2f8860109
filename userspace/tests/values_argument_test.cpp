// SPDX-License-Identifier: GPL-2.0-only
// Which argument is the packet, and what calls and returned values look like.
#include "values/packet_argument.hpp"
#include "values/prototype.hpp"
#include "values_fixture.hpp"

#include <gtest/gtest.h>

#define yes is_yes
#include "data/values_types.h"
#undef yes

namespace {

using namespace dropctl;
using namespace dropctl::test;
using values::describe_return;

class ValuesArgumentTest : public testing::Test {
  protected:
    void SetUp() override {
        if (!SmallObject::get().built()) {
            GTEST_SKIP() << "no compiler";
        }
    }
    static auto find(const std::string &function) {
        return values::find_packet_argument(types(), place(function), function);
    }
    static values::Types &types() { return SmallObject::get().types; }
    static values::Place place(const std::string &name) { return SmallObject::get().place(name); }
    static values::Prototype prototype(const std::string &name) {
        return values::prototype_of(types(), place(name), name);
    }
    static std::string returned(const std::string &function, uint64_t value) {
        return describe_return(types(), prototype(function), value).text;
    }

    /// What a program yields with these first arguments.
    uint64_t yields(const values::PacketArgument &packet, uint64_t rdi, uint64_t rsi) {
        values::MachineState state;
        state.registers[5] = rdi;
        state.registers[4] = rsi;
        state.read = [this](uint64_t address, void *to, size_t size) {
            return memory_.read(address, to, size);
        };
        EXPECT_EQ(values::verify(packet.program), "");
        return values::run(packet.program, state).r0;
    }

    FakeMemory memory_;
};

TEST_F(ValuesArgumentTest, packet_itself) {
    const auto packet = find("takes_packet");
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->path, "skb");
    EXPECT_EQ(packet->argument, 1U);
    EXPECT_EQ(packet->frame_flags, 0U);
    EXPECT_EQ(yields(*packet, 1, 0xabc), 0xabcU);
}

TEST_F(ValuesArgumentTest, pointer_to_packet) {
    const auto packet = find("takes_pointer");
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->path, "*pskb");
    memory_.put(0x5000, uint64_t{0xdef});
    EXPECT_EQ(yields(*packet, 0x5000, 0), 0xdefU);
    EXPECT_EQ(yields(*packet, 0x6000, 0), 0U);
}

TEST_F(ValuesArgumentTest, list_of_packets) {
    const auto packet = find("receive_list");
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->path, "head");
    EXPECT_EQ(packet->frame_flags, uint32_t{DROPTRACE_FRAME_LIST});
    EXPECT_EQ(yields(*packet, 0x77, 0), 0x77U);
}

TEST_F(ValuesArgumentTest, packet_in_a_struct) {
    const auto packet = find("takes_info");
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->path, "pkt->skb");
    memory_.put(0x5008, uint64_t{0x123});
    EXPECT_EQ(yields(*packet, 0x5000, 0), 0x123U);
    const auto deeper = find("takes_outer");
    ASSERT_TRUE(deeper);
    EXPECT_EQ(deeper->path, "info->pkt->skb");
    memory_.put(0x7008, uint64_t{0x5000});
    EXPECT_EQ(yields(*deeper, 0, 0x7000), 0x123U);
    EXPECT_FALSE(find("takes_none"));
}

TEST_F(ValuesArgumentTest, given_by_number) {
    const auto given = [&](const std::string &function, unsigned number) {
        const auto packet =
            values::given_packet_argument(types(), place(function), function, number);
        return packet ? packet->path : "error: " + packet.error().why;
    };
    EXPECT_EQ(given("takes_packet", 2), "skb");
    EXPECT_EQ(given("takes_info", 1), "pkt->skb");
    EXPECT_EQ(given("takes_packet", 0), "error: takes_packet: arguments are counted from 1");
    EXPECT_EQ(given("takes_packet", 3), "error: takes_packet: it has 2 arguments");
    EXPECT_EQ(given("takes_packet", 1),
              "error: takes_packet: argument 1 is int x, which is no packet and has none");
    const auto blind = values::given_packet_argument(types(), {}, "unknown", 2);
    ASSERT_TRUE(blind);
    EXPECT_EQ(yields(*blind, 1, 2), 2U);
}

TEST_F(ValuesArgumentTest, calls) {
    const auto known = prototype("takes_packet");
    ASSERT_EQ(known.parameters.size(), 2U);
    EXPECT_EQ(known.parameters[1].argument, 1U);
    EXPECT_EQ(values::call_text(types(), known, {static_cast<uint32_t>(-3), 9, 0, 0, 0, 0}),
              "takes_packet(x=-3, skb)");
    EXPECT_EQ(values::call_text(types(), prototype("gives_nothing"), {}), "gives_nothing()");
}

TEST_F(ValuesArgumentTest, returned_values) {
    EXPECT_EQ(returned("takes_packet", static_cast<uint32_t>(-22)), "-22 EINVAL");
    EXPECT_EQ(returned("takes_packet", 0), "0");
    EXPECT_EQ(returned("takes_packet", 0xdead00000005), "5");
    EXPECT_EQ(returned("gives_pointer", 0), "NULL");
    EXPECT_EQ(returned("gives_pointer", static_cast<uint64_t>(-101)), "ERR_PTR(-101 ENETUNREACH)");
    EXPECT_EQ(returned("gives_pointer", 0xffff888000001000), "0xffff888000001000");
    EXPECT_EQ(returned("gives_nothing", 5), "");
    EXPECT_EQ(returned("gives_colour", 2), "2 COLOUR_GREEN");
    EXPECT_EQ(returned("takes_outer", 0x100), "false");
    EXPECT_EQ(returned("takes_outer", 0x101), "true");
    EXPECT_EQ(returned("takes_info", 0), "0 NF_DROP");
    EXPECT_EQ(returned("takes_info", 1), "1 NF_ACCEPT");
    EXPECT_EQ(returned("takes_info", 0x10002), "65538 NF_STOLEN -EPERM");
    EXPECT_EQ(describe_return(types(), {}, static_cast<uint32_t>(-2)).text, "-2 ENOENT");
    EXPECT_TRUE(describe_return(types(), prototype("gives_nothing"), 0).is_void);
    EXPECT_EQ(values::errno_name(524), "ENOTSUPP");
    EXPECT_EQ(values::errno_name(0), "");
}

} // namespace

// SPDX-License-Identifier: GPL-2.0-only
// What is kept with a probe makes the same probe again.
#include "commands/probe_spec.hpp"

#include <gtest/gtest.h>

using namespace dropctl;
using namespace dropctl::commands;

TEST(ProbeSpec, ComesBack) {
    AddProbeOptions options;
    options.follow.functions = {"gre_rcv@gre", "0xffffffff81000010"};
    options.follow.values = {"skb->len @ entry", "list(a, b,\n c)", "--odd"};
    options.follow.within = {"ip_rcv", "ip_list_rcv"};
    options.follow.callees = 2;
    options.follow.packet_arg = 3;
    options.lines = {"10-20", "30"};
    options.filters = {"src", "host 10.0.0.1", "and", "-name"};
    const auto read =
        read_probe_spec(probe_spec(options, {0xffffffff81000020, 0xffffffff81000030}));
    ASSERT_TRUE(read) << read.error().why;
    EXPECT_EQ(read->follow.functions, options.follow.functions);
    EXPECT_EQ(read->follow.values,
              (std::vector<std::string>{"skb->len @ entry", "list(a, b,  c)", "--odd"}));
    EXPECT_EQ(read->follow.within, options.follow.within);
    EXPECT_EQ(read->follow.callees, 2U);
    EXPECT_EQ(read->follow.packet_arg, 3U);
    EXPECT_EQ(read->lines, options.lines);
    EXPECT_EQ(read->filters, options.filters);
    EXPECT_EQ(read->refused,
              (std::vector<std::string>{"0xffffffff81000020", "0xffffffff81000030"}));
}

TEST(ProbeSpec, OfOthersIsNotRead) {
    for (const char *spec : {"", "any words", "trace\nip_rcv", "add-probe\n--new=1\nip_rcv\n--"}) {
        EXPECT_FALSE(read_probe_spec(spec)) << spec;
    }
}

TEST(ProbeSpec, SaysWhatIsFollowed) {
    FollowOptions options;
    options.functions = {"a", "b"};
    EXPECT_EQ(followed_text(options), "a, b");
    options.callees = 2;
    EXPECT_EQ(followed_text(options), "a, b and what they call, 2 levels");
}

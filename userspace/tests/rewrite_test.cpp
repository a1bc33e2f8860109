// SPDX-License-Identifier: GPL-2.0-only
// Rewritten programs against libpcap itself: same verdict on the frame as on what
// the module presents of it, but for VLAN tags where that is meant to differ.
#include "filter_expressions.hpp"
#include "filter_machine.hpp"
#include "filter_oracle.hpp"

#include <random>

namespace dropctl::testing {
namespace {

/// What an expression says of an untagged frame is no matter of taste: except
/// where libpcap, after `vlan`, reads an untagged frame at a tagged one's offsets.
bool assumes_tags(const std::string &expression) {
    return expression.find("vlan") != std::string::npos && expression != "vlan" &&
           expression != "not vlan";
}

void expect_same(const std::string &expression, const filter::Program &program,
                 const Oracle &oracle, const Bytes &frame, const Bytes &shown, size_t from) {
    for (size_t captured = from; captured <= frame.size(); ++captured) {
        const size_t shown_captured = captured + shown.size() - frame.size();
        ASSERT_EQ(matches(program, view_of(shown, shown_captured)), oracle.matches(frame, captured))
            << expression << ", frame of " << frame.size() << ", type " << std::hex
            << half(frame, 12) << std::dec << ", captured " << captured << "\n"
            << listing(program);
    }
}

TEST(Rewrite, as_libpcap_on_untagged_frames_cut_anywhere) {
    for (const std::string expression : expressions) {
        const Oracle oracle(expression);
        const auto program = filter::compile(expression);
        if (!oracle.ok()) {
            EXPECT_FALSE(program) << expression;
            continue;
        }
        ASSERT_TRUE(program) << expression << ": " << program.error().why;
        for (const Bytes &frame : untagged_frames()) {
            if (!assumes_tags(expression)) {
                expect_same(expression, *program, oracle, frame, frame, 14);
            }
        }
    }
}

/// Tags do not hide a packet from an expression that does not ask for them.
TEST(Rewrite, tags_are_transparent) {
    for (const std::string expression : expressions) {
        const Oracle oracle(expression);
        const auto program = filter::compile(expression);
        if (!oracle.ok() || expression.find("vlan") != std::string::npos ||
            expression.find("0x8100") != std::string::npos) {
            continue;
        }
        for (const Bytes &frame : untagged_frames()) {
            expect_same(expression, *program, oracle, frame, with_tag(frame, 0x2005), 14);
            expect_same(expression, *program, oracle, frame,
                        with_tag(with_tag(frame, 20), 10, 0x88a8), 14);
        }
    }
}

/// Behind `vlan and`, libpcap itself reads behind the tag.
TEST(Rewrite, as_libpcap_behind_the_tags_asked_for) {
    for (const std::string expression : expressions) {
        const bool by_frame = expression.find("ether[") != std::string::npos ||
                              expression.find("len") != std::string::npos ||
                              expression.find("greater") != std::string::npos ||
                              expression.find("less") != std::string::npos;
        if (expression.find("vlan") != std::string::npos || by_frame ||
            expression.find("0x8100") != std::string::npos) {
            continue;
        }
        const std::string one = "vlan and (" + expression + ")";
        const std::string two = "vlan 10 and vlan 20 and (" + expression + ")";
        const Oracle oracle_one(one);
        const Oracle oracle_two(two);
        if (!oracle_one.ok()) {
            continue;
        }
        const auto program_one = filter::compile(one);
        const auto program_two = filter::compile(two);
        ASSERT_TRUE(program_one) << one << ": " << program_one.error().why;
        ASSERT_TRUE(program_two) << two << ": " << program_two.error().why;
        for (const Bytes &frame : untagged_frames()) {
            const Bytes tagged = with_tag(frame, 0x2014, 0x9100);
            const Bytes twice = with_tag(tagged, 10, 0x88a8);
            expect_same(one, *program_one, oracle_one, tagged, tagged, 18);
            expect_same(two, *program_two, oracle_two, twice, twice, 22);
        }
    }
}

/// Headers that lie about their lengths, ports that are none, options of garbage.
TEST(Rewrite, as_libpcap_on_mangled_frames) {
    std::minstd_rand random(7);
    std::vector<Bytes> mangled;
    for (unsigned round = 0; round < 6; ++round) {
        for (Bytes frame : untagged_frames()) {
            for (unsigned change = 0; change < 4; ++change) {
                frame[14 + random() % std::min<size_t>(frame.size() - 14, 60)] =
                    static_cast<uint8_t>(random() >> 8);
            }
            mangled.push_back(std::move(frame));
        }
    }
    for (const std::string expression : expressions) {
        const Oracle oracle(expression);
        const auto program = filter::compile(expression);
        if (!oracle.ok() || assumes_tags(expression)) {
            continue;
        }
        for (const Bytes &frame : mangled) {
            expect_same(expression, *program, oracle, frame, frame, frame.size());
        }
    }
}

/// Offsets that the user counted in the frame, tags included.
TEST(Rewrite, tags_can_be_tested_by_offset) {
    for (const std::string expression :
         {"vlan and ether[14:2] & 0xfff = 10", "vlan and ether[12:2] = 0x9100",
          "vlan and ether[16:2] = 0x800", "vlan and ether[18] = 0x45",
          "vlan and ether[14:2] >> 13 = 1",
          "ether[12:2] = 0x8100 and ether[14:2] & 0xfff = 10 and ether[16:2] = 0x800",
          "ether[12:2] = 0x8100 and ether[18:2] = 0x45c0", "ether[12:2] = 0x8100 and vlan 10",
          "ether proto 0x8100", "ether proto 0x8100 or ether proto 0x9100",
          "ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100", "vlan 10", "vlan 20",
          "vlan 10 or vlan 20", "vlan and (ether[14:2] & 0xfff = 10 or ether[14:2] & 0xfff = 20)",
          "vlan and not vlan 10"}) {
        const Oracle oracle(expression);
        const auto program = filter::compile(expression);
        ASSERT_TRUE(program) << expression << ": " << program.error().why;
        for (const Bytes &frame : untagged_frames()) {
            for (const Bytes &tagged : {with_tag(frame, 0x200a), with_tag(frame, 20, 0x9100)}) {
                expect_same(expression, *program, oracle, tagged, tagged, 18);
            }
        }
    }
}

TEST(Rewrite, what_cannot_be_honoured_is_refused) {
    const std::pair<const char *, const char *> refused[] = {
        {"inbound", "outgoing packets"},
        {"ifindex 3", "'ifindex'"},
        {"ip protochain 6", "loop"},
        {"ip6 protochain 6", "loop"},
        {"ether[ip[8]] = 1", "computed index"},
        {"ether[12] = 8", "part of"},
        {"ether[13] = 8", "part of"},
        {"ether[10:4] = 8", "part of"},
        {"ether[12:4] = 8", "part of"},
        {"vlan and ether[14] = 0", "part of"},
        {"ether[12:2] & 0xff00 = 0x800", "arithmetic"},
        {"ether[12:2] = ip[2:2]", "EtherType"},
        {"ip[2:2] = ether[12:2]", "EtherType"},
        {"ip[ether[12:2]] = 1", "EtherType"},
        {"ether[12:2] = 60", "length of an IEEE 802.3"},
        {"ether[12:2] < 1000", "length of an IEEE 802.3"},
        {"ether[12:2] >= 0", "length of an IEEE 802.3"},
        {"ether[12:2] = 0", "length of an IEEE 802.3"},
        {"vlan 1 and vlan 2 and vlan 3", "more than two"},
        {"vlan 5 or ether[20] = 1", "may have a VLAN tag or not"},
        {"(ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100) and ip", "'vlan'"},
        {"ip[0xfffff000] = 1", "beyond"},
        {"ether[0xffe00000] = 1", "beyond"},
    };
    for (const auto &[expression, why] : refused) {
        const auto program = filter::compile(expression);
        ASSERT_FALSE(program) << expression;
        EXPECT_NE(program.error().why.find(why), std::string::npos)
            << expression << ": " << program.error().why;
    }
}

TEST(Rewrite, length_is_that_of_the_untagged_frame) {
    const Bytes frame = ethernet(0x800, ipv4(17, udp(1, 2))); // 14 + 32
    const auto exact = filter::compile("len = 46");
    EXPECT_TRUE(matches(*exact, view_of(frame, frame.size())));
    EXPECT_TRUE(matches(*exact, view_of(with_tag(frame, 1), frame.size() + 4)));
}

TEST(Rewrite, no_link_header_no_match) {
    const Bytes frame = untagged_frames().front();
    View view = view_of(frame, frame.size());
    view.link.clear();
    EXPECT_FALSE(matches(*filter::compile("ether src 02:00:00:00:00:02"), view));
    EXPECT_FALSE(matches(*filter::compile("not ether src 02:00:00:00:00:03"), view));
    EXPECT_TRUE(matches(*filter::compile("tcp"), view));
    EXPECT_TRUE(matches(*filter::compile("not stp"), view));
    view.protocol = 0; // nothing is known
    EXPECT_FALSE(matches(*filter::compile("stp"), view));
    EXPECT_FALSE(matches(*filter::compile("not stp"), view));
}

} // namespace
} // namespace dropctl::testing

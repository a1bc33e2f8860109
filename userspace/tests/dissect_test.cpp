// SPDX-License-Identifier: GPL-2.0-only
// Dissecting: what is said of each protocol, of packets that are cut, and of noise.
#include "packet/address.hpp"
#include "packet/dissect.hpp"

#include "filter_frames.hpp"

#include <arpa/inet.h>
#include <random>

#include <gtest/gtest.h>

namespace dropctl::packet {
namespace {

using testing::arp;
using testing::be16;
using testing::be32;
using testing::ethernet;
using testing::ipv4;
using testing::ipv6;
using testing::tcp;
using testing::udp;
using testing::operator+; // NOLINT(misc-unused-using-decls): it is used
using Vector = testing::Bytes;

Packet dissected(const Vector &bytes, uint16_t l3_protocol = 0x800) {
    Packet packet;
    dissect(bytes, l3_protocol, packet);
    return packet;
}

/// "l3 src > dst l4 sport dport [info] tunnel id (inner)", empty parts left out.
std::string told(const Packet &packet) {
    std::string text = packet.l3;
    const auto add = [&text](const std::string &word) {
        if (!word.empty()) {
            text += (text.empty() ? "" : " ") + word;
        }
    };
    add(packet.src.empty() ? "" : packet.src + " > " + packet.dst);
    add(packet.l4);
    add(packet.sport ? std::to_string(*packet.sport) + " " + std::to_string(*packet.dport) : "");
    add(packet.info.empty() ? "" : "[" + packet.info + "]");
    add(packet.vlan ? "vlan " + std::to_string(*packet.vlan) : "");
    if (packet.inner) {
        add(packet.tunnel + " " + std::to_string(packet.tunnel_id) + " (" + told(*packet.inner) +
            ")");
    }
    return text;
}

std::string ip_told(uint8_t protocol, const Vector &payload, testing::Ip4 ip = {}) {
    const std::string text = told(dissected(ipv4(protocol, payload, ip)));
    const std::string common = "ipv4 10.0.0.1 > 10.0.0.2 ";
    return text.starts_with(common) ? text.substr(common.size()) : text;
}

std::string ip6_told(uint8_t next, const Vector &payload) {
    const std::string text = told(dissected(ipv6(next, payload), 0x86dd));
    const std::string common = "ipv6 2001:db8::1 > ff02::2 ";
    return text.starts_with(common) ? text.substr(common.size()) : text;
}

TEST(Dissect, ports_and_flags) {
    EXPECT_EQ(told(dissected(ipv4(17, udp(5353, 53)))), "ipv4 10.0.0.1 > 10.0.0.2 udp 5353 53");
    EXPECT_EQ(ip_told(6, tcp(80, 40000, 0x02)), "tcp 80 40000 [flags S]");
    EXPECT_EQ(ip_told(6, tcp(80, 40000, 0x12)), "tcp 80 40000 [flags S.]");
    EXPECT_EQ(ip_told(6, tcp(80, 40000, 0x19)), "tcp 80 40000 [flags FP.]");
    EXPECT_EQ(ip_told(6, tcp(80, 40000, 0)), "tcp 80 40000 [flags none]");
    EXPECT_EQ(ip_told(132, be16(2905) + be16(7) + be32(0) + be32(0) + Vector{1, 0, 0, 4}),
              "sctp 2905 7 [init]");
    EXPECT_EQ(ip_told(33, be16(1) + be16(2) + be32(0) + Vector{0x02, 0}), "dccp 1 2 [response]");
    EXPECT_EQ(ip_told(136, udp(1, 2)), "udplite 1 2");
    EXPECT_EQ(ip_told(17, udp(1, 2), {.options = 3}), "udp 1 2");
}

TEST(Dissect, control_protocols) {
    EXPECT_EQ(ip_told(1, {8, 0, 0, 0}), "icmp [echo request]");
    EXPECT_EQ(ip_told(1, {3, 3, 0, 0}), "icmp [port unreachable]");
    EXPECT_EQ(ip_told(1, {3, 4, 0, 0, 0, 0, 5, 120}), "icmp [fragmentation needed, mtu 1400]");
    EXPECT_EQ(ip_told(1, {3, 77}), "icmp [unreachable]");
    EXPECT_EQ(ip_told(1, {200, 0}), "icmp [type 200]");
    EXPECT_EQ(ip_told(2, Vector{0x16, 0, 0, 0} + be32(0xe0000005)), "igmp [report v2 224.0.0.5]");
    EXPECT_EQ(ip_told(2, {0x22, 0, 0, 0, 0, 0, 0, 1}), "igmp [report v3]");
    EXPECT_EQ(ip_told(89, {2, 1, 0, 44}), "ospf [hello]");
    EXPECT_EQ(ip_told(103, {0x23, 0}), "pim [join/prune]");
    EXPECT_EQ(ip_told(88, {2, 5}), "eigrp [hello]");
    EXPECT_EQ(ip_told(112, {0x21, 9}), "vrrp [advertisement, id 9]");
    EXPECT_EQ(ip_told(50, be32(0xc0ffee)), "esp [spi 0xc0ffee]");
    EXPECT_EQ(ip_told(51, be32(0) + be32(0x10)), "ah [spi 0x10]");
    EXPECT_EQ(ip_told(253, {1, 2, 3}), "proto-253");
}

TEST(Dissect, icmp6) {
    EXPECT_EQ(ip6_told(58, Vector{135, 0, 0, 0, 0, 0, 0, 0} + Vector{0xfe, 0x80} + Vector(13, 0) +
                               Vector{1}),
              "icmp6 [neighbor solicitation fe80::1]");
    EXPECT_EQ(ip6_told(58, {1, 4, 0, 0}), "icmp6 [port unreachable]");
    EXPECT_EQ(ip6_told(58, Vector{2, 0, 0, 0} + be32(1280)), "icmp6 [packet too big, mtu 1280]");
    EXPECT_EQ(ip6_told(58, {128, 0}), "icmp6 [echo request]");
}

TEST(Dissect, fragments) {
    EXPECT_EQ(ip_told(17, udp(1, 2), {.fragment = 0x2000}), "udp 1 2");
    EXPECT_EQ(ip_told(17, udp(1, 2), {.fragment = 0x00b9}), "udp [fragment at 1480]");
    EXPECT_EQ(ip6_told(44, Vector{17, 0, 0, 1, 0, 0, 0, 1} + udp(53, 54)), "udp 53 54");
    EXPECT_EQ(ip6_told(44, Vector{17, 0, 0x05, 0xc8, 0, 0, 0, 1} + udp(53, 54)),
              "udp [fragment at 1480]");
}

TEST(Dissect, ipv6_extension_headers) {
    const Vector hop{60, 0, 1, 4, 0, 0, 0, 0};
    const Vector destination{6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_EQ(ip6_told(0, hop + destination + tcp(1, 2, 2)), "tcp 1 2 [flags S]");
    EXPECT_EQ(ip6_told(59, {}), "ipv6 2001:db8::1 > ff02::2");
    EXPECT_EQ(ip6_told(0, {6, 0, 0}), "ipv6 2001:db8::1 > ff02::2"); // cut in the chain
    EXPECT_EQ(ip6_told(0, {6, 200, 0, 0, 0, 0, 0, 0}), "tcp");       // longer than the packet
}

TEST(Dissect, arp_who_and_where) {
    EXPECT_EQ(told(dissected(arp(1), 0x806)), "arp [who-has 10.0.0.2 tell 10.0.0.1]");
    EXPECT_EQ(told(dissected(arp(2), 0x806)), "arp [10.0.0.1 is-at 02:00:00:00:00:02]");
    EXPECT_EQ(told(dissected({0, 1}, 0x806)), "arp");
}

TEST(Dissect, tunnels) {
    const Vector inner = ipv4(17, udp(7, 8), {.src = 0xc0a80001, .dst = 0xc0a80002});
    const std::string text = "(ipv4 192.168.0.1 > 192.168.0.2 udp 7 8)";
    const Vector frame = ethernet(0x800, inner);
    EXPECT_EQ(ip_told(4, inner), "ipip ipip 0 " + text);
    EXPECT_EQ(ip_told(41, ipv6(58, {128, 0})),
              "sit sit 0 (ipv6 2001:db8::1 > ff02::2 icmp6 [echo request])");
    EXPECT_EQ(ip6_told(4, inner), "ipip ip6tnl 0 " + text);
    EXPECT_EQ(ip_told(47, be16(0) + be16(0x800) + inner), "gre gre 0 " + text);
    EXPECT_EQ(ip_told(47, be16(0xb000) + be16(0x800) + be32(0) + be32(77) + be32(1) + inner),
              "gre gre 77 " + text);
    EXPECT_EQ(ip_told(47, be16(0x2000) + be16(0x6558) + be32(5) + frame), "gre gre 5 " + text);
    EXPECT_EQ(ip_told(47, be16(0x3001) + be16(0x880b) + be32(5)), "gre [version 1]");
    EXPECT_EQ(ip_told(17, udp(9, 4789, be32(0x08000000) + be32(100 << 8) + frame)),
              "udp 9 4789 vxlan 100 " + text);
    EXPECT_EQ(ip_told(17, udp(9, 8472,
                              be32(0x08000000) + be32(1 << 8) + testing::with_tag(frame, 0x2005))),
              "udp 9 8472 vxlan 1 (ipv4 192.168.0.1 > 192.168.0.2 udp 7 8 vlan 5)");
    EXPECT_EQ(ip_told(17, udp(9, 4789, be32(0) + be32(100 << 8) + frame)), "udp 9 4789");
    EXPECT_EQ(
        ip_told(17, udp(9, 6081, be16(0x0100) + be16(0x6558) + be32(3 << 8) + be32(0) + frame)),
        "udp 9 6081 geneve 3 " + text);
    EXPECT_EQ(told(dissected(be32(0x00064040) + be32(0x000c8140) + inner, 0x8847)),
              "mpls [label 100 200] mpls 100 " + text);
    EXPECT_EQ(told(dissected(Vector{0x11, 0, 0, 5, 0, 30, 0, 0x21} + inner, 0x8864)),
              "pppoe pppoe 5 " + text);
    EXPECT_EQ(told(dissected({0x11, 9, 0, 0, 0, 0}, 0x8863)), "pppoe-discovery [PADI]");
}

TEST(Dissect, other_protocols_by_name) {
    EXPECT_EQ(told(dissected({}, 0x88cc)), "lldp");
    EXPECT_EQ(told(dissected({}, 0x888e)), "eapol");
    EXPECT_EQ(told(dissected({1, 1}, 0x8809)), "slow [lacp]");
    EXPECT_EQ(told(dissected({}, 0x88b5)), "0x88b5");
    EXPECT_EQ(told(dissected({}, 0x0842)), "0x0842");
    EXPECT_EQ(told(dissected({0x45}, 0)), "");
    EXPECT_EQ(told(dissected({0x42, 0x42, 3}, 4)), "stp");
    EXPECT_EQ(told(dissected({0x99}, 4)), "llc");
    EXPECT_EQ(told(dissected(Vector{0xaa, 0xaa, 3, 0, 0, 0} + be16(0x88cc), 4)), "lldp");
}

TEST(Dissect, vlan_tags_in_line_and_beside) {
    const Vector tagged = be16(0x6005) + be16(0x8100) + be16(7) + be16(0x800) + ipv4(17, udp(1, 2));
    EXPECT_EQ(told(dissected(tagged, 0x88a8)), "ipv4 10.0.0.1 > 10.0.0.2 udp 1 2 vlan 5");
    EXPECT_EQ(told(dissected({0}, 0x8100)), "vlan");

    Event event;
    event.l3_protocol = 0x800;
    event.l3_offset = 14;
    event.vlan_tpid = 0x8100;
    event.vlan_tci = 0x2009;
    event.packet = ethernet(0x800, ipv4(17, udp(1, 2)));
    Packet packet;
    dissect(event, packet);
    EXPECT_EQ(told(packet), "ipv4 10.0.0.1 > 10.0.0.2 udp 1 2 vlan 9");
}

TEST(Dissect, an_event_tells_what_it_can) {
    Packet packet;
    Event event;
    dissect(event, packet);
    EXPECT_EQ(told(packet), "");
    event.l3_protocol = 0x86dd; // no bytes kept
    dissect(event, packet);
    EXPECT_EQ(told(packet), "ipv6");
    event.l3_offset = 100; // beyond them
    dissect(event, packet);
    EXPECT_EQ(told(packet), "ipv6");
    event = Event{};
    event.protocol = 4;
    event.l3_offset = 0;
    event.packet = {0x42, 0x42, 3};
    dissect(event, packet);
    EXPECT_EQ(told(packet), "stp");
}

TEST(Dissect, a_cut_packet_gives_what_is_left) {
    const Vector whole = ipv4(6, tcp(80, 443, 2));
    const auto cut = [&](size_t size) {
        return told(dissected(Vector(whole.begin(), whole.begin() + static_cast<long>(size))));
    };
    EXPECT_EQ(cut(0), "ipv4");
    EXPECT_EQ(cut(16), "ipv4 10.0.0.1 > ");
    EXPECT_EQ(cut(20), "ipv4 10.0.0.1 > 10.0.0.2 tcp");
    EXPECT_EQ(cut(24), "ipv4 10.0.0.1 > 10.0.0.2 tcp 80 443");
}

TEST(Dissect, padding_is_no_payload) {
    Vector padded = ipv4(17, {});
    padded.resize(46, 0);
    EXPECT_EQ(told(dissected(padded)), "ipv4 10.0.0.1 > 10.0.0.2 udp");
}

TEST(Dissect, a_packet_is_reused) {
    Packet packet;
    dissect(ipv4(4, ipv4(6, tcp(1, 2, 2))), 0x800, packet);
    ASSERT_TRUE(packet.inner);
    dissect(arp(1), 0x806, packet);
    EXPECT_EQ(told(packet), "arp [who-has 10.0.0.2 tell 10.0.0.1]");
}

TEST(Dissect, tunnels_in_tunnels_end) {
    Vector bytes = udp(1, 2);
    for (int i = 0; i < 50; ++i) {
        bytes = ipv4(4, bytes);
    }
    unsigned depth = 0;
    const Packet outer = dissected(bytes);
    for (const Packet *packet = &outer; packet->inner; packet = packet->inner.get()) {
        ++depth;
    }
    EXPECT_GT(depth, 3U);
    EXPECT_LT(depth, 10U);
}

TEST(Dissect, addresses_as_the_c_library_writes_them) {
    std::minstd_rand random(1);
    for (int round = 0; round < 20000; ++round) {
        Vector address(16, 0);
        for (uint8_t &byte : address) {
            const auto kind = random() % 8;
            byte = static_cast<uint8_t>(kind < 5 ? 0 : kind == 5 ? random() % 16 : random());
        }
        address[0] |= 1; // below it has a notation of its own for addresses that begin with 0
        char expected[INET6_ADDRSTRLEN];
        inet_ntop(AF_INET6, address.data(), expected, sizeof(expected));
        std::string text;
        append_ipv6(text, address);
        ASSERT_EQ(text, expected);
        inet_ntop(AF_INET, address.data(), expected, sizeof(expected));
        text.clear();
        append_ipv4(text, address);
        ASSERT_EQ(text, expected);
    }
}

TEST(Dissect, special_ipv6_addresses) {
    const auto text = [](const Vector &address) {
        std::string written;
        append_ipv6(written, address);
        return written;
    };
    EXPECT_EQ(text(Vector(16, 0)), "::");
    EXPECT_EQ(text(Vector(15, 0) + Vector{1}), "::1");
    EXPECT_EQ(text(Vector(10, 0) + be16(0xffff) + be32(0x0a000001)), "::ffff:10.0.0.1");
    EXPECT_EQ(text(be16(1) + Vector(14, 0)), "1::");
    EXPECT_EQ(text(be16(1) + be16(0) + be16(1) + be16(1) + be16(1) + be16(1) + be16(1) + be16(1)),
              "1:0:1:1:1:1:1:1");
    EXPECT_EQ(text(be16(1) + be32(0) + be16(2) + be32(0) + be16(3) + be16(4)), "1::2:0:0:3:4");
}

/// For ASan: every length, every EtherType that is known, bytes without sense.
TEST(Dissect, survives_noise) {
    std::minstd_rand random(99);
    const uint16_t types[] = {0x800, 0x86dd, 0x806, 0x8100, 0x8847, 0x8864, 0x8863, 4, 0x8809, 0};
    const uint8_t protocols[] = {0,  1,  2,  4,  6,  17, 33, 41,  43, 44,
                                 47, 50, 51, 58, 60, 88, 89, 132, 137};
    Packet packet;
    for (size_t size = 0; size < 160; ++size) {
        for (int round = 0; round < 100; ++round) {
            const auto bytes = std::make_unique<uint8_t[]>(size);
            for (size_t i = 0; i < size; ++i) {
                bytes[i] = static_cast<uint8_t>(random() >> 8);
            }
            const uint16_t type = types[random() % std::size(types)];
            const uint8_t protocol = protocols[random() % std::size(protocols)];
            if (type == 0x800 && size > 9) {
                bytes[0] = static_cast<uint8_t>(0x40 | (5 + random() % 3));
                bytes[2] = 4;
                bytes[6] &= 0x20;
                bytes[7] = 0;
                bytes[9] = protocol;
            } else if (type == 0x86dd && size > 6) {
                bytes[0] = 0x60;
                bytes[6] = protocol;
            }
            dissect({bytes.get(), size}, type, packet);
            ASSERT_LT(told(packet).size(), 2000U);
        }
    }
}

} // namespace
} // namespace dropctl::packet

// SPDX-License-Identifier: GPL-2.0-only
// For tests: builds frames from their parts.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace dropctl::testing {

using Bytes = std::vector<uint8_t>;

inline Bytes operator+(Bytes left, const Bytes &right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

inline Bytes be16(unsigned value) {
    return {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

inline Bytes be32(uint32_t value) {
    return be16(value >> 16) + be16(value & 0xffff);
}

inline Bytes ethernet(unsigned type, const Bytes &payload, uint8_t first_byte = 2) {
    return Bytes{first_byte, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2} + be16(type) + payload;
}

struct Ip4 {
    uint32_t src = 0x0a000001;
    uint32_t dst = 0x0a000002;
    unsigned fragment = 0; ///< the whole half-word
    unsigned options = 0;  ///< words
    uint8_t ttl = 64;
};

inline Bytes ipv4(uint8_t protocol, const Bytes &payload, Ip4 ip = {}) {
    const auto size = static_cast<unsigned>(20 + 4 * ip.options + payload.size());
    return Bytes{static_cast<uint8_t>(0x45 + ip.options), 0xc0} + be16(size) + be16(0x1234) +
           be16(ip.fragment) + Bytes{ip.ttl, protocol, 0, 0} + be32(ip.src) + be32(ip.dst) +
           Bytes(size_t{4} * ip.options, 1) + payload;
}

inline Bytes ipv6(uint8_t next, const Bytes &payload, uint8_t last_of_src = 1) {
    Bytes src{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last_of_src};
    Bytes dst{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    return Bytes{0x60, 0, 0, 0} + be16(static_cast<unsigned>(payload.size())) + Bytes{next, 64} +
           src + dst + payload;
}

inline Bytes tcp(unsigned sport, unsigned dport, uint8_t flags) {
    return be16(sport) + be16(dport) + be32(1000) + be32(2000) + Bytes{0x50, flags} + be16(512) +
           be16(0) + be16(0) + Bytes{'d', 'a', 't', 'a'};
}

inline Bytes udp(unsigned sport, unsigned dport, const Bytes &payload = {1, 2, 3, 4}) {
    return be16(sport) + be16(dport) + be16(static_cast<unsigned>(8 + payload.size())) + be16(0) +
           payload;
}

inline Bytes arp(unsigned operation, uint32_t src = 0x0a000001, uint32_t dst = 0x0a000002) {
    return be16(1) + be16(0x0800) + Bytes{6, 4} + be16(operation) + Bytes{2, 0, 0, 0, 0, 2} +
           be32(src) + Bytes(6, 0) + be32(dst);
}

/// Behind the addresses.
inline Bytes with_tag(const Bytes &frame, unsigned tci, unsigned tpid = 0x8100) {
    return Bytes(frame.begin(), frame.begin() + 12) + be16(tpid) + be16(tci) +
           Bytes(frame.begin() + 12, frame.end());
}

/// Frames of every kind that an expression can tell apart, whole and untagged.
inline std::vector<Bytes> untagged_frames() {
    constexpr uint32_t other = 0xc0a80105; // 192.168.1.5
    std::vector<Bytes> frames;
    for (const uint8_t flags : Bytes{0x02, 0x12, 0x10, 0x11, 0x14, 0x18}) {
        frames.push_back(ethernet(0x800, ipv4(6, tcp(80, 40000, flags))));
    }
    frames.push_back(ethernet(0x800, ipv4(6, tcp(22, 443, 0x10), {.src = other, .options = 3})));
    frames.push_back(ethernet(0x800, ipv4(17, udp(53, 5353), {.dst = other, .ttl = 1})));
    frames.push_back(ethernet(0x800, ipv4(17, udp(1024, 53), {.fragment = 0x2000})));
    frames.push_back(ethernet(0x800, ipv4(17, udp(1024, 53), {.fragment = 0x00b9})));
    frames.push_back(ethernet(0x800, ipv4(132, udp(2905, 2905))));
    frames.push_back(ethernet(0x800, ipv4(1, {8, 0, 0, 0, 0, 1, 0, 2})));
    frames.push_back(ethernet(0x800, ipv4(1, {3, 1, 0, 0, 0, 0, 0, 0}, {.options = 10})));
    frames.push_back(ethernet(0x800, ipv4(89, {2, 1, 0, 44}, {.dst = 0xe0000005}), 0x01));
    frames.push_back(ethernet(0x800, ipv4(2, {0x16, 0, 0, 0}, {.dst = 0xe0000001, .options = 1})));
    frames.push_back(ethernet(0x800, ipv4(17, udp(68, 67), {.src = 0, .dst = 0xffffffff}), 0xff));
    frames.push_back(
        ethernet(0x800, ipv4(47, be16(0x2000) + be16(0x800) + be32(7) + ipv4(6, tcp(1, 2, 2)))));
    frames.push_back(
        ethernet(0x800, ipv4(17, udp(4000, 6081,
                                     be16(0x0240) + be16(0x6558) + be32(0x500) + be32(9) + be32(9) +
                                         ethernet(0x800, ipv4(1, {8, 0, 0, 0}))))));
    frames.push_back(ethernet(0x86dd, ipv6(6, tcp(443, 50000, 0x18))));
    frames.push_back(ethernet(0x86dd, ipv6(17, udp(546, 547), 9)));
    frames.push_back(ethernet(0x86dd, ipv6(58, {135, 0, 0, 0, 1, 2, 3, 4})));
    frames.push_back(ethernet(0x86dd, ipv6(44, Bytes{17, 0, 0, 1, 0, 0, 0, 1} + udp(53, 53))));
    frames.push_back(ethernet(0x86dd, ipv6(0, Bytes{6, 0, 5, 2, 0, 0, 1, 0} + tcp(80, 80, 2))));
    frames.push_back(ethernet(0x806, arp(1)));
    frames.push_back(ethernet(0x806, arp(2, other), 0xff));
    frames.push_back(ethernet(0x8035, arp(3)));
    frames.push_back(ethernet(0x88cc, {2, 7, 4, 2, 0, 0, 0, 0, 1}, 1));
    frames.push_back(ethernet(0x8847, be32(0x00005140) + ipv4(6, tcp(80, 1, 2))));
    frames.push_back(ethernet(0x8847, be32(0x00007040) + be32(0x00005140) + ipv4(17, udp(1, 2))));
    frames.push_back(
        ethernet(0x8864, Bytes{0x11, 0, 0, 5, 0, 30, 0, 0x21} + ipv4(1, {8, 0, 0, 0})));
    frames.push_back(ethernet(0x8863, Bytes{0x11, 9, 0, 0, 0, 4, 1, 1, 0, 0}));
    frames.push_back(ethernet(38, Bytes{0x42, 0x42, 3} + Bytes(35, 0), 1));       // STP
    frames.push_back(ethernet(30, Bytes{0xfe, 0xfe, 3, 0x83} + Bytes(26, 7), 1)); // IS-IS
    frames.push_back(ethernet(34, Bytes{0xaa, 0xaa, 3, 0, 0, 0, 0x81, 0x37} + Bytes(26, 0)));
    frames.push_back(ethernet(34, Bytes{0xaa, 0xaa, 3, 8, 0, 7, 0x80, 0x9b} + Bytes(26, 0)));
    frames.push_back(ethernet(34, Bytes{0xff, 0xff} + Bytes(32, 0))); // raw IPX
    frames.push_back(ethernet(34, Bytes{0xe0, 0xe0, 3} + Bytes(31, 0)));
    frames.push_back(ethernet(0x8137, Bytes{0xff, 0xff} + Bytes(32, 0)));
    frames.push_back(ethernet(0x809b, Bytes(20, 1)));
    frames.push_back(ethernet(0x0800, Bytes(1200, 0x45)));
    return frames;
}

} // namespace dropctl::testing

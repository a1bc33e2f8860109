// SPDX-License-Identifier: GPL-2.0-only
// IPv4 and IPv6, as far as the transport header. A header that is cut short gives
// what is left of it.
#include "packet/address.hpp"
#include "packet/layers.hpp"

#include <netinet/in.h>

#include <algorithm>

namespace dropctl::packet {

namespace {

constexpr size_t ipv4_size = 20;
constexpr size_t ipv6_size = 40;

bool is_extension(uint8_t next) {
    return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS ||
           next == IPPROTO_MH || next == IPPROTO_FRAGMENT;
}

} // namespace

void dissect_ipv4(Bytes bytes, unsigned depth, Packet &out) {
    out.l3 = "ipv4";
    if (has(bytes, 12, 4)) {
        append_ipv4(out.src, bytes.subspan(12));
    }
    if (!has(bytes, 0, ipv4_size)) {
        return;
    }
    append_ipv4(out.dst, bytes.subspan(16));
    const size_t header = size_t{4} * (bytes[0] & 0x0f);
    const size_t total = be16(bytes, 2); // 0 with segmentation offload
    const uint32_t fragment = 8U * (be16(bytes, 6) & 0x1fff);
    if (bytes[0] >> 4 != 4 || header < ipv4_size) {
        out.info = "bad header";
        return;
    }
    if (total >= header) {
        bytes = bytes.first(std::min(bytes.size(), total)); // not the frame's padding
    }
    dissect_transport({from(bytes, header), bytes[9], false, fragment}, depth, out);
}

void dissect_ipv6(Bytes bytes, unsigned depth, Packet &out) {
    out.l3 = "ipv6";
    if (has(bytes, 8, 16)) {
        append_ipv6(out.src, bytes.subspan(8));
    }
    if (!has(bytes, 0, ipv6_size)) {
        return;
    }
    append_ipv6(out.dst, bytes.subspan(24));
    if (bytes[0] >> 4 != 6) {
        out.info = "bad header";
        return;
    }
    uint8_t next = bytes[6];
    const size_t length = be16(bytes, 4); // 0 in a jumbogram
    if (length != 0) {
        bytes = bytes.first(std::min(bytes.size(), ipv6_size + length));
    }
    size_t at = ipv6_size;
    uint32_t fragment = 0;
    while (is_extension(next) && fragment == 0) {
        if (!has(bytes, at, 8)) {
            return; // what it carries is not known
        }
        const bool is_fragment = next == IPPROTO_FRAGMENT;
        fragment = is_fragment ? be16(bytes, at + 2) & 0xfff8U : 0;
        next = bytes[at];
        at += is_fragment ? 8 : 8 * (size_t{bytes[at + 1]} + 1);
    }
    dissect_transport({from(bytes, at), next, true, fragment}, depth, out);
}

} // namespace dropctl::packet

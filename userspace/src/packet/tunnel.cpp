// SPDX-License-Identifier: GPL-2.0-only
// Packets in packets: RFC 2003, 2473 and 4213 (IP in IP), 2784 and 2890 (GRE),
// 7348 (VXLAN), 8926 (Geneve), 3032 (MPLS), 2516 (PPPoE). The module's own search
// for the inner packet has the same rules where both know a tunnel.
#include "packet/address.hpp"
#include "packet/layers.hpp"
#include "packet/names.hpp"

#include <linux/if_ether.h>
#include <netinet/in.h>

namespace dropctl::packet {

namespace {

constexpr size_t udp_size = 8;
constexpr size_t vxlan_size = 8;
constexpr size_t geneve_size = 8;

constexpr uint16_t port_vxlan = 4789;
constexpr uint16_t port_vxlan_old = 8472; // what Linux began with
constexpr uint16_t port_geneve = 6081;

/// By the EtherType that a tunnel's header gives.
void dissect_carried(Bytes bytes, uint16_t type, unsigned depth, Packet &out) {
    if (type == ETH_P_TEB) {
        dissect_ethernet(bytes, depth, out);
    } else {
        dissect_network(bytes, type, depth, out);
    }
}

void dissect_gre(Bytes bytes, unsigned depth, Packet &out) {
    constexpr uint16_t has_checksum = 0x8000;
    constexpr uint16_t has_routing = 0x4000;
    constexpr uint16_t has_key = 0x2000;
    constexpr uint16_t has_sequence = 0x1000;
    constexpr uint16_t version = 0x0007;
    if (!has(bytes, 0, 4)) {
        return;
    }
    const uint16_t flags = be16(bytes, 0);
    if ((flags & (version | has_routing)) != 0) { // PPTP's, or long deprecated
        out.info = "version ";
        append_number(out.info, flags & version);
        return;
    }
    size_t at = (flags & has_checksum) != 0 ? 8 : 4;
    uint32_t key = 0;
    if ((flags & has_key) != 0) {
        if (!has(bytes, at, 4)) {
            return;
        }
        key = be32(bytes, at);
        at += 4;
    }
    at += (flags & has_sequence) != 0 ? 4 : 0;
    if (Packet *inner = enter_tunnel("gre", key, depth, out)) {
        dissect_carried(from(bytes, at), be16(bytes, 2), depth + 1, *inner);
    }
}

void dissect_geneve(Bytes bytes, unsigned depth, Packet &out) {
    if (!has(bytes, 0, geneve_size) || bytes[0] >> 6 != 0) {
        return;
    }
    const size_t header = geneve_size + size_t{4} * (bytes[0] & 0x3f);
    if (Packet *inner = enter_tunnel("geneve", be32(bytes, 4) >> 8, depth, out)) {
        dissect_carried(from(bytes, header), be16(bytes, 2), depth + 1, *inner);
    }
}

void dissect_vxlan(Bytes bytes, unsigned depth, Packet &out) {
    constexpr uint8_t has_vni = 0x08;
    if (!has(bytes, 0, vxlan_size) || (bytes[0] & has_vni) == 0) {
        return;
    }
    if (Packet *inner = enter_tunnel("vxlan", be32(bytes, 4) >> 8, depth, out)) {
        dissect_ethernet(bytes.subspan(vxlan_size), depth + 1, *inner);
    }
}

/// By the version that an IP header begins with.
void dissect_ip(Bytes bytes, unsigned depth, Packet &out) {
    const int version = bytes.empty() ? 0 : bytes[0] >> 4;
    if (version == 4 || version == 6) {
        dissect_network(bytes, version == 4 ? ETH_P_IP : ETH_P_IPV6, depth, out);
    }
}

} // namespace

void dissect_tunnel(const Payload &payload, unsigned depth, Packet &out) {
    if (payload.protocol == IPPROTO_GRE) {
        dissect_gre(payload.bytes, depth, out);
        return;
    }
    if (payload.protocol == IPPROTO_MPLS) {
        dissect_mpls(payload.bytes, depth, out);
        return;
    }
    const bool carries_ipv6 = payload.protocol == IPPROTO_IPV6;
    const auto name = payload.in_ipv6 ? "ip6tnl" : carries_ipv6 ? "sit" : "ipip";
    if (Packet *inner = enter_tunnel(name, 0, depth, out)) {
        dissect_network(payload.bytes, carries_ipv6 ? ETH_P_IPV6 : ETH_P_IP, depth + 1, *inner);
    }
}

void dissect_udp_tunnel(Bytes bytes, unsigned depth, Packet &out) {
    if (!out.dport || !has(bytes, udp_size, 1)) {
        return;
    }
    switch (*out.dport) {
    case port_vxlan:
    case port_vxlan_old:
        dissect_vxlan(bytes.subspan(udp_size), depth, out);
        break;
    case port_geneve:
        dissect_geneve(bytes.subspan(udp_size), depth, out);
        break;
    default:
        break;
    }
}

void dissect_mpls(Bytes bytes, unsigned depth, Packet &out) {
    constexpr uint32_t is_bottom = 0x100;
    constexpr unsigned labels_most = 8; // more is no stack but garbage
    if (!has(bytes, 0, 4)) {
        return;
    }
    const uint32_t label = be32(bytes, 0) >> 12;
    out.info = "label";
    uint32_t entry = 0;
    for (unsigned i = 0; i < labels_most && (entry & is_bottom) == 0 && has(bytes, 0, 4); ++i) {
        entry = be32(bytes, 0);
        out.info += ' ';
        append_number(out.info, entry >> 12);
        bytes = bytes.subspan(4);
    }
    if ((entry & is_bottom) == 0 || bytes.empty()) {
        return;
    }
    if (Packet *inner = enter_tunnel("mpls", label, depth, out)) {
        dissect_ip(bytes, depth + 1, *inner);
    }
}

void dissect_pppoe(Bytes bytes, unsigned depth, Packet &out) {
    constexpr size_t pppoe_size = 6;
    constexpr uint16_t ppp_ipv4 = 0x0021;
    constexpr uint16_t ppp_ipv6 = 0x0057;
    if (!has(bytes, 0, pppoe_size)) {
        return;
    }
    if (bytes[1] != 0) { // discovery
        out.info = pppoe_name(bytes[1]);
        return;
    }
    if (!has(bytes, pppoe_size, 2)) {
        return;
    }
    const uint16_t protocol = be16(bytes, pppoe_size);
    if (protocol != ppp_ipv4 && protocol != ppp_ipv6) {
        out.info = "ppp 0x";
        append_hex(out.info, protocol);
    } else if (Packet *inner = enter_tunnel("pppoe", be16(bytes, 2), depth, out)) {
        dissect_network(from(bytes, pppoe_size + 2), protocol == ppp_ipv4 ? ETH_P_IP : ETH_P_IPV6,
                        depth + 1, *inner);
    }
}

} // namespace dropctl::packet

// SPDX-License-Identifier: GPL-2.0-only
// The link layer, and the way to whatever the EtherType names.
#include "packet/dissect.hpp"

#include "packet/address.hpp"
#include "packet/layers.hpp"
#include "packet/names.hpp"

#include <linux/if_ether.h>

namespace dropctl::packet {

namespace {

bool is_tag_type(uint16_t type) {
    return type == ETH_P_8021Q || type == ETH_P_8021AD || type == ETH_P_QINQ1;
}

/// "0x88cc": an EtherType without a name.
void append_ether_type(std::string &text, uint16_t type) {
    text += "0x";
    for (unsigned limit = 0x1000; limit > type && limit > 1; limit >>= 4) {
        text += '0';
    }
    append_hex(text, type);
}

/// A tag in line: TCI, then the EtherType behind it.
void dissect_tag(Bytes bytes, unsigned depth, Packet &out) {
    if (!has(bytes, 0, 4)) {
        out.l3 = ether_type_name(ETH_P_8021Q);
        return;
    }
    if (!out.vlan) {
        out.vlan = static_cast<uint16_t>(be16(bytes, 0) & 0x0fff);
    }
    const uint16_t type = be16(bytes, 2);
    if (type < ETH_P_802_3_MIN) {
        dissect_llc(bytes.subspan(4), depth + 1, out);
    } else {
        dissect_network(bytes.subspan(4), type, depth + 1, out);
    }
}

void dissect_by_name(Bytes bytes, uint16_t ether_type, Packet &out) {
    constexpr uint8_t lacp = 1;
    const auto name = ether_type_name(ether_type);
    if (name.empty()) {
        append_ether_type(out.l3, ether_type);
    } else {
        out.l3 = name;
    }
    if (ether_type == ETH_P_SLOW && has(bytes, 0, 1) && bytes[0] == lacp) {
        out.info = "lacp";
    }
}

} // namespace

void Packet::clear() {
    l3.clear();
    src.clear();
    dst.clear();
    l4.clear();
    sport.reset();
    dport.reset();
    info.clear();
    vlan.reset();
    inner.reset();
    tunnel.clear();
    tunnel_id = 0;
}

void dissect_network(Bytes bytes, uint16_t ether_type, unsigned depth, Packet &out) {
    if (is_tag_type(ether_type) && depth < depth_most) {
        dissect_tag(bytes, depth, out);
        return;
    }
    switch (ether_type) {
    case ETH_P_IP:
        dissect_ipv4(bytes, depth, out);
        break;
    case ETH_P_IPV6:
        dissect_ipv6(bytes, depth, out);
        break;
    case ETH_P_ARP:
    case ETH_P_RARP:
        out.l3 = ether_type_name(ether_type);
        dissect_arp(bytes, out);
        break;
    case ETH_P_MPLS_UC:
    case ETH_P_MPLS_MC:
        out.l3 = ether_type_name(ether_type);
        dissect_mpls(bytes, depth, out);
        break;
    case ETH_P_PPP_DISC:
    case ETH_P_PPP_SES:
        out.l3 = ether_type_name(ether_type);
        dissect_pppoe(bytes, depth, out);
        break;
    default:
        dissect_by_name(bytes, ether_type, out);
    }
}

void dissect_ethernet(Bytes bytes, unsigned depth, Packet &out) {
    if (!has(bytes, 0, ETH_HLEN)) {
        return;
    }
    const uint16_t type = be16(bytes, 2 * size_t{ETH_ALEN});
    if (type < ETH_P_802_3_MIN) {
        dissect_llc(bytes.subspan(ETH_HLEN), depth, out);
    } else {
        dissect_network(bytes.subspan(ETH_HLEN), type, depth, out);
    }
}

void dissect_llc(Bytes bytes, unsigned depth, Packet &out) {
    constexpr uint8_t snap = 0xaa;
    constexpr size_t snap_size = 8; // LLC, organisation, type
    out.l3 = "llc";
    if (!has(bytes, 0, 1)) {
        return;
    }
    const bool is_plain_snap = bytes[0] == snap && has(bytes, 0, snap_size) && bytes[3] == 0 &&
                               be16(bytes, 4) == 0 && be16(bytes, 6) >= ETH_P_802_3_MIN;
    if (is_plain_snap && depth < depth_most) {
        out.l3.clear();
        dissect_network(bytes.subspan(snap_size), be16(bytes, 6), depth + 1, out);
    } else if (const auto name = llc_name(bytes[0]); !name.empty()) {
        out.l3 = name;
    }
}

Packet *enter_tunnel(std::string_view tunnel, uint32_t id, unsigned depth, Packet &out) {
    if (depth >= depth_most) {
        return nullptr;
    }
    out.tunnel = tunnel;
    out.tunnel_id = id;
    out.inner = std::make_unique<Packet>();
    return out.inner.get();
}

void dissect(Bytes bytes, uint16_t l3_protocol, Packet &out) {
    out.clear();
    if (l3_protocol == ETH_P_802_2) {
        dissect_llc(bytes, 0, out);
    } else if (l3_protocol >= ETH_P_802_3_MIN) {
        dissect_network(bytes, l3_protocol, 0, out);
    }
}

void dissect(const Event &event, Packet &out) {
    Bytes bytes;
    if (event.l3_offset) {
        bytes = from(event.packet, *event.l3_offset);
    }
    const bool is_llc = event.l3_protocol == 0 && event.protocol == ETH_P_802_2;
    dissect(bytes, is_llc ? event.protocol : event.l3_protocol, out);
    if (event.vlan_tpid != 0) {
        out.vlan = static_cast<uint16_t>(event.vlan_tci & 0x0fff);
    }
}

} // namespace dropctl::packet

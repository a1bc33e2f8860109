// SPDX-License-Identifier: GPL-2.0-only
// What has ports; the rest goes to control.cpp and tunnel.cpp.
#include "packet/address.hpp"
#include "packet/layers.hpp"
#include "packet/names.hpp"

#include <netinet/in.h>

namespace dropctl::packet {

namespace {

/// Ports are the first four bytes of all of them.
void read_ports(Bytes bytes, Packet &out) {
    if (has(bytes, 0, 4)) {
        out.sport = be16(bytes, 0);
        out.dport = be16(bytes, 2);
    }
}

/// As tcpdump writes them; "." is ACK.
void read_tcp_flags(Bytes bytes, Packet &out) {
    constexpr std::string_view letters = "FSRP.UEW"; // from the lowest bit on
    if (!has(bytes, 13, 1)) {
        return;
    }
    out.info = "flags ";
    const size_t before = out.info.size();
    for (size_t bit = 0; bit < letters.size(); ++bit) {
        if ((bytes[13] >> bit & 1) != 0) {
            out.info += letters[bit];
        }
    }
    if (out.info.size() == before) {
        out.info += "none";
    }
}

void name_protocol(const Payload &payload, Packet &out) {
    const auto name = ip_protocol_name(payload.protocol);
    if (payload.protocol == IPPROTO_IPV6 && !payload.in_ipv6) {
        out.l4 = "sit";
    } else if (!name.empty()) {
        out.l4 = name;
    } else if (payload.protocol != IPPROTO_NONE || !payload.in_ipv6) {
        out.l4 = "proto-";
        append_number(out.l4, payload.protocol);
    }
}

} // namespace

void dissect_transport(const Payload &payload, unsigned depth, Packet &out) {
    name_protocol(payload, out);
    if (payload.fragment != 0) { // the header was in the first one
        out.info = "fragment at ";
        append_number(out.info, payload.fragment);
        return;
    }
    const Bytes bytes = payload.bytes;
    switch (payload.protocol) {
    case IPPROTO_TCP:
        read_ports(bytes, out);
        read_tcp_flags(bytes, out);
        break;
    case IPPROTO_UDP:
        read_ports(bytes, out);
        dissect_udp_tunnel(bytes, depth, out);
        break;
    case IPPROTO_UDPLITE:
        read_ports(bytes, out);
        break;
    case IPPROTO_SCTP:
        read_ports(bytes, out);
        if (has(bytes, 12, 1)) {
            out.info = sctp_name(bytes[12]);
        }
        break;
    case IPPROTO_DCCP:
        read_ports(bytes, out);
        if (has(bytes, 8, 1)) {
            out.info = dccp_name(bytes[8] >> 1 & 0xf);
        }
        break;
    case IPPROTO_GRE:
    case IPPROTO_IPIP:
    case IPPROTO_IPV6:
    case IPPROTO_MPLS:
        dissect_tunnel(payload, depth, out);
        break;
    default:
        dissect_control(payload, out);
    }
}

} // namespace dropctl::packet

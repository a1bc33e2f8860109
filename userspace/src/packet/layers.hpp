// SPDX-License-Identifier: GPL-2.0-only
// The dissector's parts, each for one header; private to packet/. A part fills in
// what it finds and hands the rest on. `depth` counts tunnels and tags, so that
// no packet can make it go on for ever.
#pragma once

#include "packet/bytes.hpp"
#include "packet/dissect.hpp"

namespace dropctl::packet {

constexpr unsigned depth_most = 6;

/// From a network header on, by EtherType.
void dissect_network(Bytes bytes, uint16_t ether_type, unsigned depth, Packet &out);
/// From an Ethernet header on.
void dissect_ethernet(Bytes bytes, unsigned depth, Packet &out);
/// From an LLC header on, the payload of an 802.3 frame.
void dissect_llc(Bytes bytes, unsigned depth, Packet &out);

void dissect_ipv4(Bytes bytes, unsigned depth, Packet &out);
void dissect_ipv6(Bytes bytes, unsigned depth, Packet &out);
void dissect_arp(Bytes bytes, Packet &out);
void dissect_mpls(Bytes bytes, unsigned depth, Packet &out);
void dissect_pppoe(Bytes bytes, unsigned depth, Packet &out);

/// What an IP packet carries.
struct Payload {
    Bytes bytes;       ///< from the transport header on
    uint8_t protocol;  ///< of it
    bool in_ipv6;      ///< the header before it was that of IPv6
    uint32_t fragment; ///< offset of this part in the packet, bytes; 0: has the header
};
void dissect_transport(const Payload &payload, unsigned depth, Packet &out);
void dissect_control(const Payload &payload, Packet &out);
void dissect_tunnel(const Payload &payload, unsigned depth, Packet &out);
void dissect_udp_tunnel(Bytes bytes, unsigned depth, Packet &out);

/// A packet to take what a tunnel carries; null if there are too many already.
Packet *enter_tunnel(std::string_view tunnel, uint32_t id, unsigned depth, Packet &out);

} // namespace dropctl::packet

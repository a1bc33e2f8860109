// SPDX-License-Identifier: GPL-2.0-only
// What a packet's bytes say: addresses, ports, protocol, and the packet inside
// a tunnel. Bounds-checked on every byte, for truncated and hostile packets.
#pragma once

#include "model.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace dropctl::packet {

/// A packet taken apart as far as its bytes reach.
struct Packet {
    std::string l3;       ///< "ipv4", "ipv6", "arp", ..., "0x88cc"; empty: unknown
    std::string src, dst; ///< numeric; empty where there are none
    std::string l4;       ///< "tcp", "udp", "icmp", "ospf", ..., "proto-253"; empty: none
    std::optional<uint16_t> sport, dport;
    std::string info; ///< short, for people: "echo request", "hello", "flags S", "who-has 10.0.0.1"
    std::optional<uint16_t> vlan;  ///< VLAN id of the outer tag
    std::unique_ptr<Packet> inner; ///< the packet inside VXLAN, GRE, Geneve, IP-in-IP
    std::string tunnel;            ///< how inner is carried: "vxlan", "gre", "geneve", "ipip", ...
    uint32_t tunnel_id = 0;        ///< VNI or key, 0 if none

    void clear();
};

/// Dissect from the network header on.
/// @param l3_protocol EtherType, 0: unknown, then only what is certain is given.
/// @param out reused from call to call; overwritten.
void dissect(std::span<const uint8_t> bytes, uint16_t l3_protocol, Packet &out);

/// Dissect an event's packet bytes, VLAN tag included.
void dissect(const Event &event, Packet &out);

} // namespace dropctl::packet

// SPDX-License-Identifier: GPL-2.0-only
// ARP and RARP. The addresses go into the info, since neither side sends to the other.
#include "packet/address.hpp"
#include "packet/layers.hpp"

#include <linux/if_ether.h>

namespace dropctl::packet {

void dissect_arp(Bytes bytes, Packet &out) {
    constexpr size_t size = 28; // for Ethernet and IPv4
    constexpr uint16_t request = 1;
    constexpr uint16_t reply = 2;
    if (!has(bytes, 0, size) || be16(bytes, 2) != ETH_P_IP || bytes[4] != ETH_ALEN ||
        bytes[5] != 4) {
        return;
    }
    const Bytes sender_mac = bytes.subspan(8);
    const Bytes sender = bytes.subspan(14);
    const Bytes target = bytes.subspan(24);
    switch (be16(bytes, 6)) {
    case request:
        out.info = "who-has ";
        append_ipv4(out.info, target);
        out.info += " tell ";
        append_ipv4(out.info, sender);
        break;
    case reply:
        append_ipv4(out.info, sender);
        out.info += " is-at ";
        append_mac(out.info, sender_mac);
        break;
    default:
        out.info = "operation ";
        append_number(out.info, be16(bytes, 6));
    }
}

} // namespace dropctl::packet

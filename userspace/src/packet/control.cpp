// SPDX-License-Identifier: GPL-2.0-only
// Protocols that carry no data of users: what kind of message it is.
#include "packet/address.hpp"
#include "packet/layers.hpp"
#include "packet/names.hpp"

#include <netinet/in.h>

namespace dropctl::packet {

namespace {

constexpr uint8_t protocol_ospf = 89;
constexpr uint8_t protocol_eigrp = 88;
constexpr uint8_t protocol_vrrp = 112;

void put_type(std::string_view name, uint8_t type, Packet &out) {
    if (!name.empty()) {
        out.info = name;
        return;
    }
    out.info = "type ";
    append_number(out.info, type);
}

void dissect_icmp(Bytes bytes, Packet &out) {
    constexpr uint8_t unreachable = 3;
    constexpr uint8_t fragmentation_needed = 4;
    const auto code = bytes[0] == unreachable ? icmp_unreachable_name(bytes[1]) : "";
    put_type(code.empty() ? icmp_name(bytes[0]) : code, bytes[0], out);
    if (bytes[0] == unreachable && bytes[1] == fragmentation_needed && has(bytes, 6, 2)) {
        out.info += ", mtu ";
        append_number(out.info, be16(bytes, 6));
    }
}

void dissect_icmp6(Bytes bytes, Packet &out) {
    constexpr uint8_t unreachable = 1;
    constexpr uint8_t too_big = 2;
    constexpr uint8_t neighbor_solicitation = 135;
    constexpr uint8_t neighbor_advertisement = 136;
    const auto code = bytes[0] == unreachable ? icmp6_unreachable_name(bytes[1]) : "";
    put_type(code.empty() ? icmp6_name(bytes[0]) : code, bytes[0], out);
    if (bytes[0] == too_big && has(bytes, 4, 4)) {
        out.info += ", mtu ";
        append_number(out.info, be32(bytes, 4));
    }
    if ((bytes[0] == neighbor_solicitation || bytes[0] == neighbor_advertisement) &&
        has(bytes, 8, 16)) {
        out.info += ' ';
        append_ipv6(out.info, bytes.subspan(8));
    }
}

void dissect_igmp(Bytes bytes, Packet &out) {
    constexpr uint8_t report_v3 = 0x22; // has a list of groups
    put_type(igmp_name(bytes[0]), bytes[0], out);
    if (bytes[0] != report_v3 && has(bytes, 4, 4) && be32(bytes, 4) != 0) {
        out.info += ' ';
        append_ipv4(out.info, bytes.subspan(4));
    }
}

void dissect_spi(Bytes bytes, size_t at, Packet &out) {
    if (has(bytes, at, 4)) {
        out.info = "spi 0x";
        append_hex(out.info, be32(bytes, at));
    }
}

} // namespace

void dissect_control(const Payload &payload, Packet &out) {
    const Bytes bytes = payload.bytes;
    if (!has(bytes, 0, 2)) {
        return;
    }
    switch (payload.protocol) {
    case IPPROTO_ICMP:
        return dissect_icmp(bytes, out);
    case IPPROTO_ICMPV6:
        return dissect_icmp6(bytes, out);
    case IPPROTO_IGMP:
        return dissect_igmp(bytes, out);
    case protocol_ospf:
        return put_type(ospf_name(bytes[1]), bytes[1], out);
    case IPPROTO_PIM:
        return put_type(pim_name(bytes[0] & 0xf), bytes[0] & 0xf, out);
    case protocol_eigrp:
        return put_type(eigrp_name(bytes[1]), bytes[1], out);
    case protocol_vrrp:
        out.info = "advertisement, id ";
        return append_number(out.info, bytes[1]);
    case IPPROTO_ESP:
        return dissect_spi(bytes, 0, out);
    case IPPROTO_AH:
        return dissect_spi(bytes, 4, out);
    default:
        return;
    }
}

} // namespace dropctl::packet

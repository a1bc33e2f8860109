// SPDX-License-Identifier: GPL-2.0-only
// Names of numbers in packets, as tcpdump has them where it has any.
#pragma once

#include <cstdint>
#include <string_view>

namespace dropctl::packet {

/// All give an empty name to a number that has none.
std::string_view ether_type_name(uint16_t type);
std::string_view ip_protocol_name(uint8_t protocol);
std::string_view icmp_name(uint8_t type);
std::string_view icmp_unreachable_name(uint8_t code);
std::string_view icmp6_name(uint8_t type);
std::string_view icmp6_unreachable_name(uint8_t code);
std::string_view igmp_name(uint8_t type);
std::string_view ospf_name(uint8_t type);
std::string_view pim_name(uint8_t type);
std::string_view eigrp_name(uint8_t opcode);
std::string_view sctp_name(uint8_t chunk_type);
std::string_view dccp_name(uint8_t type);
std::string_view pppoe_name(uint8_t code);
std::string_view llc_name(uint8_t dsap);

} // namespace dropctl::packet

// SPDX-License-Identifier: GPL-2.0-only
// Addresses as text, appended to a string that is reused from packet to packet.
#pragma once

#include "packet/bytes.hpp"

#include <string>

namespace dropctl::packet {

void append_number(std::string &text, uint32_t number);
void append_hex(std::string &text, uint32_t number);

/// 4 bytes.
void append_ipv4(std::string &text, Bytes address);
/// 16 bytes; as RFC 5952 wants it.
void append_ipv6(std::string &text, Bytes address);
/// 6 bytes, with colons.
void append_mac(std::string &text, Bytes address);

} // namespace dropctl::packet

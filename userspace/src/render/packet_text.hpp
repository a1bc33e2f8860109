// SPDX-License-Identifier: GPL-2.0-only
// A packet in the words that people use for it: "10.0.0.7.5353 > 10.0.0.9.53".
#pragma once

#include "packet/dissect.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace dropctl::render {

/// Who talks to whom, with ports; without addresses, what is known instead.
std::string addresses(const packet::Packet &packet);

/// The protocol that the packet carries, as a short word; may be empty.
std::string protocol(const packet::Packet &packet);

/// What else there is to tell in a few words: flags, the packet in a tunnel; may be empty.
std::string details(const packet::Packet &packet);

/// Bytes in lines of sixteen, hexadecimal and as text, each line after `indent`.
std::string hexdump(std::span<const uint8_t> bytes, const std::string &indent);

} // namespace dropctl::render

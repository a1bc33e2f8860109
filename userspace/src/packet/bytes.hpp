// SPDX-License-Identifier: GPL-2.0-only
// Bytes of a packet, read with care: what is not there reads as nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace dropctl::packet {

using Bytes = std::span<const uint8_t>;

/// Are there `size` bytes from `at` on?
inline bool has(Bytes bytes, size_t at, size_t size) {
    return at <= bytes.size() && size <= bytes.size() - at;
}

/// Big-endian numbers; the caller has asked has().
inline uint16_t be16(Bytes bytes, size_t at) {
    return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
inline uint32_t be32(Bytes bytes, size_t at) {
    return uint32_t{be16(bytes, at)} << 16 | be16(bytes, at + 2);
}

/// From `at` on; nothing if that is beyond the end.
inline Bytes from(Bytes bytes, size_t at) {
    return at < bytes.size() ? bytes.subspan(at) : Bytes{};
}

} // namespace dropctl::packet

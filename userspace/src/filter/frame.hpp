// SPDX-License-Identifier: GPL-2.0-only
// Where the bytes of an Ethernet frame are to be found in the module's view.
#pragma once

#include <linux/if_ether.h>

#include <cstdint>

namespace dropctl::filter {

constexpr uint32_t addresses_size = 2 * ETH_ALEN;
constexpr uint32_t tag_size = 4;
constexpr uint32_t tags_most = 2; ///< that the module tells apart

/// Offset of the network header behind so many VLAN tags.
constexpr uint32_t link_size(uint32_t tags) {
    return ETH_HLEN + tag_size * tags;
}

/// A field of a frame.
struct Field {
    enum class Kind {
        Address,   ///< MAC addresses; offset in the frame
        EtherType, ///< at `level`: the TPID of a tag or what follows the tags
        Tci,       ///< of the tag at `level`
        Network,   ///< from the network header on; offset from there
        Torn,      ///< part of an EtherType or tag, or across a border
    };

    Kind kind;
    uint32_t offset = 0;
    uint32_t level = 0;
};

/// The field at `offset` of a frame that has so many VLAN tags, `size` in bytes.
Field field_at(uint32_t offset, uint32_t size, uint32_t tags);

/// Is this the EtherType of a VLAN tag, as libpcap and the kernel take it?
bool is_tag_type(uint32_t ether_type);

} // namespace dropctl::filter

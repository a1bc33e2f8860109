// SPDX-License-Identifier: GPL-2.0-only
// The layout of an Ethernet frame, as arithmetic.
#include "filter/frame.hpp"

namespace dropctl::filter {

Field field_at(uint32_t offset, uint32_t size, uint32_t tags) {
    if (offset >= link_size(tags)) {
        return {.kind = Field::Kind::Network, .offset = offset - link_size(tags)};
    }
    if (offset + size <= addresses_size) {
        return {.kind = Field::Kind::Address, .offset = offset};
    }
    if (size != 2 || offset < addresses_size || offset % 2 != 0) {
        return {.kind = Field::Kind::Torn};
    }
    const uint32_t level = (offset - addresses_size) / tag_size;
    if ((offset - addresses_size) % tag_size == 0) {
        return {.kind = Field::Kind::EtherType, .level = level};
    }
    return {.kind = Field::Kind::Tci, .level = level};
}

bool is_tag_type(uint32_t ether_type) {
    return ether_type == ETH_P_8021Q || ether_type == ETH_P_8021AD || ether_type == ETH_P_QINQ1;
}

} // namespace dropctl::filter

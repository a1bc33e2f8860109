// SPDX-License-Identifier: GPL-2.0-only
// Rewriter: loads. Each is given back its meaning in the frame.
#include "filter/frame.hpp"
#include "filter/rewriter.hpp"

#include <array>

namespace dropctl::filter {

namespace {

/// The TCI of the tag at a level: outer, then inner.
constexpr std::array<int, tags_most> tci_words{SKF_AD_VLAN_TAG, SKF_AD_QUEUE};

uint32_t bytes(unsigned size) {
    return size == BPF_W ? 4 : size == BPF_H ? 2 : 1;
}

Error refuse_ancillary(uint32_t k) {
    if (k == ancillary(SKF_AD_PKTTYPE)) {
        return Error{"filter", "'inbound' and 'outbound' cannot be tested: the kernel marks "
                               "outgoing packets only in the copies that sniffers get"};
    }
    if (k == ancillary(SKF_AD_IFINDEX)) {
        return Error{"filter", "'ifindex' cannot be tested", "--dev takes an interface's name"};
    }
    return Error{"filter", "libpcap uses what the module does not know"};
}

} // namespace

Result<void> Rewriter::load(const sock_filter &insn) {
    const unsigned size = BPF_SIZE(insn.code);
    switch (BPF_MODE(insn.code)) {
    case BPF_IMM:
        now_.a = Value::constant(insn.k);
        emit(insn);
        return {};
    case BPF_MEM:
        now_.a = now_.memory[insn.k];
        if (now_.a.is_number()) {
            emit(insn);
        }
        return {};
    case BPF_LEN:
        now_.a = Value::number(ETH_HLEN, UINT32_MAX);
        emit(insn);
        emit(instruction(BPF_ALU | BPF_ADD, ETH_HLEN)); // with BPF_K, which is 0
        return {};
    case BPF_ABS:
        if (insn.k < ancillary(0)) {
            return load_header(size, insn.k, false);
        }
        return refuse_ancillary(insn.k);
    default:
        return load_index(insn);
    }
}

/// [x + k]. Unoptimised code has it for every index that the user wrote; one that
/// is constant after all becomes a plain load.
Result<void> Rewriter::load_index(const sock_filter &insn) {
    const unsigned size = BPF_SIZE(insn.code);
    const uint32_t base = link_size(now_.assumed_tags);
    if (!now_.x.is_number()) {
        return refuse("an EtherType as an index");
    }
    if (!now_.x.is_constant() || insn.k > UINT32_MAX - now_.x.low) {
        return load_computed(size, insn.k);
    }
    return load_header(size, now_.x.low + insn.k, insn.k < base);
}

Result<void> Rewriter::load_computed(unsigned size, uint32_t k) {
    const uint32_t base = link_size(now_.assumed_tags);
    if (k < base) {
        // The whole offset, link header included, is in X (geneve; ether[...]).
        const bool certain = now_.least_tags == now_.assumed_tags &&
                             now_.most_tags == now_.assumed_tags && now_.x.high < INT32_MAX;
        if (!certain || now_.x.low + k < base) {
            return refuse("ether[...] with a computed index");
        }
    }
    // Modulo 2^32, as the sum with X is: below 0 only if that is certain to be above.
    emit(instruction(BPF_LD | size | BPF_IND, k - base));
    now_.a = loaded(size);
    return {};
}

Result<void> Rewriter::load_header(unsigned size, uint32_t offset, bool written_by_user) {
    if (offset > INT32_MAX) { // where the kernel has the link header and the ancillary words
        return refuse("an offset beyond the end of any packet");
    }
    const uint32_t tags = written_by_user ? now_.least_tags : now_.assumed_tags;
    if (written_by_user && offset + bytes(size) > addresses_size &&
        now_.least_tags != now_.most_tags) {
        return refuse("ether[...] where a packet may have a VLAN tag or not "
                      "(put it before 'vlan', or after 'vlan and')");
    }
    const Field field = field_at(offset, bytes(size), tags);
    now_.a = loaded(size);
    switch (field.kind) {
    case Field::Kind::Network:
        emit(instruction(BPF_LD | size | BPF_ABS, field.offset));
        return {};
    case Field::Kind::Address:
        emit(
            instruction(BPF_LD | size | BPF_ABS, static_cast<uint32_t>(SKF_LL_OFF) + field.offset));
        return {};
    case Field::Kind::EtherType:
        if (!written_by_user && field.level != tags) {
            return refuse("the EtherTypes of all VLAN tags in place of 'vlan'");
        }
        now_.a = Value::ether_type(field.level);
        return {};
    case Field::Kind::Tci:
        if (field.level >= tags_most) {
            return refuse("more than two VLAN tags");
        }
        emit(load_ancillary(tci_words[field.level]));
        return {};
    case Field::Kind::Torn:
        break;
    }
    return refuse("part of an EtherType or VLAN tag, or several fields at a time");
}

Result<void> Rewriter::load_x(const sock_filter &insn) {
    switch (BPF_MODE(insn.code)) {
    case BPF_IMM:
        now_.x = Value::constant(insn.k);
        emit(insn);
        return {};
    case BPF_MEM:
        now_.x = now_.memory[insn.k];
        if (now_.x.is_number()) {
            emit(insn);
        }
        return {};
    case BPF_MSH:
        if (insn.k >= link_size(now_.assumed_tags)) {
            emit(instruction(insn.code, insn.k - link_size(now_.assumed_tags)));
            now_.x = Value::number(0, 4 * 0xf);
            return {};
        }
        break;
    default:
        break;
    }
    return refuse("an index that libpcap is not known to make");
}

} // namespace dropctl::filter

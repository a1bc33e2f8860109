// SPDX-License-Identifier: GPL-2.0-only
// Rewriter: arithmetic and comparisons. Here it turns out which of the module's
// words an EtherType has to be.
#include "filter/frame.hpp"
#include "filter/rewriter.hpp"

#include <algorithm>
#include <array>

namespace dropctl::filter {

namespace {

/// The TPID of the tag at a level: outer, then inner.
constexpr std::array<int, tags_most> tpid_words{SKF_AD_VLAN_TPID, SKF_AD_RXHASH};

constexpr uint32_t length_most = 1500; ///< as libpcap has it; no EtherType is below 1536

} // namespace

Result<void> Rewriter::calculate(const sock_filter &insn) {
    const bool with_x = BPF_SRC(insn.code) == BPF_X && BPF_OP(insn.code) != BPF_NEG;
    const Value right = with_x ? now_.x : Value::constant(insn.k);
    if (now_.a.is_number() && right.is_number()) {
        emit(insn);
        now_.a = compute(BPF_OP(insn.code), now_.a, right);
        return {};
    }
    // How libpcap compares: "sub x; jeq #0", whichever side the EtherType is on.
    const Value &type = now_.a.is_ether_type() ? now_.a : right;
    const Value &other = now_.a.is_ether_type() ? right : now_.a;
    if (BPF_OP(insn.code) != BPF_SUB || !type.is_ether_type() || type.minus != 0 ||
        !other.is_constant()) {
        return refuse("arithmetic on an EtherType");
    }
    Value difference = type;
    difference.minus = other.low;
    now_.a = difference;
    return {};
}

Result<void> Rewriter::compare() {
    const Block &block = in_[at_];
    sock_filter &end = out().end;
    out().when_true = moved(block.when_true);
    out().when_false = moved(block.when_false);
    const bool with_x = BPF_SRC(end.code) == BPF_X;
    if (with_x && now_.x.is_constant()) {
        end = instruction(BPF_JMP | BPF_OP(end.code) | BPF_K, now_.x.low);
    }
    State when_true = now_;
    State when_false = now_;
    if (now_.a.is_ether_type()) {
        const Value value = now_.a;
        const uint32_t wanted = value.minus != 0 ? value.minus : end.k;
        if (BPF_OP(end.code) == BPF_JEQ && is_tag_type(wanted)) {
            when_true.least_tags = std::max(now_.least_tags, value.level + 1);
            when_true.most_tags = std::max(now_.most_tags, value.level + 1);
        }
        if (auto done = compare_ether_type(value); !done) {
            return done.error();
        }
    } else if (!now_.a.is_number() || (with_x && !now_.x.is_number())) {
        return refuse("an EtherType compared with a field of the packet");
    }
    const VlanTest &vlan = vlan_tests_[at_];
    when_true.assumed_tags += vlan.part ? 1 : 0;
    when_false.assumed_tags += vlan.last ? 1 : 0;
    leave(block.when_true, when_true);
    leave(block.when_false, when_false);
    return {};
}

/// Load the word that stands for this EtherType, for the comparison in out().end.
Result<void> Rewriter::compare_ether_type(Value value) {
    sock_filter &end = out().end;
    const auto operation = BPF_OP(end.code);
    if (BPF_SRC(end.code) != BPF_K || operation == BPF_JSET) {
        return refuse("an EtherType other than compared with a number");
    }
    if (value.minus != 0) {
        if (operation != BPF_JEQ || end.k != 0) {
            return refuse("arithmetic on an EtherType");
        }
        end.k = value.minus;
    }
    const bool is_equal = operation == BPF_JEQ;
    if (value.level < now_.least_tags || (is_equal && is_tag_type(end.k))) {
        if (value.level >= tags_most) {
            return refuse("more than two VLAN tags");
        }
        emit(load_ancillary(tpid_words[value.level]));
        return {};
    }
    if (is_equal && end.k < ETH_P_802_3_MIN) {
        return refuse("the length of an IEEE 802.3 frame, which the kernel does not keep");
    }
    emit(load_ancillary(SKF_AD_PROTOCOL));
    return is_equal ? Result<void>{}
                    : compare_with_length(operation == BPF_JGT ? end.k : end.k - 1);
}

/// EtherType > `limit`. Below 1536 it is the length of an 802.3 frame.
Result<void> Rewriter::compare_with_length(uint32_t limit) {
    if (limit == UINT32_MAX || limit < length_most) {
        return refuse("the length of an IEEE 802.3 frame, which the kernel does not keep");
    }
    if (limit < ETH_P_802_3_MIN - 1) {
        tell_length_from_type();
    }
    return {};
}

/// PROTOCOL is no EtherType for 802.3 frames and for unknown packets alike. The link
/// header tells; where tags are in line it begins with one of theirs, and then what
/// PROTOCOL does not know behind them is a length. Without a link header: no match.
void Rewriter::tell_length_from_type() {
    const size_t is_type = out().when_true;
    const size_t is_length = out().when_false;
    out().end = instruction(BPF_JMP | BPF_JGE | BPF_K, ETH_P_802_3_MIN);
    size_t part = parts * at_ + 1;
    out().when_false = part;
    out_[part].body = {
        instruction(BPF_LD | BPF_H | BPF_ABS, static_cast<uint32_t>(SKF_LL_OFF) + addresses_size)};
    out_[part].end = instruction(BPF_JMP | BPF_JGT | BPF_K, length_most);
    out_[part].when_true = part + 1;
    out_[part].when_false = is_length;
    for (const uint32_t tag_type : {ETH_P_8021Q, ETH_P_8021AD, ETH_P_QINQ1}) {
        ++part;
        out_[part].end = instruction(BPF_JMP | BPF_JEQ | BPF_K, tag_type);
        out_[part].when_true = is_length;
        out_[part].when_false = tag_type == ETH_P_QINQ1 ? is_type : part + 1;
    }
}

} // namespace dropctl::filter

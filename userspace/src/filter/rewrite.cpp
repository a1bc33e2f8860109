// SPDX-License-Identifier: GPL-2.0-only
// Moves a program from the frame on the wire to the packet as the module sees it.
//
// Of the link header the module keeps the addresses, up to two VLAN tags and the
// EtherType behind all tags; it does not keep where they were, because a packet is
// met before as well as after its tags were taken off. So the walk below gives each
// load its meaning back (filter/frame.hpp) and says it in the module's words:
//
//   EtherType == 0x8100, 0x88a8, 0x9100   the TPID of the tag at that depth
//   EtherType == anything else            PROTOCOL, behind all tags
//   TCI                                   VLAN_TAG, QUEUE
//   addresses                             SKF_LL_OFF
//   network header and beyond             the same, counted from there
//   length of the packet                  plus 14: what the frame has without tags
//
// Thus `host X` holds for tagged packets too, where tcpdump wants `vlan and host X`;
// both work. All else means what tcpdump makes of it, or is refused.
//
// libpcap's offsets grow by a tag's size after each `vlan` of the expression, true or
// not (`vlan 5 or ip`). State::assumed_tags follows that; where paths meet, the larger
// number is the right one, the other path having jumped over a `vlan`: `(ip or vlan 5)
// and tcp`. An offset that the user wrote in ether[...] counts from the start of the
// frame instead, and there it matters how many tags the tests on this path have found:
// State::least_tags and most_tags.
//
// An EtherType is loaded only where it is compared, when it is known which of the
// ancillary words it has to be; until then it is a Value in State and no code.
#include "filter/rewriter.hpp"
#include "filter/shorten.hpp"

#include <linux/droptrace.h>

namespace dropctl::filter {

Error refuse(const std::string &why) {
    return Error{"filter", "cannot be tested here: " + why,
                 "of the link header, the addresses, the EtherType as a whole and two VLAN tags "
                 "can be tested; see dropctl(8)"};
}

Result<Graph> Rewriter::run() {
    states_[0] = State{};
    for (at_ = 0; at_ < in_.size(); ++at_) {
        if (!states_[at_]) {
            continue;
        }
        now_ = *states_[at_];
        for (const sock_filter &insn : in_[at_].body) {
            if (auto done = step(insn); !done) {
                return done.error();
            }
        }
        if (auto done = end_block(); !done) {
            return done.error();
        }
    }
    return std::move(out_);
}

Result<void> Rewriter::step(const sock_filter &insn) {
    switch (BPF_CLASS(insn.code)) {
    case BPF_LD:
        return load(insn);
    case BPF_LDX:
        return load_x(insn);
    case BPF_ST:
        store(insn.k, now_.a, insn.code);
        return {};
    case BPF_STX:
        store(insn.k, now_.x, insn.code);
        return {};
    case BPF_ALU:
        return calculate(insn);
    default: // BPF_MISC
        (BPF_MISCOP(insn.code) == BPF_TAX ? now_.x : now_.a) =
            BPF_MISCOP(insn.code) == BPF_TAX ? now_.a : now_.x;
        if (now_.a.is_number()) { // the two are the same now
            emit(insn);
        }
        return {};
    }
}

void Rewriter::store(uint32_t cell, const Value &value, unsigned code) {
    now_.memory[cell] = value;
    if (value.is_number()) {
        emit(instruction(code, cell));
    }
}

Result<void> Rewriter::end_block() {
    const Block &block = in_[at_];
    out().end = block.end;
    if (block.compares()) {
        return compare();
    }
    if (block.returns()) {
        return BPF_RVAL(block.end.code) == BPF_A ? refuse("a result that is not constant")
                                                 : Result<void>{};
    }
    out().when_true = moved(block.when_true);
    leave(block.when_true, now_);
    return {};
}

void Rewriter::leave(size_t to, const State &state) {
    to = destination(in_, to);
    states_[to] = states_[to] ? states_[to]->joined(state) : state;
}

Result<Program> rewrite(const Program &program) {
    const auto graph = take_apart(program);
    if (!graph) {
        return graph.error();
    }
    auto rewritten = Rewriter(*graph).run();
    if (!rewritten) {
        return rewritten.error();
    }
    shorten(*rewritten);
    Program moved = lay_out(*rewritten);
    if (moved.size() > DROPTRACE_PROG_MAX) {
        return Error{"filter", "the expression is too long: " + std::to_string(moved.size()) +
                                   " instructions, and the kernel takes " +
                                   std::to_string(DROPTRACE_PROG_MAX)};
    }
    return moved;
}

} // namespace dropctl::filter

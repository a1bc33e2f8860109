// SPDX-License-Identifier: GPL-2.0-only
// What is still needed, found from the program's end, and what is not.
#include "filter/shorten.hpp"

#include <cstddef>

namespace dropctl::filter {

namespace {

constexpr Live cell(uint32_t k) {
    return Live{4} << k;
}

/// What an instruction reads and what it sets.
struct Effect {
    Live reads = 0;
    Live sets = 0;
    bool may_end = false; ///< the program, with "no match"
};

Effect effect_of_load(const sock_filter &insn, Live target) {
    switch (BPF_MODE(insn.code)) {
    case BPF_MEM:
        return {.reads = cell(insn.k), .sets = target};
    case BPF_IND:
        return {.reads = live_x, .sets = target, .may_end = true};
    case BPF_ABS:
        return {.sets = target, .may_end = insn.k < static_cast<uint32_t>(SKF_AD_OFF)};
    case BPF_MSH:
        return {.sets = target, .may_end = true};
    default:
        return {.sets = target};
    }
}

Effect effect_of(const sock_filter &insn) {
    switch (BPF_CLASS(insn.code)) {
    case BPF_LD:
        return effect_of_load(insn, live_a);
    case BPF_LDX:
        return effect_of_load(insn, live_x);
    case BPF_ST:
        return {.reads = live_a, .sets = cell(insn.k)};
    case BPF_STX:
        return {.reads = live_x, .sets = cell(insn.k)};
    case BPF_ALU: {
        const bool with_x = BPF_SRC(insn.code) == BPF_X && BPF_OP(insn.code) != BPF_NEG;
        const bool divides = BPF_OP(insn.code) == BPF_DIV || BPF_OP(insn.code) == BPF_MOD;
        return {
            .reads = live_a | (with_x ? live_x : 0), .sets = live_a, .may_end = with_x && divides};
    }
    default:
        return BPF_MISCOP(insn.code) == BPF_TAX ? Effect{.reads = live_a, .sets = live_x}
                                                : Effect{.reads = live_x, .sets = live_a};
    }
}

Live live_at_end(const Graph &graph, const Block &block, const std::vector<Live> &entry) {
    if (block.returns()) {
        return BPF_RVAL(block.end.code) == BPF_A ? live_a : 0;
    }
    Live live = entry[destination(graph, block.when_true)];
    if (block.compares()) {
        live |= entry[destination(graph, block.when_false)] | live_a;
        live |= BPF_SRC(block.end.code) == BPF_X ? live_x : 0;
    }
    return live;
}

Live before(const Effect &effect, Live live) {
    return (live & ~effect.sets) | effect.reads;
}

bool is(const sock_filter &insn, unsigned code) {
    return insn.code == code;
}

/// "ld #c; ldx ...; add x; tax; ld [x + k]" becomes "ldx ...; ld [x + (c + k)]": how
/// libpcap adds an accessor's index to the length of the IP header. The inner ldx
/// need not be there. `live`: after the load.
bool fold_index(std::vector<sock_filter> &body, size_t load, Live live) {
    constexpr uint32_t largest = 1U << 16; // no sum can pass 2^32 that did not before
    if (load < 3 || (live & live_x) != 0 || BPF_CLASS(body[load].code) != BPF_LD ||
        BPF_MODE(body[load].code) != BPF_IND || !is(body[load - 1], BPF_MISC | BPF_TAX) ||
        !is(body[load - 2], BPF_ALU | BPF_ADD | BPF_X)) {
        return false;
    }
    const bool has_inner = BPF_CLASS(body[load - 3].code) == BPF_LDX;
    const size_t index = load - (has_inner ? 4 : 3);
    if ((has_inner && load < 4) || !is(body[index], BPF_LD | BPF_IMM) || body[index].k >= largest ||
        body[load].k >= largest) {
        return false;
    }
    body[load].k += body[index].k;
    const auto begin = body.begin();
    body.erase(begin + static_cast<std::ptrdiff_t>(load) - 2,
               begin + static_cast<std::ptrdiff_t>(load));
    body.erase(begin + static_cast<std::ptrdiff_t>(index));
    return true;
}

/// "sub #k; jeq #0" becomes "jeq #k" where nobody else wants the difference.
void fold_difference(Block &block, Live live_after) {
    if (!block.body.empty() && is(block.end, BPF_JMP | BPF_JEQ | BPF_K) && block.end.k == 0 &&
        is(block.body.back(), BPF_ALU | BPF_SUB | BPF_K) && (live_after & live_a) == 0) {
        block.end.k = block.body.back().k;
        block.body.pop_back();
    }
}

} // namespace

std::vector<Live> find_live(const Graph &graph) {
    std::vector<Live> entry(graph.size(), 0);
    for (size_t i = graph.size(); i-- > 0;) {
        const Block &block = graph[i];
        Live live = live_at_end(graph, block, entry);
        for (size_t at = block.body.size(); at-- > 0;) {
            live = before(effect_of(block.body[at]), live);
        }
        entry[i] = live;
    }
    return entry;
}

void drop_dead(Graph &graph) {
    std::vector<Live> entry(graph.size(), 0);
    for (size_t i = graph.size(); i-- > 0;) {
        Block &block = graph[i];
        if (block.compares()) {
            fold_difference(block, entry[destination(graph, block.when_true)] |
                                       entry[destination(graph, block.when_false)]);
        }
        Live live = live_at_end(graph, block, entry);
        for (size_t at = block.body.size(); at-- > 0;) {
            const Effect effect = effect_of(block.body[at]);
            if ((effect.sets & live) == 0 && !effect.may_end) {
                block.body.erase(block.body.begin() + static_cast<std::ptrdiff_t>(at));
                continue;
            }
            if (fold_index(block.body, at, live)) {
                at -= 3;
            }
            live = before(effect_of(block.body[at]), live);
        }
        entry[i] = live;
    }
}

} // namespace dropctl::filter

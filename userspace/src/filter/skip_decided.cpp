// SPDX-License-Identifier: GPL-2.0-only
// Leads edges past comparisons that are decided already. libpcap asks for the
// EtherType before every part of an expression; after the first answer the
// others are known (`host X` tests it six times).
#include "filter/shorten.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace dropctl::filter {

namespace {

/// What comparisons on the way told of one load's value.
struct Fact {
    std::optional<uint32_t> equal;
    std::vector<uint32_t> unequal; ///< unless `equal`
    bool operator==(const Fact &) const = default;

    [[nodiscard]] bool excludes(uint32_t k) const {
        return equal ? *equal != k : std::find(unequal.begin(), unequal.end(), k) != unequal.end();
    }
};

using Facts = std::map<Name, Fact>;

// So that long lists of hosts stay cheap; what comes first is asked for most often.
constexpr size_t unequal_most = 32;
constexpr size_t loads_most = 16;

/// Keep of `mine` what `other` says too.
void meet(Facts &mine, const Facts &other) {
    for (auto it = mine.begin(); it != mine.end();) {
        const auto also = other.find(it->first);
        if (also == other.end()) {
            it = mine.erase(it);
            continue;
        }
        Fact &fact = it->second;
        if (fact != also->second) {
            if (fact.equal) {
                fact.unequal = also->second.unequal;
                std::erase(fact.unequal, *fact.equal);
                fact.equal.reset();
            } else {
                std::erase_if(fact.unequal, [&](uint32_t k) { return !also->second.excludes(k); });
            }
        }
        ++it;
    }
}

bool is_equality(const Block &block) {
    return block.end.code == (BPF_JMP | BPF_JEQ | BPF_K);
}

void learn(Facts &facts, const Name &tested, const Block &block, bool holds) {
    if (!is_equality(block) || tested.kind != Name::Kind::Load ||
        (facts.size() >= loads_most && !facts.contains(tested))) {
        return;
    }
    Fact &fact = facts[tested];
    if (holds) {
        fact = {.equal = block.end.k, .unequal = {}};
    } else if (!fact.equal && fact.unequal.size() < unequal_most) {
        fact.unequal.push_back(block.end.k);
    }
}

/// The comparison's outcome, if the facts tell.
std::optional<bool> outcome(const Facts &facts, const Name &tested, const Block &block) {
    const auto found = facts.find(tested);
    if (found == facts.end() || !block.compares() || BPF_SRC(block.end.code) != BPF_K) {
        return std::nullopt;
    }
    const Fact &fact = found->second;
    const uint32_t k = block.end.k;
    switch (BPF_OP(block.end.code)) {
    case BPF_JEQ:
        return fact.equal ? std::optional(*fact.equal == k)
                          : (fact.excludes(k) ? std::optional(false) : std::nullopt);
    case BPF_JGT:
        return fact.equal ? std::optional(*fact.equal > k) : std::nullopt;
    case BPF_JGE:
        return fact.equal ? std::optional(*fact.equal >= k) : std::nullopt;
    default:
        return fact.equal ? std::optional((*fact.equal & k) != 0) : std::nullopt;
    }
}

/// Does the block do nothing but load what it compares, or not even that?
bool only_compares(const Block &block, const Name &tested) {
    return block.compares() && tested.kind == Name::Kind::Load &&
           (block.body.empty() || (block.body.size() == 1 && block.body[0].code == tested.code &&
                                   block.body[0].k == tested.k));
}

class Skipping {
  public:
    Skipping(Graph &graph, const std::vector<Name> &tested)
        : graph_(graph), tested_(tested), live_(find_live(graph)), entry_(graph.size()) {}

    void run() {
        entry_[destination(graph_, 0)] = Facts{};
        for (size_t i = 0; i < graph_.size(); ++i) {
            if (!entry_[i] || graph_[i].returns()) {
                continue;
            }
            Block &block = graph_[i];
            const Facts facts = std::move(*entry_[i]);
            Facts when_true = facts;
            learn(when_true, tested_[i], block, true);
            block.when_true = leave(block.when_true, std::move(when_true));
            if (block.compares()) {
                Facts when_false = facts;
                learn(when_false, tested_[i], block, false);
                block.when_false = leave(block.when_false, std::move(when_false));
            }
        }
    }

  private:
    /// As far along as the facts lead. A block that loads can only be skipped for
    /// one that does not want the register; one that does not load, always.
    size_t leave(size_t to, Facts facts) {
        size_t at = destination(graph_, to);
        size_t arrived = at;
        bool loads = false;
        while (only_compares(graph_[at], tested_[at])) {
            const auto holds = outcome(facts, tested_[at], graph_[at]);
            if (!holds) {
                break;
            }
            loads |= !graph_[at].body.empty();
            at = destination(graph_, *holds ? graph_[at].when_true : graph_[at].when_false);
            if (!loads || (live_[at] & live_a) == 0) {
                arrived = at;
            }
        }
        auto &entry = entry_[arrived];
        if (entry) {
            meet(*entry, facts);
        } else {
            entry = std::move(facts);
        }
        return arrived;
    }

    Graph &graph_;
    const std::vector<Name> &tested_;
    std::vector<Live> live_;
    std::vector<std::optional<Facts>> entry_;
};

} // namespace

void skip_decided(Graph &graph, const std::vector<Name> &tested) {
    Skipping(graph, tested).run();
}

} // namespace dropctl::filter

// SPDX-License-Identifier: GPL-2.0-only
// Frequencies flow from the entry down, split at branches; ways back are left out, and
// what a loop holds is multiplied instead.
#include "code/frequency.hpp"

#include <algorithm>

namespace dropctl::code {

namespace {

constexpr double behind = 1.0;        ///< weight of the way to what stands behind the branch
constexpr double elsewhere = 1.0 / 3; ///< of the way to another place
constexpr double unlikely = 0.01;     ///< of the way to what ends badly, or was put far away
constexpr double rounds = 8;          ///< of a loop
constexpr double least = 1e-6;

class Spread {
  public:
    explicit Spread(const Cfg &cfg)
        : cfg_(cfg), graph_(cfg.graph()), frequency_(cfg.blocks.size()), rank_(cfg.blocks.size()) {}

    std::vector<double> run() {
        if (cfg_.blocks.empty()) {
            return {};
        }
        const std::vector<Node> order = graph_.reverse_postorder(cfg_.entry);
        for (size_t i = 0; i < order.size(); i++) {
            rank_[order[i]] = i;
        }
        frequency_[cfg_.entry] = 1;
        for (const Node node : order) {
            frequency_[node] = std::max(frequency_[node], least);
            pass_on(node);
        }
        for (const Loop &loop : find_loops(graph_, cfg_.entry)) {
            for (const Node node : loop.nodes) {
                frequency_[node] *= rounds;
            }
        }
        return std::move(frequency_);
    }

  private:
    [[nodiscard]] double weight(const Block &from, const Block &to) const {
        const bool bad = to.exit == BlockEnd::NoReturn || to.exit == BlockEnd::Trap || to.warns;
        if (bad || (is_cold(to.start) && !is_cold(from.start))) {
            return unlikely;
        }
        return to.start == from.end ? behind : elsewhere;
    }

    [[nodiscard]] bool is_cold(uint64_t address) const {
        return !cfg_.parts.empty() && !cfg_.parts.front().range.holds(address);
    }

    void pass_on(Node node) {
        const Block &from = cfg_.blocks[node];
        double sum = 0;
        for (const BlockIndex next : from.successors) {
            sum += is_back(node, next) ? 0 : weight(from, cfg_.blocks[next]);
        }
        for (const BlockIndex next : from.successors) {
            if (!is_back(node, next)) {
                frequency_[next] += frequency_[node] * weight(from, cfg_.blocks[next]) / sum;
            }
        }
    }

    [[nodiscard]] bool is_back(Node from, Node to) const { return rank_[to] <= rank_[from]; }

    const Cfg &cfg_;
    Graph graph_;
    std::vector<double> frequency_;
    std::vector<size_t> rank_; ///< place in reverse postorder
};

} // namespace

std::vector<double> block_frequencies(const Cfg &cfg) {
    return Spread(cfg).run();
}

} // namespace dropctl::code

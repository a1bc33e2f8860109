// SPDX-License-Identifier: GPL-2.0-only
// The walk over a program for Ethernet frames that makes one for the module's view;
// what it does and why stands in rewrite.cpp. Private to rewrite*.cpp.
#pragma once

#include "filter/graph.hpp"
#include "filter/value.hpp"
#include "filter/vlan_test.hpp"

#include <linux/if_ether.h>

#include <optional>
#include <string>

namespace dropctl::filter {

/// The Error for what the module's view does not have.
Error refuse(const std::string &why);

constexpr uint32_t ancillary(int word) {
    return static_cast<uint32_t>(SKF_AD_OFF + word);
}

constexpr sock_filter load_ancillary(int word) {
    return instruction(BPF_LD | BPF_W | BPF_ABS, ancillary(word));
}

class Rewriter {
  public:
    explicit Rewriter(const Graph &graph)
        : in_(graph), vlan_tests_(find_vlan_tests(graph)), states_(graph.size()),
          out_(graph.size() * parts, Block{{}, instruction(BPF_RET | BPF_K), 0, 0}) {}

    Result<Graph> run();

  private:
    Result<void> step(const sock_filter &insn);
    Result<void> load(const sock_filter &insn);
    Result<void> load_index(const sock_filter &insn);
    Result<void> load_header(unsigned size, uint32_t offset, bool written_by_user);
    Result<void> load_computed(unsigned size, uint32_t k);
    Result<void> load_x(const sock_filter &insn);
    Result<void> calculate(const sock_filter &insn);
    void store(uint32_t cell, const Value &value, unsigned code);
    Result<void> end_block();
    Result<void> compare();
    Result<void> compare_ether_type(Value value);
    Result<void> compare_with_length(uint32_t limit);
    void tell_length_from_type();
    void leave(size_t to, const State &state);
    void emit(const sock_filter &insn) { out().body.push_back(insn); }

    /// A block becomes this many, for what takes several comparisons; most stay unused.
    static constexpr size_t parts = 5;
    [[nodiscard]] size_t moved(size_t block) const { return parts * destination(in_, block); }
    Block &out() { return out_[parts * at_]; }

    const Graph &in_;
    std::vector<VlanTest> vlan_tests_;
    std::vector<std::optional<State>> states_; ///< on entry to a block; none: not reached
    Graph out_;
    size_t at_ = 0;
    State now_;
};

} // namespace dropctl::filter

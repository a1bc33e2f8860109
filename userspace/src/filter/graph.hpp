// SPDX-License-Identifier: GPL-2.0-only
// A classic BPF program as a graph of blocks, which can be changed without
// counting instructions: jumps name blocks until the graph is laid out again.
// Jumps go forward only, so the order of the blocks is always topological.
#pragma once

#include "filter/compile.hpp"

namespace dropctl::filter {

/// Instructions that run one after the other, and the one that ends them.
struct Block {
    std::vector<sock_filter> body; ///< no jump, no return
    sock_filter end{};             ///< BPF_RET, BPF_JMP|BPF_JA, or a comparison (BPF_JMP)
    size_t when_true = 0;          ///< next block; the only one of a BPF_JA
    size_t when_false = 0;         ///< next block of a comparison that fails

    [[nodiscard]] bool returns() const { return BPF_CLASS(end.code) == BPF_RET; }
    [[nodiscard]] bool jumps() const { return end.code == (BPF_JMP | BPF_JA); }
    [[nodiscard]] bool compares() const { return !returns() && !jumps(); }
};

/// Blocks in topological order; the program begins at the first.
using Graph = std::vector<Block>;

/// One instruction; the jump offsets of a comparison are the layout's business.
constexpr sock_filter instruction(unsigned code, uint32_t k = 0) {
    return {.code = static_cast<uint16_t>(code), .jt = 0, .jf = 0, .k = k};
}

/// Where an edge leads once blocks that do nothing but jump are skipped.
size_t destination(const Graph &graph, size_t block);

/// Take a program apart. Fails on a jump backwards (protochain) or out of it.
Result<Graph> take_apart(const Program &program);

/// Lay a graph out again, leaving out what cannot be reached. A jump further than
/// a comparison's 8 bits gets an unconditional one of its own.
Program lay_out(const Graph &graph);

} // namespace dropctl::filter

// SPDX-License-Identifier: GPL-2.0-only
// Cuts a program into blocks and lays blocks out as a program.
#include "filter/graph.hpp"

namespace dropctl::filter {

namespace {

constexpr size_t nowhere = SIZE_MAX;

Error malformed(const char *why) {
    return Error{"filter", why};
}

bool uses_memory(const sock_filter &insn) {
    const auto kind = BPF_CLASS(insn.code);
    return kind == BPF_ST || kind == BPF_STX ||
           ((kind == BPF_LD || kind == BPF_LDX) && BPF_MODE(insn.code) == BPF_MEM);
}

/// The instructions that begin a block; out of range or backwards is refused.
Result<std::vector<bool>> find_starts(const Program &program) {
    std::vector<bool> starts(program.size() + 1, false);
    starts[0] = true;
    for (size_t pc = 0; pc < program.size(); ++pc) {
        const sock_filter &insn = program[pc];
        const auto kind = BPF_CLASS(insn.code);
        if (uses_memory(insn) && insn.k >= BPF_MEMWORDS) {
            return malformed("a memory cell that does not exist");
        }
        if (kind != BPF_JMP && kind != BPF_RET) {
            continue;
        }
        starts[pc + 1] = true;
        if (kind == BPF_RET) {
            continue;
        }
        const bool always = insn.code == (BPF_JMP | BPF_JA);
        for (const size_t offset : {size_t{always ? insn.k : insn.jt}, size_t{insn.jf}}) {
            if (offset >= program.size() - pc - 1) {
                return always && static_cast<int32_t>(insn.k) < 0
                           ? malformed("'protochain' takes a loop, which the kernel does not run")
                           : malformed("a jump leaves the program");
            }
            starts[pc + 1 + offset] = true;
        }
    }
    return starts;
}

std::vector<bool> reachable(const Graph &graph) {
    std::vector<bool> reached(graph.size(), false);
    reached[destination(graph, 0)] = true;
    for (size_t i = 0; i < graph.size(); ++i) {
        const Block &block = graph[i];
        if (!reached[i] || block.returns()) {
            continue;
        }
        reached[destination(graph, block.when_true)] = true;
        if (block.compares()) {
            reached[destination(graph, block.when_false)] = true;
        }
    }
    return reached;
}

/// A block's place in the layout and the jumps it needs besides its own.
struct Place {
    size_t start = nowhere;
    bool far_true = false;
    bool far_false = false;

    [[nodiscard]] size_t size(const Block &block) const {
        return block.body.size() + 1 + (far_true ? 1 : 0) + (far_false ? 1 : 0);
    }
    /// Of the comparison itself.
    [[nodiscard]] size_t end(const Block &block) const { return start + block.body.size(); }
};

class Layout {
  public:
    explicit Layout(const Graph &graph)
        : graph_(graph), reached_(reachable(graph)), places_(graph.size()) {}

    Program run() {
        do {
            place();
        } while (lengthen());
        Program program;
        for (size_t i = 0; i < graph_.size(); ++i) {
            if (reached_[i]) {
                emit(i, program);
            }
        }
        return program;
    }

  private:
    void place() {
        size_t next = 0;
        for (size_t i = 0; i < graph_.size(); ++i) {
            if (reached_[i]) {
                places_[i].start = next;
                next += places_[i].size(graph_[i]);
            }
        }
    }

    [[nodiscard]] size_t target(size_t block) const {
        return places_[destination(graph_, block)].start;
    }

    /// Grants far jumps where they are needed; they make others longer, so the
    /// caller repeats until nothing changes. They are never taken back.
    bool lengthen() {
        bool changed = false;
        for (size_t i = 0; i < graph_.size(); ++i) {
            const Block &block = graph_[i];
            if (!reached_[i] || !block.compares()) {
                continue;
            }
            Place &place = places_[i];
            const size_t next = place.end(block) + 1;
            const bool far_true = place.far_true || target(block.when_true) - next > UINT8_MAX;
            const bool far_false = place.far_false || target(block.when_false) - next > UINT8_MAX;
            changed |= far_true != place.far_true || far_false != place.far_false;
            place.far_true = far_true;
            place.far_false = far_false;
        }
        return changed;
    }

    void emit(size_t index, Program &program) const {
        const Block &block = graph_[index];
        program.insert(program.end(), block.body.begin(), block.body.end());
        if (block.returns()) {
            program.push_back(block.end);
            return;
        }
        const size_t next = program.size() + 1;
        if (block.jumps()) {
            program.push_back(instruction(BPF_JMP | BPF_JA,
                                          static_cast<uint32_t>(target(block.when_true) - next)));
            return;
        }
        emit_comparison(block, places_[index], program);
    }

    void emit_comparison(const Block &block, const Place &place, Program &program) const {
        const size_t next = program.size() + 1;
        const size_t after_true = next + (place.far_true ? 1 : 0);
        sock_filter end = block.end;
        end.jt = static_cast<uint8_t>(place.far_true ? 0 : target(block.when_true) - next);
        end.jf = static_cast<uint8_t>(place.far_false ? after_true - next
                                                      : target(block.when_false) - next);
        program.push_back(end);
        for (const auto &[is_far, to] : {std::pair{place.far_true, block.when_true},
                                         std::pair{place.far_false, block.when_false}}) {
            if (is_far) {
                const size_t after = program.size() + 1;
                program.push_back(
                    instruction(BPF_JMP | BPF_JA, static_cast<uint32_t>(target(to) - after)));
            }
        }
    }

    const Graph &graph_;
    std::vector<bool> reached_;
    std::vector<Place> places_;
};

/// Give a block its last instruction, the one at `pc`.
void end_block(const Program &program, size_t pc, const std::vector<size_t> &block_of,
               Block &block) {
    const sock_filter &insn = program[pc];
    const auto kind = BPF_CLASS(insn.code);
    if (kind != BPF_JMP && kind != BPF_RET) { // runs on into the next block
        block.body.push_back(insn);
        block.end = instruction(BPF_JMP | BPF_JA);
        block.when_true = block_of[pc + 1];
        return;
    }
    block.end = insn;
    if (kind == BPF_JMP) {
        const bool always = block.jumps();
        block.when_true = block_of[pc + 1 + (always ? insn.k : insn.jt)];
        block.when_false = block_of[pc + 1 + (always ? insn.k : insn.jf)];
    }
}

} // namespace

size_t destination(const Graph &graph, size_t block) {
    while (graph[block].jumps() && graph[block].body.empty()) {
        block = graph[block].when_true;
    }
    return block;
}

Result<Graph> take_apart(const Program &program) {
    if (program.empty() || BPF_CLASS(program.back().code) != BPF_RET) {
        return malformed("the program does not end");
    }
    const auto starts = find_starts(program);
    if (!starts) {
        return starts.error();
    }
    std::vector<size_t> block_of(program.size() + 1, 0);
    size_t blocks = 0;
    for (size_t pc = 0; pc < program.size(); ++pc) {
        blocks += (*starts)[pc] ? 1 : 0;
        block_of[pc] = blocks - 1;
    }
    Graph graph(blocks);
    for (size_t pc = 0; pc < program.size(); ++pc) {
        Block &block = graph[block_of[pc]];
        if ((*starts)[pc + 1]) {
            end_block(program, pc, block_of, block);
        } else {
            block.body.push_back(program[pc]);
        }
    }
    return graph;
}

Program lay_out(const Graph &graph) {
    return Layout(graph).run();
}

} // namespace dropctl::filter

// SPDX-License-Identifier: GPL-2.0-only
// The second half: cuts instructions into blocks where control comes in or goes
// away, and draws the edges.
#include "code/cfg_builder.hpp"

#include "code/flow_reader.hpp"

#include <algorithm>
#include <unordered_set>

namespace dropctl::code {

namespace {

class BlockCutter {
  public:
    explicit BlockCutter(FlowReader &flow) : flow_(flow) {}

    Cfg run() {
        cfg_.instructions = std::move(flow_.instructions);
        for (const Instruction &instruction : cfg_.instructions) {
            const auto bytes = flow_.bytes_of(instruction);
            cfg_.bytes.insert(cfg_.bytes.end(), bytes.begin(), bytes.end());
        }
        cfg_.parts = std::move(flow_.parts);
        cfg_.restored = std::move(flow_.restored);
        cfg_.static_branches = std::move(flow_.static_branches);
        mark_leaders();
        cut();
        add_outside();
        number_blocks();
        for (size_t i = 0; i < cfg_.blocks.size(); i++) {
            connect(static_cast<BlockIndex>(i));
        }
        for (BlockIndex i = 0; i < cfg_.blocks.size(); i++) {
            for (const BlockIndex next : cfg_.blocks[i].successors) {
                cfg_.blocks[next].predecessors.push_back(i);
            }
        }
        place_calls();
        read_static_branches();
        cfg_.entry = numbers_.at(cfg_.parts.front().range.start);
        return std::move(cfg_);
    }

  private:
    void mark_leaders() {
        for (const auto &[address, leave] : flow_.leaves) {
            leaders_.insert(leave.targets.begin(), leave.targets.end());
        }
        // Where instructions overlap (a jump into one, past its prefix) they are cut apart.
        const auto &code = cfg_.instructions;
        for (size_t i = 0; i + 1 < code.size(); i++) {
            if (code[i].end() != code[i + 1].address) {
                leaders_.insert(code[i].end());
            }
        }
    }

    void cut() {
        const auto &code = cfg_.instructions;
        bool open = false;
        for (uint32_t i = 0; i < code.size(); i++) {
            if (!open || leaders_.contains(code[i].address)) {
                cfg_.blocks.emplace_back();
                cfg_.blocks.back().start = code[i].address;
                cfg_.blocks.back().first = i;
            }
            Block &block = cfg_.blocks.back();
            block.count++;
            block.end = code[i].end();
            const auto leave = flow_.leaves.find(code[i].address);
            const bool ends = leave != flow_.leaves.end() && leave->second.end != BlockEnd::Next;
            if (leave != flow_.leaves.end()) {
                block.warns = block.warns || leave->second.warns;
            }
            open = !ends && i + 1 < code.size() && code[i + 1].address == code[i].end();
        }
    }

    void add_outside() {
        for (const auto &[address, place] : flow_.outside) {
            Block &block = cfg_.blocks.emplace_back();
            block.start = block.end = address;
            block.exit = place.end;
            block.call = place.call;
        }
    }

    void number_blocks() {
        std::sort(cfg_.blocks.begin(), cfg_.blocks.end(),
                  [](const Block &a, const Block &b) { return a.start < b.start; });
        for (BlockIndex i = 0; i < cfg_.blocks.size(); i++) {
            numbers_.emplace(cfg_.blocks[i].start, i);
        }
    }

    void connect(BlockIndex index) {
        Block &block = cfg_.blocks[index];
        if (block.count == 0) {
            return;
        }
        const Instruction &last = cfg_.instructions[block.first + block.count - 1];
        const auto leave = flow_.leaves.find(last.address);
        const bool plain = leave == flow_.leaves.end() || leave->second.end == BlockEnd::Next;
        if (plain || leave->second.falls) {
            add_edge(block, last.end());
        }
        if (plain) {
            block.exit = block.successors.empty() ? BlockEnd::Unknown : BlockEnd::Next;
        } else {
            block.exit = leave->second.end;
            block.call = leave->second.call;
            block.more_successors = block.more_successors || leave->second.more;
            for (const uint64_t target : leave->second.targets) {
                add_edge(block, target);
            }
        }
    }

    /// Each block once: a branch both of whose ways lead to one place is no choice.
    void add_edge(Block &block, uint64_t target) {
        const auto found = numbers_.find(target);
        if (found == numbers_.end()) {
            block.more_successors = true; // no code there that can be decoded
        } else if (std::find(block.successors.begin(), block.successors.end(), found->second) ==
                   block.successors.end()) {
            block.successors.push_back(found->second);
        }
    }

    void place_calls() {
        std::vector<uint32_t> order(flow_.calls.size());
        for (uint32_t i = 0; i < order.size(); i++) {
            order[i] = i;
        }
        std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
            return flow_.calls[a].address < flow_.calls[b].address;
        });
        std::vector<uint32_t> numbers(order.size());
        for (uint32_t i = 0; i < order.size(); i++) {
            numbers[order[i]] = i;
            cfg_.calls.push_back(std::move(flow_.calls[order[i]]));
        }
        for (BlockIndex i = 0; i < cfg_.blocks.size(); i++) {
            Block &block = cfg_.blocks[i];
            if (block.call != no_index) {
                block.call = numbers[block.call];
                cfg_.calls[block.call].block = i;
            }
        }
    }

    void read_static_branches() {
        std::sort(
            cfg_.static_branches.begin(), cfg_.static_branches.end(),
            [](const StaticBranch &a, const StaticBranch &b) { return a.address < b.address; });
        for (StaticBranch &site : cfg_.static_branches) {
            const Instruction *now = cfg_.instruction_at(site.address);
            site.taken = now != nullptr && now->flow == Flow::Jump;
        }
    }

    FlowReader &flow_;
    Cfg cfg_;
    std::unordered_set<uint64_t> leaders_;
    std::unordered_map<uint64_t, BlockIndex> numbers_; ///< blocks by start
};

/// Behind endbr64 and the ftrace nop; the entry itself where something jumps there.
uint64_t find_entry_point(const Cfg &cfg) {
    const Block &entry = cfg.blocks[cfg.entry];
    uint64_t at = entry.start;
    for (const Instruction &instruction : cfg.code(entry)) {
        if (!instruction.nop) {
            return at;
        }
        at = instruction.end();
    }
    return entry.start;
}

} // namespace

std::optional<BuiltCfg> build_cfg(CodeView &view, Decoder &decoder, const CodeSymbol &symbol) {
    FlowReader flow(view, decoder, symbol);
    if (!flow.run()) {
        return std::nullopt;
    }
    BuiltCfg built;
    built.cfg = BlockCutter(flow).run();
    built.entry_point = find_entry_point(built.cfg);
    return built;
}

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// Follows a value through copies between registers: forwards from a call, and
// backwards from the end of the function.
#include "code/return_values.hpp"

#include <algorithm>
#include <array>

namespace dropctl::code {

namespace {

/// Registers that hold a value, and how many bytes of it; 0: not it.
using Holders = std::array<uint8_t, register_count>;

void apply(const Instruction &instruction, Holders &holders) {
    uint8_t copied = 0;
    if (instruction.copy_to != no_register) {
        copied = std::min(holders[instruction.copy_from], instruction.copy_bytes);
    }
    for (Register reg = 0; reg < register_count; reg++) {
        if (instruction.writes.has(reg)) {
            holders[reg] = 0;
        }
    }
    if (instruction.copy_to != no_register) {
        holders[instruction.copy_to] = copied;
    }
}

/// What a called function may use freely is gone.
void apply_call(Holders &holders) {
    for (const Register reg : {rax, rcx, rdx, rsi, rdi}) {
        holders[reg] = 0;
    }
    for (Register reg = 8; reg <= 11; reg++) {
        holders[reg] = 0;
    }
}

/// The register that has most of the value, rax first.
Register best_holder(const Holders &holders) {
    const auto best = std::max_element(holders.begin(), holders.end());
    return *best == 0 ? no_register : static_cast<Register>(best - holders.begin());
}

class Forward {
  public:
    Forward(const Cfg &cfg, std::vector<ValuePlace> &places) : cfg_(cfg), places_(places) {}

    void follow(BlockIndex index, Holders holders, bool always, unsigned depth) {
        constexpr unsigned deepest = 8;
        const Block &block = cfg_.blocks[index];
        for (const Instruction &instruction : cfg_.code(block)) {
            const Register reg = best_holder(holders);
            if (reg == no_register) {
                return;
            }
            if (instruction.flow != Flow::Trap) {
                places_.push_back({.address = instruction.address,
                                   .block = index,
                                   .reg = reg,
                                   .bytes = holders[reg],
                                   .always = always,
                                   .optimisable = is_optimisable(cfg_, instruction.address)});
            }
            apply(instruction, holders);
        }
        if (block.exit == BlockEnd::Call) {
            apply_call(holders);
        }
        always = always && block.successors.size() == 1 && !block.more_successors;
        for (const BlockIndex next : block.successors) {
            if (cfg_.blocks[next].predecessors.size() == 1 && next != cfg_.entry &&
                depth < deepest) {
                follow(next, holders, always, depth + 1);
            }
        }
    }

  private:
    const Cfg &cfg_;
    std::vector<ValuePlace> &places_;
};

} // namespace

std::vector<ValuePlace> return_value_places(const Cfg &cfg, const Call &call) {
    std::vector<ValuePlace> places;
    if (call.is_tail() || !call.returns || cfg.blocks[call.block].successors.empty()) {
        return places;
    }
    Holders holders{};
    holders[rax] = 8;
    const BlockIndex behind = cfg.blocks[call.block].successors.front();
    // A loop back to the call's block is not followed twice: it has two predecessors.
    Forward(cfg, places).follow(behind, holders, true, 0);
    const auto rank = [](const ValuePlace &place) {
        return (place.always ? 0 : 2) + (place.optimisable ? 0 : 1);
    };
    std::stable_sort(places.begin(), places.end(),
                     [&](const ValuePlace &a, const ValuePlace &b) { return rank(a) < rank(b); });
    return places;
}

std::vector<ValuePlace> exit_value_places(const Cfg &cfg, const Block &block) {
    std::vector<ValuePlace> places;
    const auto index = static_cast<BlockIndex>(&block - cfg.blocks.data());
    const std::span<const Instruction> code = cfg.code(block);
    ValuePlace place{.block = index, .constant = {}};
    const bool known = block.exit == BlockEnd::Return;
    place.reg = known ? rax : no_register;
    for (size_t i = code.size(); i-- > 0;) {
        const Instruction &instruction = code[i];
        const bool last = i + 1 == code.size();
        if (place.reg != no_register && !last) { // what jumps or returns leaves rax alone
            if (instruction.constant_to == place.reg) {
                place.constant = instruction.constant;
                place.reg = no_register;
            } else if (instruction.copy_to == place.reg) {
                place.reg = instruction.copy_from;
                place.bytes = std::min(place.bytes, instruction.copy_bytes);
            } else if (instruction.writes.has(place.reg)) {
                break;
            }
        }
        place.address = instruction.address;
        place.optimisable = is_optimisable(cfg, place.address);
        if (instruction.flow != Flow::Trap) {
            places.push_back(place);
        }
    }
    std::stable_sort(places.begin(), places.end(), [](const ValuePlace &a, const ValuePlace &b) {
        return a.optimisable && !b.optimisable;
    });
    return places;
}

/// As can_optimize() and copy_optimized_instructions() of the kernel's
/// arch/x86/kernel/kprobes/opt.c judge: five bytes in whole instructions that can
/// run elsewhere, inside of one symbol, and no jump to any byte behind the first;
/// the kernel counts the byte behind the fifth in. Blocks begin where jumps lead.
uint64_t optimised_length(const Cfg &cfg, uint64_t address) {
    constexpr uint64_t jump_length = 5;
    const auto part = std::find_if(cfg.parts.begin(), cfg.parts.end(),
                                   [&](const CodePart &p) { return p.range.holds(address); });
    if (part == cfg.parts.end() || !part->movable || part->range.end - address < jump_length) {
        return 0;
    }
    const Instruction *instruction = cfg.instruction_at(address);
    const Instruction *end = cfg.instructions.data() + cfg.instructions.size();
    uint64_t at = address;
    while (at < address + jump_length) {
        if (instruction == nullptr || instruction == end || instruction->address != at ||
            !instruction->boostable || is_reserved(cfg, *instruction)) {
            return 0;
        }
        at = instruction->end();
        instruction++;
    }
    const auto next = std::upper_bound(cfg.blocks.begin(), cfg.blocks.end(), address,
                                       [](uint64_t a, const Block &b) { return a < b.start; });
    if (next != cfg.blocks.end() && next->start <= address + jump_length) {
        return 0;
    }
    return at - address;
}

/// What the kernel itself rewrites: static branches, and nops as long as it makes
/// them for ftrace and for those.
bool is_reserved(const Cfg &cfg, const Instruction &instruction) {
    if (instruction.nop && (instruction.length == 5 || instruction.length == 2)) {
        return true;
    }
    const auto site = std::lower_bound(
        cfg.static_branches.begin(), cfg.static_branches.end(), instruction.address,
        [](const StaticBranch &s, uint64_t address) { return s.address < address; });
    return site != cfg.static_branches.end() && site->address == instruction.address;
}

bool is_optimisable(const Cfg &cfg, uint64_t address) {
    return optimised_length(cfg, address) != 0;
}

} // namespace dropctl::code

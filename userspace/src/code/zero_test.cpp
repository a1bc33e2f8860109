// SPDX-License-Identifier: GPL-2.0-only
#include "code/zero_test.hpp"

#include <algorithm>
#include <numeric>

namespace dropctl::code {

namespace {

std::span<const uint8_t> bytes_of(const Cfg &cfg, const Instruction &instruction) {
    const auto index = static_cast<size_t>(&instruction - cfg.instructions.data());
    const auto end = cfg.instructions.begin() + static_cast<std::ptrdiff_t>(index);
    const size_t offset =
        std::accumulate(cfg.instructions.begin(), end, size_t{0},
                        [](size_t sum, const Instruction &one) { return sum + one.length; });
    return std::span(cfg.bytes).subspan(offset, instruction.length);
}

bool are(std::span<const uint8_t> bytes, std::initializer_list<uint8_t> expected) {
    return std::equal(bytes.begin(), bytes.end(), expected.begin(), expected.end());
}

/// How many bytes of rax `test` looks at; 0: it is something else.
uint8_t tested(std::span<const uint8_t> bytes) {
    if (are(bytes, {0x85, 0xc0})) {
        return 4;
    }
    return are(bytes, {0x48, 0x85, 0xc0}) ? 8 : 0;
}

enum class Condition : uint8_t { Zero, NotZero, Else };

Condition condition(std::span<const uint8_t> bytes) {
    uint8_t code = 0;
    if (bytes.size() == 2) {
        code = bytes[0] - 0x70;
    } else if (bytes.size() == 6 && bytes[0] == 0x0f) {
        code = bytes[1] - 0x80;
    }
    return code == 4 ? Condition::Zero : code == 5 ? Condition::NotZero : Condition::Else;
}

} // namespace

std::optional<ZeroTest> zero_test(const Cfg &cfg, uint32_t call) {
    const Call &made = cfg.calls[call];
    if (made.is_tail() || !made.returns || cfg.blocks[made.block].successors.size() != 1) {
        return std::nullopt;
    }
    const BlockIndex index = cfg.blocks[made.block].successors.front();
    const Block &block = cfg.blocks[index];
    const std::span<const Instruction> code = cfg.code(block);
    if (block.exit != BlockEnd::Branch || block.successors.size() != 2 || block.more_successors ||
        block.predecessors.size() != 1 || index == cfg.entry || code.size() < 2) {
        return std::nullopt;
    }
    const bool kept = std::none_of(code.begin(), code.end(), [](const Instruction &instruction) {
        return instruction.writes.has(rax);
    });
    const uint8_t bytes = tested(bytes_of(cfg, code[code.size() - 2]));
    const Condition taken = condition(bytes_of(cfg, code.back()));
    if (!kept || bytes == 0 || taken == Condition::Else) {
        return std::nullopt;
    }
    const auto target = [&](BlockIndex at) { return cfg.blocks[at].start == code.back().target; };
    const BlockIndex first = block.successors[0];
    const BlockIndex second = block.successors[1];
    if (target(first) == target(second)) {
        return std::nullopt;
    }
    const BlockIndex there = target(first) ? first : second;
    const BlockIndex here = target(first) ? second : first;
    const bool zero = taken == Condition::Zero;
    return ZeroTest{.call = call,
                    .block = index,
                    .zero = zero ? there : here,
                    .other = zero ? here : there,
                    .bytes = bytes};
}

} // namespace dropctl::code

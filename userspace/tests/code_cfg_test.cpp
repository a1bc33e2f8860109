// SPDX-License-Identifier: GPL-2.0-only
// Graphs of small functions, assembled by hand: each unusual way that control takes
// in a kernel, one a test.
#include "code/cfg_builder.hpp"
#include "code/placement.hpp"
#include "code/return_values.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace {

using namespace dropctl::code;
using Bytes = std::vector<uint8_t>;

/// Memory, symbols and tables that a test makes up. Functions lie 0x100 apart.
class SmallKernel : public CodeView {
  public:
    static constexpr uint64_t start = 0xffffffff81000000;
    static constexpr uint64_t size = 0x100;

    /// Put a function at the next place, or at one of its own.
    uint64_t add(const std::string &name, const Bytes &code = {}, const std::string &module = {}) {
        const uint64_t address = start + symbols.size() * size;
        symbols.push_back(
            {.address = address, .end = address + size, .name = name, .module = module});
        memory.resize(symbols.size() * size, 0xcc);
        std::copy(code.begin(), code.end(), memory.end() - size);
        original = memory;
        return address;
    }
    void put(uint64_t address, const Bytes &code) {
        std::copy(code.begin(), code.end(),
                  memory.begin() + static_cast<ptrdiff_t>(address - start));
    }
    /// A jump or call at `from`, `opcode` before its distance.
    static Bytes to(const Bytes &opcode, uint64_t from, uint64_t target) {
        Bytes code = opcode;
        const auto distance =
            static_cast<uint32_t>(target - (from + opcode.size() + sizeof(uint32_t)));
        for (unsigned shift = 0; shift < 32; shift += 8) {
            code.push_back(static_cast<uint8_t>(distance >> shift));
        }
        return code;
    }

    bool read(uint64_t address, std::span<uint8_t> bytes) override {
        return copy(memory, address, bytes);
    }
    bool read_original(uint64_t address, std::span<uint8_t> bytes) override {
        return copy(original, address, bytes);
    }
    std::optional<CodeSymbol> symbol_at(uint64_t address) override {
        const size_t index = (address - start) / size;
        return address >= start && index < symbols.size() ? std::optional(symbols[index])
                                                          : std::nullopt;
    }
    TrapKind trap_at(uint64_t address) override {
        const auto found = traps.find(address);
        return found == traps.end() ? TrapKind::Dies : found->second;
    }
    std::vector<std::pair<uint64_t, uint64_t>> fixups(const Range &range) override {
        auto found = faults;
        std::erase_if(found, [&](const auto &fault) { return !range.holds(fault.first); });
        return found;
    }
    std::vector<StaticBranch> static_branches(const Range &range) override {
        auto found = sites;
        std::erase_if(found, [&](const auto &site) { return !range.holds(site.address); });
        return found;
    }

    Function function(size_t index = 0) {
        Decoder decoder;
        auto built = build_cfg(*this, decoder, symbols[index]);
        EXPECT_TRUE(built.has_value());
        Function function;
        function.address = symbols[index].address;
        function.cfg = std::move(built->cfg);
        function.entry_point = built->entry_point;
        return function;
    }

    std::vector<CodeSymbol> symbols;
    Bytes memory;
    Bytes original;
    std::map<uint64_t, TrapKind> traps;
    std::vector<std::pair<uint64_t, uint64_t>> faults;
    std::vector<StaticBranch> sites;

  private:
    static bool copy(const Bytes &from, uint64_t address, std::span<uint8_t> bytes) {
        if (address < start || address - start + bytes.size() > from.size()) {
            return false;
        }
        std::copy_n(from.begin() + static_cast<ptrdiff_t>(address - start), bytes.size(),
                    bytes.begin());
        return true;
    }
};

constexpr uint64_t start = SmallKernel::start;

TEST(CfgTest, branch_makes_a_diamond) {
    SmallKernel kernel;
    kernel.add("f", {0x85, 0xff, // test %edi,%edi
                     0x74, 0x02, // je +6
                     0xeb, 0x02, // jmp +8
                     0x89, 0xf8, // mov %edi,%eax
                     0xc3});     // ret
    const Cfg cfg = kernel.function().cfg;
    ASSERT_EQ(cfg.blocks.size(), 4U);
    EXPECT_EQ(cfg.blocks[0].exit, BlockEnd::Branch);
    EXPECT_EQ(cfg.blocks[0].successors, (std::vector<BlockIndex>{1, 2}));
    EXPECT_EQ(cfg.blocks[1].exit, BlockEnd::Jump);
    EXPECT_EQ(cfg.blocks[2].exit, BlockEnd::Next);
    EXPECT_EQ(cfg.blocks[3].exit, BlockEnd::Return);
    EXPECT_EQ(cfg.blocks[3].predecessors, (std::vector<BlockIndex>{1, 2}));
    EXPECT_EQ(cfg.exits(), (std::vector<BlockIndex>{3}));
    EXPECT_EQ(cfg.block_at(start + 7), 2U);
    EXPECT_EQ(cfg.block_at(start + 9), no_index); // padding
    EXPECT_NE(cfg.instruction_at(start + 6), nullptr);
    EXPECT_EQ(cfg.instruction_at(start + 7), nullptr);
}

TEST(CfgTest, entry_point_is_behind_the_ftrace_nop) {
    SmallKernel kernel;
    kernel.add("f", {0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x1f, 0x44, 0, 0, 0x31, 0xc0, 0xc3});
    EXPECT_EQ(kernel.function().entry_point, start + 9);
    kernel.memory[10] = 0xc0;
    kernel.put(start + 11, {0x85, 0xc0, 0x74, 0xfa, 0xc3}); // je back to behind the nop
    EXPECT_EQ(kernel.function().entry_point, start);
}

TEST(CfgTest, call_for_ftrace_is_a_nop) {
    SmallKernel kernel;
    kernel.add("f");
    const uint64_t tracer = kernel.add("ftrace_caller", {0xc3});
    kernel.put(start, SmallKernel::to({0xe8}, start, tracer));
    kernel.put(start + 5, {0xc3});
    const Function function = kernel.function();
    EXPECT_TRUE(function.cfg.calls.empty());
    EXPECT_EQ(function.entry_point, start + 5);
    ASSERT_EQ(function.cfg.blocks.size(), 1U);
}

TEST(CfgTest, call_ends_its_block_and_comes_back) {
    SmallKernel kernel;
    kernel.add("f");
    const uint64_t callee = kernel.add("callee.constprop.0", {0xc3}, "mod");
    kernel.put(start, {0x90});
    kernel.put(start + 1, SmallKernel::to({0xe8}, start + 1, callee));
    kernel.put(start + 6, {0xc3});
    const Cfg cfg = kernel.function().cfg;
    ASSERT_EQ(cfg.blocks.size(), 2U);
    EXPECT_EQ(cfg.blocks[0].exit, BlockEnd::Call);
    EXPECT_EQ(cfg.blocks[0].successors, (std::vector<BlockIndex>{1}));
    ASSERT_EQ(cfg.calls.size(), 1U);
    EXPECT_EQ(cfg.calls[0].symbol, "callee.constprop.0");
    EXPECT_EQ(cfg.calls[0].callee, "callee");
    EXPECT_EQ(cfg.calls[0].module, "mod");
    EXPECT_EQ(cfg.calls[0].return_address, start + 6);
    EXPECT_EQ(cfg.calls[0].block, 0U);
}

TEST(CfgTest, thunks_are_what_they_stand_for) {
    SmallKernel kernel;
    kernel.add("f");
    const uint64_t leave = kernel.add("__x86_return_thunk", {0xc3});
    const uint64_t through = kernel.add("__x86_indirect_thunk_r10", {0xc3});
    kernel.put(start, SmallKernel::to({0xe8}, start, through)); // behind the entry's place
    kernel.put(start, {0x90, 0x90, 0x90, 0x90, 0x90});
    kernel.put(start + 5, SmallKernel::to({0xe8}, start + 5, through));
    kernel.put(start + 10, SmallKernel::to({0x0f, 0x84}, start + 10, start + 21));
    kernel.put(start + 16, SmallKernel::to({0xe9}, start + 16, leave));
    kernel.put(start + 21, SmallKernel::to({0xe9}, start + 21, through));
    const Cfg cfg = kernel.function().cfg;
    ASSERT_EQ(cfg.calls.size(), 2U);
    EXPECT_EQ(cfg.calls[0].kind, CallKind::Indirect);
    EXPECT_EQ(cfg.calls[0].through, 10);
    EXPECT_EQ(cfg.calls[0].target, 0U);
    EXPECT_EQ(cfg.calls[1].kind, CallKind::IndirectTail);
    EXPECT_EQ(cfg.blocks[cfg.block_at(start + 16)].exit, BlockEnd::Return);
    EXPECT_EQ(cfg.blocks[cfg.block_at(start + 21)].exit, BlockEnd::TailCall);
}

TEST(CfgTest, tail_calls_leave_the_function_even_on_a_condition) {
    SmallKernel kernel;
    kernel.add("f");
    const uint64_t other = kernel.add("other", {0xc3});
    kernel.put(start, SmallKernel::to({0x0f, 0x84}, start, other)); // je other
    kernel.put(start + 6, SmallKernel::to({0xe9}, start + 6, other));
    const Function function = kernel.function();
    const Cfg &cfg = function.cfg;
    ASSERT_EQ(cfg.blocks.size(), 3U);
    EXPECT_EQ(cfg.blocks[1].exit, BlockEnd::TailCall);
    EXPECT_EQ(cfg.blocks[2].exit, BlockEnd::TailCall);
    EXPECT_EQ(cfg.blocks[2].count, 0U);
    EXPECT_EQ(cfg.blocks[2].start, other);
    EXPECT_EQ(cfg.block_at(other), no_index);
    ASSERT_EQ(cfg.calls.size(), 2U);
    EXPECT_TRUE(cfg.calls[0].is_tail() && cfg.calls[1].is_tail());
    // Nothing can be put where it goes on, so its end is not seen, but known.
    const Placement placement = place_points(function);
    EXPECT_EQ(placement.blind, (std::vector<BlockIndex>{2}));
    EXPECT_TRUE(placement.doubtful.empty());
}

TEST(CfgTest, cold_part_belongs_to_the_function) {
    SmallKernel kernel;
    kernel.add("f.isra.0");
    const uint64_t cold = kernel.add("f.isra.0.cold");
    kernel.put(start, SmallKernel::to({0x0f, 0x84}, start, cold + 1));
    kernel.put(start + 6, {0xc3});
    kernel.put(cold + 1, {0x90});
    kernel.put(cold + 2, SmallKernel::to({0xe9}, cold + 2, start + 6));
    const Cfg cfg = kernel.function().cfg;
    ASSERT_EQ(cfg.parts.size(), 2U);
    ASSERT_EQ(cfg.blocks.size(), 3U);
    EXPECT_EQ(cfg.blocks[0].successors, (std::vector<BlockIndex>{1, 2}));
    EXPECT_EQ(cfg.blocks[2].start, cold + 1);
    EXPECT_EQ(cfg.blocks[2].successors, (std::vector<BlockIndex>{1}));
    EXPECT_TRUE(cfg.calls.empty());
}

TEST(CfgTest, warning_goes_on_and_bug_does_not) {
    SmallKernel kernel;
    kernel.add("f", {0x74, 0x02, // je +4
                     0x0f, 0x0b, // ud2
                     0xc3});
    kernel.traps[start + 2] = TrapKind::Warns;
    Cfg cfg = kernel.function().cfg;
    EXPECT_EQ(cfg.blocks[1].exit, BlockEnd::Next);
    EXPECT_TRUE(cfg.blocks[1].warns);
    EXPECT_EQ(cfg.blocks[1].successors, (std::vector<BlockIndex>{2}));
    kernel.traps[start + 2] = TrapKind::Dies;
    cfg = kernel.function().cfg;
    EXPECT_EQ(cfg.blocks[1].exit, BlockEnd::Trap);
    EXPECT_TRUE(cfg.blocks[1].successors.empty());
}

TEST(CfgTest, calls_that_never_return_have_no_successor) {
    SmallKernel kernel;
    kernel.add("f");
    const uint64_t panic = kernel.add("panic", {0xc3});
    const uint64_t last = kernel.add("skb_panic", {0xc3});
    kernel.put(start, {0x90, 0x74, 0x05});
    kernel.put(start + 3, SmallKernel::to({0xe8}, start + 3, panic));
    kernel.put(start + 8, SmallKernel::to({0xe8}, start + 8, last));
    const Cfg cfg = kernel.function().cfg;
    ASSERT_EQ(cfg.blocks.size(), 3U);
    EXPECT_EQ(cfg.blocks[1].exit, BlockEnd::NoReturn);
    EXPECT_EQ(cfg.blocks[2].exit, BlockEnd::NoReturn); // nothing but padding follows
    EXPECT_FALSE(cfg.calls[0].returns || cfg.calls[1].returns);
    EXPECT_TRUE(return_value_places(cfg, cfg.calls[0]).empty());
}

TEST(CfgTest, static_branch_is_what_it_is_now) {
    SmallKernel kernel;
    kernel.add("f", {0x90, 0x0f, 0x1f, 0x44, 0, 0, 0xc3, 0x31, 0xc0, 0xc3});
    kernel.sites = {{.address = start + 1, .target = start + 7}};
    Cfg cfg = kernel.function().cfg;
    ASSERT_EQ(cfg.static_branches.size(), 1U);
    EXPECT_FALSE(cfg.static_branches[0].taken);
    EXPECT_EQ(cfg.blocks.size(), 1U);
    kernel.put(start + 1, SmallKernel::to({0xe9}, start + 1, start + 7));
    cfg = kernel.function().cfg;
    EXPECT_TRUE(cfg.static_branches[0].taken);
    EXPECT_EQ(cfg.block_at(start + 6), no_index);
    EXPECT_NE(cfg.block_at(start + 7), no_index);
}

TEST(CfgTest, probes_of_others_are_looked_through) {
    SmallKernel kernel;
    kernel.add("f", {0x90, 0x55, 0x48, 0x89, 0xe5, 0x5d, 0x31, 0xc0, 0xc3});
    const Cfg before = kernel.function().cfg;
    kernel.put(start + 1, SmallKernel::to({0xe9}, start + 1, 0xffffffffc0001000)); // optimised
    kernel.put(start + 6, {0xcc});
    const Cfg after = kernel.function().cfg;
    EXPECT_EQ(after.restored, (std::vector<uint64_t>{start + 1, start + 6}));
    ASSERT_EQ(after.instructions.size(), before.instructions.size());
    EXPECT_EQ(after.blocks.size(), before.blocks.size());
}

/// The kernel rewrites jumps to its return thunk; the file does not know of it.
TEST(CfgTest, probes_on_rewritten_returns_are_looked_through) {
    SmallKernel kernel;
    kernel.add("f");
    const uint64_t leave = kernel.add("__x86_return_thunk", {0xc3});
    kernel.put(start, {0x90, 0x75, 0x05});
    kernel.put(start + 3, SmallKernel::to({0xe9}, start + 3, leave));
    kernel.put(start + 8, {0x5b, 0x5d, 0x41, 0x5c});
    kernel.put(start + 12, SmallKernel::to({0xe9}, start + 12, leave));
    kernel.original = kernel.memory;
    kernel.put(start + 3, {0xcc, 0xcc, 0xcc, 0xcc, 0xcc});                         // a trap on ret
    kernel.put(start + 8, SmallKernel::to({0xe9}, start + 8, 0xffffffffc0001000)); // up to it
    kernel.put(start + 13, {0xcc, 0xcc, 0xcc, 0xcc});
    const Cfg cfg = kernel.function().cfg;
    ASSERT_EQ(cfg.blocks.size(), 3U);
    EXPECT_EQ(cfg.blocks[1].exit, BlockEnd::Return);
    EXPECT_EQ(cfg.blocks[2].exit, BlockEnd::Return);
    EXPECT_TRUE(cfg.calls.empty());
    EXPECT_EQ(cfg.instructions.size(), 7U);
}

TEST(CfgTest, fault_goes_on_at_its_fixup) {
    SmallKernel kernel;
    kernel.add("f", {0x48, 0x8b, 0x07, 0xc3, 0x31, 0xc0, 0xc3}); // mov (%rdi),%rax
    kernel.faults = {{start, start + 4}};
    const Cfg cfg = kernel.function().cfg;
    EXPECT_EQ(cfg.blocks[0].exit, BlockEnd::Branch);
    EXPECT_EQ(cfg.blocks[0].successors, (std::vector<BlockIndex>{1, 2}));
    EXPECT_FALSE(cfg.parts[0].movable);
    EXPECT_FALSE(is_optimisable(cfg, start));
}

TEST(CfgTest, switch_table_with_a_bound_is_resolved) {
    SmallKernel kernel;
    kernel.add("f");
    const uint64_t table = kernel.add("table");
    const auto low = static_cast<uint32_t>(table);
    kernel.put(start,
               {0x83, 0xff, 0x01, // cmp $1,%edi
                0x77, 0x0b,       // ja +16
                0x89, 0xff,       // mov %edi,%edi
                0xff, 0x24, 0xfd, // jmp *table(,%rdi,8)
                static_cast<uint8_t>(low), static_cast<uint8_t>(low >> 8),
                static_cast<uint8_t>(low >> 16), static_cast<uint8_t>(low >> 24), 0x90, 0xc3, // +14
                0xc3});                                                                       // +16
    for (unsigned i = 0; i < 8; i++) {
        const uint64_t first = start + 14;
        const uint64_t second = start + 15;
        kernel.put(table + i, {static_cast<uint8_t>(first >> (8 * i))});
        kernel.put(table + 8 + i, {static_cast<uint8_t>(second >> (8 * i))});
    }
    const Cfg cfg = kernel.function().cfg;
    const Block &block = cfg.blocks[cfg.block_at(start + 7)];
    EXPECT_EQ(block.exit, BlockEnd::Switch);
    EXPECT_FALSE(block.more_successors);
    EXPECT_EQ(block.successors.size(), 2U);
    EXPECT_TRUE(cfg.calls.empty());
}

TEST(CfgTest, indirect_jump_without_a_table_is_a_tail_call) {
    SmallKernel kernel;
    kernel.add("f", {0x48, 0x8b, 0x47, 0x08, 0xff, 0xe0}); // mov 8(%rdi),%rax; jmp *%rax
    const Cfg cfg = kernel.function().cfg;
    ASSERT_EQ(cfg.calls.size(), 1U);
    EXPECT_EQ(cfg.calls[0].kind, CallKind::IndirectTail);
    EXPECT_EQ(cfg.calls[0].through, rax);
    EXPECT_FALSE(cfg.parts[0].movable); // the kernel does not know where it leads
}

TEST(ReturnValueTest, value_is_followed_into_saved_registers) {
    SmallKernel kernel;
    kernel.add("f");
    const uint64_t callee = kernel.add("callee", {0xc3});
    kernel.put(start, {0x53}); // push %rbx
    kernel.put(start + 1, SmallKernel::to({0xe8}, start + 1, callee));
    kernel.put(start + 6, {0x89, 0xc3}); // mov %eax,%ebx
    kernel.put(start + 8, SmallKernel::to({0xe8}, start + 8, callee));
    kernel.put(start + 13, {0x48, 0x8d, 0x43, 0x01, 0x5b, 0xc3}); // lea 1(%rbx),%rax; pop; ret
    const Cfg cfg = kernel.function().cfg;
    const auto places = return_value_places(cfg, cfg.calls[0]);
    ASSERT_GE(places.size(), 3U);
    EXPECT_TRUE(places.front().optimisable); // behind the second call, before rbx is given back
    EXPECT_EQ(places.front().address, start + 13);
    EXPECT_EQ(places.front().reg, rbx);
    EXPECT_EQ(places.front().bytes, 4);
    const auto behind = std::find_if(places.begin(), places.end(), [](const ValuePlace &place) {
        return place.address == start + 6;
    });
    ASSERT_NE(behind, places.end());
    EXPECT_EQ(behind->reg, rax);
    EXPECT_EQ(behind->bytes, 8);
    for (const ValuePlace &place : places) {
        EXPECT_NE(place.address, start + 18); // rbx is the caller's again
    }
}

TEST(ReturnValueTest, exit_reads_what_becomes_the_value) {
    SmallKernel kernel;
    kernel.add("f", {0x44, 0x89, 0xe0,               // mov %r12d,%eax
                     0x5b, 0x5d, 0x41, 0x5c, 0xc3}); // pop %rbx, %rbp, %r12; ret
    const Cfg cfg = kernel.function().cfg;
    const auto places = exit_value_places(cfg, cfg.blocks[0]);
    ASSERT_EQ(places.size(), 5U);
    for (const ValuePlace &place : places) {
        EXPECT_EQ(place.reg, place.address == start ? 12 : rax) << place.address - start;
    }
    EXPECT_TRUE(places.front().optimisable);
}

TEST(ReturnValueTest, constant_is_known_without_a_register) {
    SmallKernel kernel;
    kernel.add("f", {0x48, 0x89, 0xfb, 0xb8, 0xea, 0xff, 0xff, 0xff, 0x5b, 0xc3});
    const Cfg cfg = kernel.function().cfg;
    for (const ValuePlace &place : exit_value_places(cfg, cfg.blocks[0])) {
        const bool before = place.address < start + 8;
        EXPECT_EQ(place.reg, before ? no_register : rax);
        EXPECT_EQ(place.constant.has_value(), before);
    }
}

TEST(ReturnValueTest, test_behind_the_call_is_read_on_either_side) {
    SmallKernel kernel;
    kernel.add("f");
    const uint64_t callee = kernel.add("callee", {0xc3});
    kernel.put(start, {0x53});
    kernel.put(start + 1, SmallKernel::to({0xe8}, start + 1, callee));
    kernel.put(start + 6, {0x85, 0xc0, 0x78, 0x06}); // test; js +16
    kernel.put(start + 10,
               {0x48, 0x8b, 0x1b, 0x48, 0x89, 0x03}); // mov (%rbx),%rbx; mov %rax,(%rbx)
    kernel.put(start + 16, {0x5b, 0xc3});
    const Function function = kernel.function();
    const auto places = return_value_places(function.cfg, function.cfg.calls[0]);
    ASSERT_FALSE(places.empty());
    EXPECT_TRUE(places.front().always);
    EXPECT_FALSE(places.front().optimisable);
    PlacementWishes wishes;
    wishes.calls = {0};
    const Placement placement = place_points(function, wishes);
    EXPECT_TRUE(placement.unreadable.empty());
    EXPECT_TRUE(std::any_of(placement.points.begin(), placement.points.end(),
                            [](const Point &point) { return point.reads(0); }));
}

TEST(PointsTest, refused_addresses_are_not_used) {
    SmallKernel kernel;
    kernel.add("f", {0x90, 0x85, 0xff, 0x74, 0x03, 0x48, 0x89, 0xf7, 0x48, 0x89, 0xf8, 0xc3});
    const Function function = kernel.function();
    PlacementWishes wishes;
    for (const Point &point : place_points(function).points) {
        wishes.refused.insert(point.address);
    }
    wishes.addresses = {start + 3, start + 4};
    wishes.refused.erase(start);
    const Placement second = place_points(function, wishes);
    for (const Point &point : second.points) {
        EXPECT_FALSE(wishes.refused.contains(point.address) && point.kind != PointKind::Entry);
    }
    EXPECT_EQ(second.unplaced, (std::vector<uint64_t>{start + 4})); // inside an instruction
    EXPECT_TRUE(std::any_of(second.points.begin(), second.points.end(),
                            [](const Point &point) { return point.address == start + 3; }));
}

} // namespace

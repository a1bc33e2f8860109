// SPDX-License-Identifier: GPL-2.0-only
// What must hold of the slicer whatever it is given: it ends, and it is never certain of
// what the record does not support.
#include "slice_diagnosis.hpp"

#include <gtest/gtest.h>

#include <random>

namespace dropctl::test {

namespace {

class SliceProperties : public testing::Test {
  protected:
    static void SetUpTestSuite() { program = new SliceProgram("-fno-jump-tables"); }
    static void TearDownTestSuite() {
        delete program;
        program = nullptr;
    }
    static std::vector<const slice::Listing *> functions() {
        std::vector<const slice::Listing *> found;
        for (const code::CodeSymbol &symbol : program->code().symbols()) {
            if (const slice::Listing *listing = program->listing(symbol.address)) {
                found.push_back(listing);
            }
        }
        return found;
    }
    static SliceProgram *program;
};

SliceProgram *SliceProperties::program = nullptr;

using Random = std::mt19937;

size_t below(Random &random, size_t most) {
    return most == 0 ? 0 : random() % most;
}

/// Any walk, now and then with a jump to anywhere.
slice::Instance any_instance(Random &random, const slice::Listing &listing) {
    slice::Instance instance;
    instance.listing = &listing;
    const auto &blocks = listing.function->cfg.blocks;
    auto block = listing.function->cfg.entry;
    const size_t length = 1 + below(random, 60);
    bool follows = true;
    for (size_t i = 0; i < length; ++i) {
        instance.path.push_back({.block = block, .follows = follows});
        const auto &next = blocks[block].successors;
        follows = below(random, 20) != 0 && !next.empty();
        block = follows ? next[below(random, next.size())]
                        : static_cast<code::BlockIndex>(below(random, blocks.size()));
    }
    instance.whole = below(random, 2) != 0;
    for (auto &value : instance.entry) {
        if (below(random, 2) != 0) {
            value = below(random, 3) == 0 ? below(random, 3) : 0xffff888000000000 + random();
        }
    }
    for (uint32_t visit = 0; visit < instance.path.size(); ++visit) {
        const code::Block &at = blocks[instance.path[visit].block];
        const auto seen = static_cast<uint64_t>(static_cast<int64_t>(below(random, 40)) - 20);
        if (below(random, 4) == 0 && at.call != code::no_index) {
            instance.returns.push_back({.visit = visit, .value = seen});
        }
        if (below(random, 4) == 0) {
            instance.registers.push_back({.visit = visit,
                                          .address = at.start,
                                          .reg = static_cast<code::Register>(below(random, 17)),
                                          .value = seen});
            instance.memory.push_back({.visit = visit, .address = at.start, .value = seen});
        }
    }
    if (below(random, 2) != 0) {
        instance.returned = below(random, 5) - 2;
    }
    return instance;
}

slice::Execution any_execution(Random &random,
                               const std::vector<const slice::Listing *> &functions) {
    slice::Execution execution;
    const size_t count = 1 + below(random, 6);
    for (size_t i = 0; i < count; ++i) {
        slice::Instance one = any_instance(random, *functions[below(random, functions.size())]);
        if (i > 0 && below(random, 5) != 0) {
            one.caller = below(random, i);
            one.caller_visit = static_cast<uint32_t>(
                below(random, execution.instances[one.caller].path.size() + 1));
            one.direct = below(random, 3) != 0;
        }
        execution.instances.push_back(std::move(one));
    }
    execution.drop.instance = below(random, count + (below(random, 50) == 0 ? 1 : 0));
    execution.drop.visit = static_cast<uint32_t>(below(random, 60));
    return execution;
}

} // namespace

TEST_F(SliceProperties, ends_on_any_record) {
    ASSERT_TRUE(program->built());
    const auto all = functions();
    ASSERT_GT(all.size(), 50U);
    Random random(4);
    for (unsigned i = 0; i < 4000; ++i) {
        const slice::Execution execution = any_execution(random, all);
        const slice::Answer answer = slice::slice(execution);
        EXPECT_LE(answer.also.size(), 4U);
        EXPECT_TRUE(!answer.complete || answer.cause() != nullptr);
        for (const slice::Step &step : answer.chain) {
            ASSERT_LT(step.instance, execution.instances.size());
            EXPECT_LT(step.visit, execution.instances[step.instance].path.size());
        }
        if (answer.complete) {
            // Nothing that the answer rests on was jumped over.
            const slice::Step &cause = *answer.cause();
            for (const slice::Step &step : answer.chain) {
                if (step.callee_instance && step.why == slice::Why::Return) {
                    EXPECT_TRUE(execution.instances[*step.callee_instance].whole);
                }
            }
            EXPECT_LT(cause.instance, execution.instances.size());
        }
    }
}

TEST_F(SliceProperties, a_record_that_contradicts_itself_is_never_certain) {
    unsigned changed = 0;
    for (const auto &[name, where] : marks()) {
        const SteppedRun run(*program, name);
        const Outcome outcome = diagnose(*program, run, Record::Whole);
        for (const slice::Step &step : outcome.answer.chain) {
            if (!step.callee_instance || !outcome.answer.complete) {
                continue;
            }
            // What the callee returned was a constant, and another value was seen.
            const slice::Execution &before = outcome.execution;
            slice::Execution after = before;
            slice::Instance &callee = after.instances[*step.callee_instance];
            if (!callee.returned ||
                callee.caller_visit >= after.instances[step.instance].path.size()) {
                continue;
            }
            callee.returned = *callee.returned ^ 0x5a5a;
            const slice::Answer answer = slice::slice(after);
            EXPECT_FALSE(answer.complete) << name << ": " << step.callee;
            ++changed;
        }
    }
    EXPECT_GT(changed, 20U);
}

TEST_F(SliceProperties, what_cannot_be_probed_is_never_guessed) {
    Random random(5);
    unsigned right = 0;
    unsigned certain = 0;
    unsigned all = 0;
    for (const auto &[name, where] : marks()) {
        const SteppedRun run(*program, name);
        for (unsigned i = 0; i < 6; ++i) {
            std::set<uint64_t> refused;
            for (const slice::Listing *listing : functions()) {
                for (const code::Instruction &instruction : listing->function->cfg.instructions) {
                    if (below(random, 6) < 2 + 3 * (i % 2) &&
                        instruction.address != listing->function->entry_point) {
                        refused.insert(instruction.address);
                    }
                }
            }
            const Outcome outcome = diagnose(*program, run, Record::Points, refused);
            const slice::Step *cause = outcome.answer.cause();
            const bool hit = cause != nullptr && is_at(*cause, where);
            ++all;
            right += hit ? 1 : 0;
            certain += outcome.answer.complete ? 1 : 0;
            EXPECT_FALSE(outcome.answer.complete && !hit) << name << " " << i;
            if (outcome.answer.complete && !hit) {
                print(outcome.answer);
            }
        }
    }
    std::printf("a third, or five sixths, refused: %u of %u right, %u certain\n", right, all,
                certain);
    EXPECT_GT(right * 2, all);
}

} // namespace dropctl::test

// SPDX-License-Identifier: GPL-2.0-only
// The machine that tests run programs on, by programs written by hand.
#include "values/machine.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace dropctl::values;

droptrace_insn insn(droptrace_op op, unsigned dst = 0, unsigned src = 0, int imm = 0, int off = 0) {
    return {.op = static_cast<uint8_t>(op),
            .regs = static_cast<uint8_t>(dst | (src << 4)),
            .off = static_cast<int16_t>(off),
            .imm = imm};
}

TEST(ValuesMachine, refuses_what_the_module_refuses) {
    using Program = std::vector<droptrace_insn>;
    EXPECT_EQ(verify(Program{insn(DROPTRACE_OP_END)}), "");
    EXPECT_NE(verify(Program{}), "");
    EXPECT_NE(verify(Program{insn(DROPTRACE_OP_LDI)}), "");
    EXPECT_NE(verify(Program{insn(DROPTRACE_OP_LDI64)}), "");
    EXPECT_NE(verify(Program{insn(DROPTRACE_OP_JMP, 0, 0, 0, 1), insn(DROPTRACE_OP_END)}), "");
    EXPECT_NE(verify(Program{insn(DROPTRACE_OP_LDI64), insn(DROPTRACE_OP_END),
                             insn(DROPTRACE_OP_JMP, 0, 0, 0, -2)}),
              "");
    EXPECT_NE(verify(Program{insn(DROPTRACE_OP_REG, 0, 0, 17), insn(DROPTRACE_OP_END)}), "");
    EXPECT_NE(verify(Program{insn(DROPTRACE_OP_LOAD, 0, 0, 0, 3), insn(DROPTRACE_OP_END)}), "");
    EXPECT_NE(verify(Program{insn(DROPTRACE_OP_OUT_MEM, 0, 0, 1017), insn(DROPTRACE_OP_END)}), "");
    EXPECT_NE(verify(Program{insn(__DROPTRACE_OP_MAX), insn(DROPTRACE_OP_END)}), "");
}

TEST(ValuesMachine, goes_on_behind_a_fault_and_stops_loops) {
    const std::vector<droptrace_insn> program{
        insn(DROPTRACE_OP_ITEM, 0, 0, 0, 3),  insn(DROPTRACE_OP_OUT, 0, 1, 0, 1),
        insn(DROPTRACE_OP_LOAD, 0, 0, 16, 8), insn(DROPTRACE_OP_OUT, 0, 0, 0, 8),
        insn(DROPTRACE_OP_ITEM, 0, 0, 1, 0),  insn(DROPTRACE_OP_OUT, 0, 1, 0, 2),
        insn(DROPTRACE_OP_JMP, 0, 0, 0, -1),
    };
    ASSERT_EQ(verify(program), "");
    const MachineResult result = run(program, {});
    ASSERT_EQ(result.items.size(), 2U);
    EXPECT_EQ(result.items[0].status, DROPTRACE_VALUE_FAULT);
    EXPECT_EQ(result.items[0].bytes.size(), 1U);
    EXPECT_EQ(result.items[1].status, DROPTRACE_VALUE_STEPS);
    EXPECT_EQ(result.steps, size_t{DROPTRACE_FETCH_STEPS_MAX});
}

TEST(ValuesMachine, faults_outside_of_items_end_it) {
    const std::vector<droptrace_insn> program{
        insn(DROPTRACE_OP_LDI, 0, 0, 1), insn(DROPTRACE_OP_ARG, 0, 0, 5), insn(DROPTRACE_OP_END)};
    EXPECT_TRUE(run(program, {}).faulted);
    MachineState state;
    state.arguments[5] = 77;
    EXPECT_EQ(run(program, state).r0, 77U);
}

} // namespace

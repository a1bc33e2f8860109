// SPDX-License-Identifier: GPL-2.0-only
// The slicer against code of the kernel's style, compiled and run for real: does it
// find the line that decided, and does it never say so of a wrong one?
#include "slice/dataflow.hpp"
#include "slice_diagnosis.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace dropctl::test {

namespace {

void score(SliceProgram &program, const std::string &title, Record how) {
    ASSERT_TRUE(program.built());
    const char *verbose = std::getenv("SLICE_VERBOSE");
    const bool chatty = verbose != nullptr && *verbose != 0;
    unsigned cases = 0;
    unsigned right = 0;
    unsigned listed = 0;
    unsigned exact = 0;
    unsigned complete = 0;
    unsigned rounds = 0;
    for (const auto &[name, where] : marks()) {
        const SteppedRun run(program, name);
        const Outcome outcome = diagnose(program, run, how);
        EXPECT_TRUE(outcome.freed) << name;
        const slice::Answer &answer = outcome.answer;
        const bool hit = answer.cause() != nullptr && is_at(*answer.cause(), where);
        bool also = hit;
        for (const slice::Step &step : answer.also) {
            also = also || is_at(step, where);
        }
        ++cases;
        right += hit ? 1 : 0;
        exact += hit && apart(*answer.cause(), where) == 0 ? 1 : 0;
        listed += also ? 1 : 0;
        complete += answer.complete ? 1 : 0;
        rounds += outcome.rounds;
        for (const slice::Step &step : outcome.certain) {
            EXPECT_TRUE(is_at(step, where)) << name << ": certain, and wrong: " << text(step);
        }
        if (chatty && hit && apart(*answer.cause(), where) != 0) {
            std::printf("near %s: %u not %u\n", name.c_str(), answer.cause()->line().line,
                        where.front().line);
            for (const auto *frames :
                 {&answer.cause()->branch_frames, &answer.cause()->compare_frames}) {
                for (const Frame &frame : *frames) {
                    std::printf("      %s:%u\n", frame.function.c_str(), frame.line);
                }
                std::printf("      --\n");
            }
        }
        if (!hit || chatty) {
            std::printf("%s %s (line %u) rounds %u%s: %s\n",
                        hit    ? "ok "
                        : also ? "ALSO"
                               : "MISS",
                        name.c_str(), where.front().line, outcome.rounds,
                        answer.complete ? " complete" : "", slice::ended_text(answer.ended));
            print(answer);
        }
    }
    std::printf("%s: %u cases, cause %u (to the very line %u), with also %u, complete %u, "
                "rounds %.1f\n",
                title.c_str(), cases, right, exact, listed, complete, double(rounds) / cases);
    EXPECT_GE(cases, 60U);
    EXPECT_GE(right * 100, cases * 95);
    EXPECT_GE(listed * 100, cases * 97);
}

} // namespace

struct CompilerRun {
    const char *name;
    const char *options;
};

class Slicing : public testing::TestWithParam<CompilerRun> {};

TEST_P(Slicing, finds_the_line_that_decided) {
    SliceProgram program(GetParam().options);
    score(program, GetParam().name, Record::Whole);
}

TEST_P(Slicing, finds_it_with_few_points) {
    SliceProgram program(GetParam().options);
    score(program, GetParam().name, Record::Points);
}

// The first two are how kernels are built, with and without mitigations.
INSTANTIATE_TEST_SUITE_P(
    Builds, Slicing,
    testing::Values(CompilerRun{"retpolines", "-fno-jump-tables -mindirect-branch=thunk"},
                    CompilerRun{"plain", ""},
                    CompilerRun{"frame_pointers", "-fno-omit-frame-pointer -fno-jump-tables"},
                    CompilerRun{"jumps", "-fno-if-conversion -fno-if-conversion2 -fno-jump-tables"},
                    CompilerRun{"small", "-Os"}, CompilerRun{"fast", "-O3"},
                    CompilerRun{"simple", "-O1"}),
    [](const auto &build) { return std::string(build.param.name); });

} // namespace dropctl::test

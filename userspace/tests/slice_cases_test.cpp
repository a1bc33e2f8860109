// SPDX-License-Identifier: GPL-2.0-only
// The slicer against code of the kernel's style, compiled and run for real: does it
// find the line that decided, and does it never say so of a wrong one?
#include "slice/dataflow.hpp"
#include "slice/slicer.hpp"
#include "slice_recorder.hpp"
#include "slice_tracer.hpp"

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

struct Marked {
    std::string file;
    uint32_t line = 0;
    bool best = true; ///< DECIDES; false: OR, as good an answer
};

/// Marks of all cases, by name.
std::map<std::string, std::vector<Marked>> marks() {
    std::map<std::string, std::vector<Marked>> found;
    const std::regex mark(R"(/\* (DECIDES|OR) (\w+) \*/)");
    const std::string sources = std::string(DROPCTL_TEST_DATA) + "/slice";
    for (const auto &entry : std::filesystem::directory_iterator(sources)) {
        std::ifstream in(entry.path());
        std::string text;
        for (uint32_t line = 1; std::getline(in, text); ++line) {
            std::smatch match;
            if (std::regex_search(text, match, mark)) {
                found[match[2]].push_back(
                    {entry.path().filename().string(), line, match[1] == "DECIDES"});
            }
        }
    }
    return found;
}

/// How a run becomes an Execution.
enum class Record {
    Whole,  ///< every block is seen
    Points, ///< as the module does it, by as few points as suffice
};

struct Outcome {
    slice::Answer answer;
    std::unique_ptr<TracedRun> traced;
    slice::Execution execution;
    unsigned rounds = 0;
    bool freed = false;
};

/// Record, slice, record what is missing, and so on, as for a flow that goes on.
Outcome diagnose(SliceProgram &program, const std::string &name, Record how) {
    Outcome outcome;
    const SteppedRun run(program, name);
    outcome.freed = run.freed;
    const std::vector<uint64_t> stack = Recorder::stack(program, run);
    std::set<uint64_t> functions(stack.begin(), stack.end());
    std::set<uint64_t> targets;
    constexpr unsigned rounds_most = 8;
    for (bool more = true; more && outcome.rounds < rounds_most;) {
        ++outcome.rounds;
        if (how == Record::Points) {
            outcome.traced = std::make_unique<TracedRun>(program, run, functions, targets);
            outcome.execution = outcome.traced->execution();
        } else {
            outcome.execution = Recorder(program, run, functions, targets).record();
        }
        outcome.answer = slice::slice(outcome.execution);
        more = false;
        for (const slice::Need &need : outcome.answer.needs) {
            if (need.kind == slice::NeedKind::Function && program.listing(need.target) != nullptr &&
                (need.blocks || outcome.rounds < 4)) {
                more = functions.insert(need.target).second || more;
            } else if (need.kind == slice::NeedKind::Target) {
                more = targets.insert(need.address).second || more;
            }
        }
    }
    return outcome;
}

/// Lines between a step and the nearest mark.
uint32_t apart(const slice::Step &step, const std::vector<Marked> &where) {
    uint32_t least = 1000000;
    const Frame frame = step.line();
    for (const Marked &mark : where) {
        if (frame.file.ends_with(mark.file)) {
            least = std::min(least, frame.line > mark.line ? frame.line - mark.line
                                                           : mark.line - frame.line);
        }
    }
    return least;
}

/// Line numbers of merged code are wrong by construction, but near.
bool is_at(const slice::Step &step, const std::vector<Marked> &where) {
    return apart(step, where) <= 2;
}

std::string text(const slice::Step &step) {
    const Frame frame = step.line();
    return frame.function + ":" + std::to_string(frame.line) + " " + slice::why_text(step.why) +
           (step.callee.empty() ? "" : " of " + step.callee) +
           (step.retval ? " = " + std::to_string(slice::signed_of(*step.retval, step.retval_bytes))
                        : "");
}

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
        const Outcome outcome = diagnose(program, name, how);
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
        EXPECT_FALSE(answer.complete && !hit) << name << ": certain, and wrong";
        if (!hit || chatty) {
            std::printf("%s %s (line %u) rounds %u%s: %s\n",
                        hit    ? "ok "
                        : also ? "ALSO"
                               : "MISS",
                        name.c_str(), where.front().line, outcome.rounds,
                        answer.complete ? " complete" : "", slice::ended_text(answer.ended));
            for (const slice::Step &step : answer.chain) {
                std::printf("      %s\n", text(step).c_str());
            }
            for (const slice::Step &step : answer.also) {
                std::printf("      also %s\n", text(step).c_str());
            }
            for (const std::string &doubt : answer.doubts) {
                std::printf("      ? %s\n", doubt.c_str());
            }
        }
    }
    std::printf("%s: %u cases, cause %u (to the very line %u), with also %u, complete %u, "
                "rounds %.1f\n",
                title.c_str(), cases, right, exact, listed, complete, double(rounds) / cases);
    EXPECT_GE(cases, 30U);
    EXPECT_GE(right * 100, cases * 85);
    EXPECT_GE(listed * 100, cases * 92);
}

} // namespace

struct Build {
    const char *name;
    const char *options;
};

class Slicing : public testing::TestWithParam<Build> {};

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
    testing::Values(Build{"retpolines", "-fno-jump-tables -mindirect-branch=thunk"},
                    Build{"plain", ""},
                    Build{"frame_pointers", "-fno-omit-frame-pointer -fno-jump-tables"},
                    Build{"jumps", "-fno-if-conversion -fno-if-conversion2 -fno-jump-tables"},
                    Build{"small", "-Os"}, Build{"fast", "-O3"}, Build{"simple", "-O1"}),
    [](const auto &build) { return std::string(build.param.name); });

} // namespace dropctl::test

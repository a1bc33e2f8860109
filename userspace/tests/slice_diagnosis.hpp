// SPDX-License-Identifier: GPL-2.0-only
// Cases of tests/data/slice, the lines that they are marked with, and rounds of
// recording and slicing as a diagnosis makes them.
#pragma once

#include "slice/dataflow.hpp"
#include "slice/slicer.hpp"
#include "slice_recorder.hpp"
#include "slice_tracer.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace dropctl::test {

struct Marked {
    std::string file;
    uint32_t line = 0;
    bool best = true; ///< DECIDES; false: OR, as good an answer
};

/// Marks of all cases, by name.
inline std::map<std::string, std::vector<Marked>> marks() {
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

/// What the slicer may ask is answered from the program's code.
class ProgramKnowledge : public slice::Knowledge {
  public:
    explicit ProgramKnowledge(SliceProgram &program) : program_(program) {}
    [[nodiscard]] std::optional<bool> stores(const code::Call &call, int64_t displacement,
                                             uint8_t bytes) const override {
        const slice::Listing *listing = program_.listing(call.target);
        return listing == nullptr ? std::nullopt : slice::stores_to(*listing, displacement, bytes);
    }

  private:
    SliceProgram &program_;
};

struct Outcome {
    slice::Answer answer;
    std::unique_ptr<TracedRun> traced;
    slice::Execution execution;
    unsigned rounds = 0;
    bool freed = false;
    /// Answers of all rounds that called themselves complete.
    std::vector<slice::Step> certain;
};

/// Record, slice, record what is missing, and so on, as for a flow that goes on.
inline Outcome diagnose(SliceProgram &program, const SteppedRun &run, Record how,
                        const std::set<uint64_t> &refused = {}) {
    Outcome outcome;
    outcome.freed = run.freed;
    const std::vector<uint64_t> stack = Recorder::stack(program, run);
    std::set<uint64_t> functions(stack.begin(), stack.end());
    std::set<uint64_t> targets;
    constexpr unsigned rounds_most = 8;
    for (bool more = true; more && outcome.rounds < rounds_most;) {
        ++outcome.rounds;
        if (how == Record::Points) {
            outcome.traced = std::make_unique<TracedRun>(program, run, functions, targets, refused);
            outcome.execution = outcome.traced->execution();
        } else {
            outcome.execution = Recorder(program, run, functions, targets).record();
        }
        outcome.answer = slice::slice(outcome.execution, ProgramKnowledge(program));
        if (outcome.answer.complete) {
            outcome.certain.push_back(*outcome.answer.cause());
        }
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
inline uint32_t apart(const slice::Step &step, const std::vector<Marked> &where) {
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
inline bool is_at(const slice::Step &step, const std::vector<Marked> &where) {
    return apart(step, where) <= 2;
}

/// For people.
inline std::string text(const slice::Step &step) {
    const Frame frame = step.line();
    return frame.function + ":" + std::to_string(frame.line) + " " + slice::why_text(step.why) +
           (step.callee.empty() ? "" : " of " + step.callee) +
           (step.retval ? " = " + std::to_string(slice::signed_of(*step.retval, step.retval_bytes))
                        : "");
}

inline void print(const slice::Answer &answer) {
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

} // namespace dropctl::test

// SPDX-License-Identifier: GPL-2.0-only
#include "slice/answer.hpp"

#include <array>

namespace dropctl::slice {

const char *why_text(Why why) {
    constexpr std::array<const char *, 4> texts{"condition", "return", "call", "store"};
    return texts[static_cast<size_t>(why)];
}

const char *ended_text(Ended ended) {
    constexpr std::array<const char *, 11> texts{
        "what was tested was set before the record began",
        "what was tested came in as an argument",
        "two values were compared, or one was computed",
        "what was tested is data of the CPU",
        "a function that was called is not recorded",
        "every way through the function frees the packet",
        "the path is not known in full",
        "something that was not recorded wrote the value",
        "a branch that the kernel patches into its code decided",
        "the chain is too long",
        "nothing was recorded"};
    return texts[static_cast<size_t>(ended)];
}

/// The jump's own line is often that of a neighbour, and the comparison may be in an
/// inlined predicate: of its chain of calls, the one in the function of the jump.
Frame Step::line() const {
    if (branch_frames.empty() || compare_frames.empty()) {
        const auto &frames = branch_frames.empty() ? compare_frames : branch_frames;
        return frames.empty() ? Frame{} : frames.front();
    }
    for (const Frame &frame : compare_frames) {
        if (frame.function == branch_frames.front().function && frame.line != 0) {
            return frame;
        }
    }
    return compare_frames.front();
}

} // namespace dropctl::slice

// SPDX-License-Identifier: GPL-2.0-only
// What the slicer found: the chain from the place of the drop to the statement
// that decided, how sure that is, and what else is to be recorded. Passive, and
// free of words for people.
#pragma once

#include "code/cfg.hpp"
#include "model.hpp"
#include "slice/execution.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dropctl::slice {

/// Why a step is in the chain; as the JSON contract has it.
enum class Why : uint8_t {
    Condition, ///< this test sent the packet here
    Return,    ///< this test turned on what `callee` returned, or this handed it up
    Call,      ///< the function had no choice: it was called
    Store,     ///< this statement stored what was looked at later
};

const char *why_text(Why why);

/// Where a value begins, as far as the record goes.
enum class Root : uint8_t {
    Unknown,
    Argument,   ///< register `reg` at the entry of the instance
    CallResult, ///< of the call at `address`
    Global,     ///< memory at a fixed address
    PerCpu,     ///< the same, of the CPU
    Stack,      ///< of the instance, `offset` from its stack pointer at entry
    Constant,
};

/// The way from a root to a value: a load at each displacement, as in
/// [[rdi + 0x10] + 0x98]. Names come from types, which the slicer does not know.
struct Origin {
    Root root = Root::Unknown;
    size_t instance = no_instance; ///< in which the root is
    Register reg = code::no_register;
    uint64_t address = 0;       ///< of the call, or of global memory
    int64_t offset = 0;         ///< added to the root or to the last load, without a load
    std::vector<int64_t> loads; ///< displacements, outermost root first
};

/// One side of a comparison, or the value that a switch went by.
struct TestedValue {
    Operand operand;               ///< as the instruction has it
    uint64_t address = 0;          ///< of the instruction that has this operand
    std::optional<uint64_t> value; ///< recorded, or sure from what is; cut to `bytes`
    uint8_t bytes = 8;
    Origin origin;
    /// The test of a part of it: the constant that it was ANDed with; 0: all of it.
    uint64_t mask = 0;
};

/// What was tested, and how it came out: left CONDITION right is true.
struct Comparison {
    Condition condition = Condition::Equal;
    TestedValue left;
    TestedValue right;
    bool is_bit_test = false; ///< bit number `right` of `left`: Below means set
    bool is_switch = false;   ///< `left` chose among several ways
};

/// A loop that a test was met in.
struct LoopFacts {
    uint64_t header = 0;     ///< address of its first block
    uint32_t iterations = 0; ///< times the header ran before the test decided
    bool left_here = false;  ///< the test ended the loop: what was looked for did not come
};

struct Step {
    size_t instance = 0;  ///< index into Execution::instances
    uint32_t visit = 0;   ///< of its path
    uint64_t branch = 0;  ///< address of the jump (cmov, setcc, call, store) that stands for it
    uint64_t compare = 0; ///< of the instruction that set its flags; 0: none
    Why why = Why::Condition;
    bool taken = false; ///< the jump was taken
    /// Innermost first; see Step::line().
    std::vector<Frame> branch_frames;
    std::vector<Frame> compare_frames;

    /// The call it is about: index into Cfg::calls of `caller`, which is another instance where a
    /// value was handed through by a tail call.
    uint32_t call = code::no_index;
    size_t caller = 0;
    std::string callee;             ///< empty: no call, or one to nobody knows where
    std::optional<uint64_t> retval; ///< of that call
    uint8_t retval_bytes = 8;
    std::optional<size_t> callee_instance; ///< if it was recorded

    std::optional<Comparison> comparison;
    std::optional<uint64_t> constant; ///< that it set or returned
    std::optional<LoopFacts> loop;

    /// The frame to name it by: the function whose statement it is, with its line.
    [[nodiscard]] Frame line() const;
};

/// How the slice ended. Only the first four can be complete.
enum class Ended : uint8_t {
    Memory,       ///< what was tested was written before the record began
    Argument,     ///< ... came in as an argument of the outermost function recorded
    Comparison,   ///< two values were compared, or one was computed
    Hardware,     ///< a per-CPU or other value that has no writer to look for
    NotFollowed,  ///< a callee is not recorded: see needs
    NoBranch,     ///< the function always frees, and its caller is not recorded
    PathInDoubt,  ///< the record has a gap where it matters
    WriterMissed, ///< what was recorded does not agree with itself: something else wrote the value
    StaticKey,    ///< a branch that the kernel patches in its code
    TooLong,
    NothingKnown, ///< no path
};

const char *ended_text(Ended ended);

enum class NeedKind : uint8_t {
    Function, ///< record the function at `target`
    Target,   ///< where the indirect call at `address` goes: `operand` before it runs
    Return,   ///< what the call at `address` returned
    Value,    ///< `operand` before the instruction at `address` runs
    Caller,   ///< whoever calls the function at `function`
    Writer,   ///< whoever stores the address `target`, of a function that was called by it
};

/// Something to be recorded at the flow's next drop.
struct Need {
    NeedKind kind = NeedKind::Function;
    bool blocks = true;    ///< the answer cannot be complete without; false: it says more with
    uint64_t function = 0; ///< entry of the function (code::Instance::address) that has `address`
    uint64_t address = 0;
    uint64_t target = 0; ///< entry of the function to record
    std::string callee;  ///< its name
    std::string module;
    Operand operand;

    bool operator==(const Need &other) const {
        return kind == other.kind && function == other.function && address == other.address &&
               target == other.target && operand.kind == other.operand.kind &&
               operand.reg == other.operand.reg;
    }
};

struct Answer {
    std::vector<Step> chain; ///< from the function that freed to the statement that decided
    std::vector<Step> also;  ///< other tests that could each have avoided it, nearest first
    Ended ended = Ended::NothingKnown;
    /// Everything in the chain follows from the record; the cause is certain.
    bool complete = false;
    std::vector<std::string> doubts; ///< why not, in a few words each
    std::vector<Need> needs;

    /// The statement that decided; null: nothing was found.
    [[nodiscard]] const Step *cause() const { return chain.empty() ? nullptr : &chain.back(); }
};

} // namespace dropctl::slice

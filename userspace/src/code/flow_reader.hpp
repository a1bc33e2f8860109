// SPDX-License-Identifier: GPL-2.0-only
// The first half of making a graph: decodes what can be reached from a function's
// entry, and finds out where control goes from each instruction that does not
// simply go on to the next.
#pragma once

#include "code/code_bytes.hpp"
#include "code/decoder.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace dropctl::code {

/// How control leaves an instruction.
struct Leave {
    BlockEnd end = BlockEnd::Next;
    bool falls = true; ///< to the next instruction, too
    bool more = false; ///< and to places that are not known
    bool warns = false;
    std::vector<uint64_t> targets; ///< in the function, or keys of `outside`
    uint32_t call = no_index;
};

class FlowReader {
  public:
    FlowReader(CodeView &view, Decoder &decoder, CodeSymbol symbol);

    /// False if the function's bytes cannot be read.
    bool run();

    /// What the instruction at an address was decoded from.
    [[nodiscard]] std::span<const uint8_t> bytes_of(const Instruction &instruction) const {
        return bytes_.at(instruction.address).first(instruction.length);
    }

    // What was found.
    std::vector<Instruction> instructions;      ///< by address
    std::unordered_map<uint64_t, Leave> leaves; ///< by address of the instruction
    /// Other functions that conditional jumps lead to.
    struct Outside {
        BlockEnd end = BlockEnd::TailCall;
        uint32_t call = no_index;
    };
    std::map<uint64_t, Outside> outside;
    std::vector<Call> calls;
    std::vector<CodePart> parts;
    std::vector<StaticBranch> static_branches;
    std::vector<uint64_t> restored;

  private:
    void follow(uint64_t start);
    bool decode_at(uint64_t address, Instruction &instruction);
    void leave(const Instruction &instruction, Leave &way);
    void jump(const Instruction &instruction, Leave &way);
    void branch(const Instruction &instruction, Leave &way);
    void call(const Instruction &instruction, Leave &way);
    void jump_indirectly(const Instruction &instruction, Leave &way);
    void trap(const Instruction &instruction, Leave &way);
    uint32_t add_call(const Instruction &instruction, CallKind kind, uint64_t target,
                      const CodeSymbol *symbol);
    [[nodiscard]] bool is_ftrace_call(const Instruction &instruction,
                                      const CodeSymbol *target) const;
    /// The address is code of this function; takes in its .cold part when it is met.
    bool is_inside(uint64_t address);
    bool only_padding_from(uint64_t address);
    void learn_fixups();
    void sort();

    CodeView &view_;
    Decoder &decoder_;
    CodeSymbol symbol_;
    CodeBytes bytes_;
    std::unordered_map<uint64_t, uint32_t> met_; ///< instructions by address
    std::unordered_map<uint64_t, uint64_t> fixups_;
    std::vector<uint64_t> open_; ///< addresses to follow
};

/// A symbol whose function does not come back, as objtool knows them.
bool never_returns(std::string_view symbol);

} // namespace dropctl::code

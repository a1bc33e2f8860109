// SPDX-License-Identifier: GPL-2.0-only
// The control-flow graph of one function, its .cold part included, from the
// bytes as they are now. Passive; cfg_builder.* makes it.
#pragma once

#include "code/graph.hpp"
#include "code/instruction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dropctl::code {

/// How control leaves a block.
enum class BlockEnd : uint8_t {
    Next,     ///< to the block behind it, to which something else jumps
    Jump,     ///< to one place
    Branch,   ///< to one of two
    Switch,   ///< to one of those a table lists
    Call,     ///< back to the block behind the call
    NoReturn, ///< a call that does not come back: no successor
    Return,   ///< an exit
    TailCall, ///< a jump to another function: an exit
    Trap,     ///< BUG: no successor
    Unknown,  ///< no one knows: an indirect jump not resolved, bytes that are no code
};

using BlockIndex = uint32_t; ///< a Node of Cfg::graph()
constexpr uint32_t no_index = 0xffffffff;

enum class CallKind : uint8_t { Direct, Indirect, Tail, IndirectTail };

/// A call; it is the last instruction of its block.
struct Call {
    BlockIndex block = no_index;
    uint64_t address = 0;        ///< of the call or jump instruction
    uint64_t return_address = 0; ///< 0 for tail calls
    CallKind kind = CallKind::Direct;
    uint64_t target = 0;            ///< 0: indirect
    std::string symbol;             ///< of the target, as kallsyms has it; empty: unknown
    std::string callee;             ///< the same without compiler suffixes
    std::string module;             ///< of the target, empty: the kernel itself
    Register through = no_register; ///< where an indirect one goes; none: memory
    bool returns = true;

    [[nodiscard]] bool is_tail() const {
        return kind == CallKind::Tail || kind == CallKind::IndirectTail;
    }
};

/// A run of instructions with one way in and one way out. Where a conditional
/// jump leads to another function (or to a return thunk), a block without
/// instructions stands for what lies there.
struct Block {
    uint64_t start = 0;
    uint64_t end = 0;
    uint32_t first = 0; ///< index of its first instruction
    uint32_t count = 0; ///< of instructions
    BlockEnd exit = BlockEnd::Next;
    bool more_successors = false; ///< besides those listed there may be others
    bool warns = false;           ///< has the ud2 of a WARN in it
    uint32_t call = no_index;     ///< index into Cfg::calls
    std::vector<BlockIndex> successors;
    std::vector<BlockIndex> predecessors;

    [[nodiscard]] bool holds(uint64_t address) const { return start <= address && address < end; }
    /// The function ends behind it, and goes back to its caller sooner or later.
    [[nodiscard]] bool is_exit() const {
        return exit == BlockEnd::Return || exit == BlockEnd::TailCall;
    }
};

/// A place that the kernel turns into a jump or a nop (static keys).
struct StaticBranch {
    uint64_t address = 0;
    uint64_t target = 0;
    bool taken = false; ///< now
};

/// The code of one symbol of the function.
struct CodePart {
    Range range; ///< up to where the next symbol begins
    /// The kernel can put jumps in place of its instructions: nothing jumps here in
    /// ways that it does not see (tables, exceptions).
    bool movable = true;
};

struct Cfg {
    std::vector<CodePart> parts;           ///< the function's own first, then the .cold ones
    std::vector<Block> blocks;             ///< by address
    std::vector<Instruction> instructions; ///< by address; only such as can be reached
    std::vector<uint8_t> bytes;            ///< of the instructions, one after the other
    std::vector<Call> calls;               ///< by address
    std::vector<StaticBranch> static_branches;
    BlockIndex entry = 0;
    /// Bytes came from the file since a probe sits there now.
    std::vector<uint64_t> restored;

    /// The block that holds an address, no_index if none does.
    [[nodiscard]] BlockIndex block_at(uint64_t address) const;
    /// The instruction that begins at an address, null if none does.
    [[nodiscard]] const Instruction *instruction_at(uint64_t address) const;
    [[nodiscard]] std::span<const Instruction> code(const Block &block) const {
        return std::span(instructions).subspan(block.first, block.count);
    }
    /// The blocks as nodes of the same numbers.
    [[nodiscard]] Graph graph() const;
    /// Blocks that leave the function.
    [[nodiscard]] std::vector<BlockIndex> exits() const;
};

} // namespace dropctl::code

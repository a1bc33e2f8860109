// SPDX-License-Identifier: GPL-2.0-only
#include "slice/definitions.hpp"

#include <algorithm>

namespace dropctl::slice {

using code::BlockIndex;
using code::no_index;

Definitions::Definitions(const Listing &listing) : listing_(listing) {
    find_frames();
}

void Definitions::move_frame(const Operation &operation, Frame &frame) {
    constexpr int64_t word = 8;
    const bool moves_sp =
        operation.destination.is(OperandKind::Register) && operation.destination.reg == code::rsp;
    const bool moves_bp =
        operation.destination.is(OperandKind::Register) && operation.destination.reg == code::rbp;
    const auto shift = [&](int64_t by) {
        if (frame.sp) {
            *frame.sp += by;
        }
    };
    const bool by_constant = operation.source.is(OperandKind::Constant);
    switch (operation.code) {
    case Opcode::Push:
        return shift(-word);
    case Opcode::Pop:
        shift(word);
        if (moves_bp) {
            frame.bp.reset();
        }
        return;
    case Opcode::Leave:
        frame.sp = frame.bp;
        shift(word);
        frame.bp.reset();
        return;
    case Opcode::Add:
    case Opcode::Subtract:
        if (moves_sp && by_constant) {
            return shift(operation.code == Opcode::Add ? operation.source.constant
                                                       : -operation.source.constant);
        }
        break;
    case Opcode::Move:
        if (moves_bp && operation.source.is(OperandKind::Register) &&
            operation.source.reg == code::rsp) {
            frame.bp = frame.sp;
            return;
        }
        if (moves_sp && operation.source.is(OperandKind::Register) &&
            operation.source.reg == code::rbp) {
            frame.sp = frame.bp;
            return;
        }
        break;
    case Opcode::Address:
        if (moves_sp && operation.source.memory.index == no_register &&
            (operation.source.memory.base == code::rsp ||
             operation.source.memory.base == code::rbp)) {
            if (operation.source.memory.base == code::rbp) {
                frame.sp = frame.bp;
            }
            return shift(operation.source.memory.displacement);
        }
        break;
    default:
        break;
    }
    if (moves_sp && operation.code != Opcode::Compare && operation.code != Opcode::Test) {
        frame.sp.reset();
    }
    if ((moves_bp && operation.code != Opcode::Compare && operation.code != Opcode::Test) ||
        (operation.code == Opcode::Other && operation.writes.has(code::rbp))) {
        frame.bp.reset();
    }
}

void Definitions::find_frames() {
    const code::Cfg &cfg = listing_.function->cfg;
    frames_.resize(cfg.instructions.size());
    std::vector<bool> met(cfg.blocks.size());
    std::vector<std::pair<BlockIndex, Frame>> open;
    if (cfg.entry < cfg.blocks.size()) {
        met[cfg.entry] = true;
        open.emplace_back(cfg.entry, Frame{.sp = 0, .bp = std::nullopt});
    }
    while (!open.empty()) {
        auto [index, frame] = open.back();
        open.pop_back();
        const code::Block &block = cfg.blocks[index];
        for (uint32_t i = block.first; i < block.first + block.count; ++i) {
            frames_[i] = frame;
            move_frame(listing_.operations[i], frame);
        }
        for (const BlockIndex next : block.successors) {
            if (!met[next]) {
                met[next] = true;
                open.emplace_back(next, frame);
            }
        }
    }
}

std::optional<Location> Definitions::location(uint32_t instruction, const Operand &operand) const {
    if (operand.is(OperandKind::Register) && !operand.high) {
        return Location{.reg = operand.reg};
    }
    if (!operand.is(OperandKind::Memory) || operand.memory.index != no_register ||
        operand.memory.segment) {
        return std::nullopt;
    }
    const Frame &frame = frames_[instruction];
    const MemoryOperand &memory = operand.memory;
    if (memory.base == code::rsp && frame.sp) {
        return Location{.kind = Location::Kind::Slot, .offset = *frame.sp + memory.displacement};
    }
    if (memory.base == code::rbp && frame.bp) {
        return Location{.kind = Location::Kind::Slot, .offset = *frame.bp + memory.displacement};
    }
    if (memory.base < code::rip && memory.base != code::rsp) {
        return Location{
            .kind = Location::Kind::Field, .offset = memory.displacement, .bytes = operand.bytes};
    }
    return std::nullopt;
}

namespace {

/// The constant that an instruction sets its destination to.
std::optional<int64_t> constant_set(const Operation &operation) {
    const bool same = operation.source.is(OperandKind::Register) &&
                      operation.destination.is(OperandKind::Register) &&
                      operation.source.reg == operation.destination.reg;
    const bool given = operation.source.is(OperandKind::Constant);
    switch (operation.code) {
    case Opcode::Move:
        return given ? std::optional(operation.source.constant) : std::nullopt;
    case Opcode::Xor:
    case Opcode::Subtract:
        return same ? std::optional<int64_t>(0) : std::nullopt;
    case Opcode::And:
        return given && operation.source.constant == 0 ? std::optional<int64_t>(0) : std::nullopt;
    case Opcode::Or:
        return given && operation.source.constant == -1 ? std::optional<int64_t>(-1) : std::nullopt;
    case Opcode::Address:
        return operation.source.memory.base == code::rip
                   ? std::optional(operation.source.memory.displacement)
                   : std::nullopt;
    default:
        return std::nullopt;
    }
}

bool spoils(Register reg) {
    return reg == code::rax || reg == code::rdx || reg == code::rcx || reg == code::rsi ||
           reg == code::rdi || (reg >= 8 && reg <= 11);
}

bool only_reads(Opcode code) {
    return code == Opcode::Compare || code == Opcode::Test || code == Opcode::TestBit ||
           code == Opcode::Jump || code == Opcode::BranchIf || code == Opcode::Nop ||
           code == Opcode::Return || code == Opcode::Push;
}

} // namespace

Definitions::Effect Definitions::effect_on_register(uint32_t instruction, Location &at,
                                                    Location &other, Definition &definition) const {
    const Operation &operation = listing_.operations[instruction];
    if (operation.code == Opcode::Call) {
        return spoils(at.reg) ? Effect::Set : Effect::None;
    }
    if (operation.code == Opcode::Exchange) {
        const bool left =
            operation.destination.is(OperandKind::Register) && operation.destination.reg == at.reg;
        const bool right =
            operation.source.is(OperandKind::Register) && operation.source.reg == at.reg;
        if (!left && !right) {
            return Effect::None;
        }
        const auto from = location(instruction, left ? operation.source : operation.destination);
        if (!from) {
            return Effect::Set;
        }
        at = *from;
        return Effect::Moved;
    }
    const bool sets = operation.destination.is(OperandKind::Register) &&
                      operation.destination.reg == at.reg && !only_reads(operation.code);
    if (!sets) {
        return operation.writes.has(at.reg) && !only_reads(operation.code) ? Effect::Set
                                                                           : Effect::None;
    }
    definition.constant = constant_set(operation);
    if (definition.constant) {
        return Effect::Set;
    }
    if (operation.code == Opcode::Pop) {
        if (!frames_[instruction].sp) {
            return Effect::Set;
        }
        at = {.kind = Location::Kind::Slot, .offset = *frames_[instruction].sp};
        return Effect::Moved;
    }
    const bool copies = operation.code == Opcode::Move || operation.code == Opcode::MoveSigned ||
                        operation.code == Opcode::MoveIf;
    const auto from = copies ? location(instruction, operation.source) : std::nullopt;
    if (!from || from->kind == Location::Kind::Field) {
        return Effect::Set;
    }
    if (operation.code == Opcode::MoveIf) {
        other = *from;
        return Effect::Forked;
    }
    at = *from;
    return Effect::Moved;
}

Definitions::Effect Definitions::effect_on_memory(uint32_t instruction, Location &at,
                                                  Definition &definition) const {
    const Operation &operation = listing_.operations[instruction];
    std::optional<Location> written;
    if (operation.code == Opcode::Push) {
        if (frames_[instruction].sp) {
            written =
                Location{.kind = Location::Kind::Slot, .offset = *frames_[instruction].sp - 8};
        }
    } else if (!only_reads(operation.code) && operation.destination.is(OperandKind::Memory)) {
        written = location(instruction, operation.destination);
    }
    if (!written || written->kind != at.kind || written->offset != at.offset ||
        (at.kind == Location::Kind::Field && written->bytes != at.bytes)) {
        return Effect::None;
    }
    definition.constant = constant_set(operation);
    const bool copies = operation.code == Opcode::Move || operation.code == Opcode::Push;
    const auto from =
        copies && !definition.constant ? location(instruction, operation.source) : std::nullopt;
    if (!from) {
        return Effect::Set;
    }
    at = *from;
    return Effect::Moved;
}

Definitions::Effect Definitions::effect(uint32_t instruction, Location &at, Location &other,
                                        Definition &definition) const {
    return at.kind == Location::Kind::Register
               ? effect_on_register(instruction, at, other, definition)
               : effect_on_memory(instruction, at, definition);
}

void Definitions::walk(std::vector<Open> open, Reaching &reaching) const {
    const code::Cfg &cfg = listing_.function->cfg;
    std::set<std::pair<uint32_t, bool>> told;
    const auto tell = [&](const Definition &definition) {
        if (told.emplace(definition.instruction, definition.instruction == no_index).second) {
            reaching.definitions.push_back(definition);
        }
    };
    while (!open.empty()) {
        Open at = open.back();
        open.pop_back();
        const code::Block &block = cfg.blocks[at.block];
        bool set = false;
        for (uint32_t i = at.end; i-- > block.first && !set;) {
            Definition definition{.block = at.block, .instruction = i};
            Location other;
            const Effect done = effect(i, at.location, other, definition);
            if (done == Effect::Forked) {
                open.push_back({at.block, i, other});
            } else if (done == Effect::Set) {
                tell(definition);
                set = true;
            }
        }
        if (set || !reaching.live.emplace(at.block, at.location).second) {
            continue;
        }
        if (at.block == cfg.entry) {
            tell({.block = at.block});
        }
        for (const BlockIndex before : block.predecessors) {
            const code::Block &from = cfg.blocks[before];
            open.push_back({before, from.first + from.count, at.location});
        }
    }
}

Reaching Definitions::at(BlockIndex block, uint32_t instruction, const Location &location) const {
    Reaching reaching;
    walk({{block, instruction, location}}, reaching);
    return reaching;
}

Reaching Definitions::left_in(const Location &field) const {
    const code::Cfg &cfg = listing_.function->cfg;
    Reaching reaching;
    std::vector<Open> open;
    for (const BlockIndex exit : cfg.exits()) {
        const code::Block &block = cfg.blocks[exit];
        open.push_back({exit, block.first + block.count, field});
    }
    walk(std::move(open), reaching);
    return reaching;
}

Reaching Definitions::returned() const {
    const code::Cfg &cfg = listing_.function->cfg;
    Reaching reaching;
    std::vector<Open> open;
    for (const BlockIndex exit : cfg.exits()) {
        const code::Block &block = cfg.blocks[exit];
        if (block.exit == code::BlockEnd::TailCall) {
            // What the other function returns.
            reaching.definitions.push_back(
                {.block = exit,
                 .instruction = block.count == 0 ? no_index : block.first + block.count - 1});
        } else {
            open.push_back({exit, block.first + block.count, Location{.reg = code::rax}});
        }
    }
    walk(std::move(open), reaching);
    return reaching;
}

std::optional<Definition> Definitions::along(const std::vector<BlockIndex> &path,
                                             Location location) const {
    const code::Cfg &cfg = listing_.function->cfg;
    for (size_t step = path.size(); step-- > 0;) {
        const code::Block &block = cfg.blocks[path[step]];
        for (uint32_t i = block.first + block.count; i-- > block.first;) {
            Definition definition{.block = path[step], .instruction = i};
            Location other;
            const Effect done = effect(i, location, other, definition);
            if (done == Effect::Set || done == Effect::Forked) {
                return definition;
            }
        }
    }
    return std::nullopt;
}

} // namespace dropctl::slice

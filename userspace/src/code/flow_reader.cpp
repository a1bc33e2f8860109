// SPDX-License-Identifier: GPL-2.0-only
#include "code/flow_reader.hpp"

#include "code/switch_table.hpp"
#include "symbols/symbol_name.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dropctl::code {

namespace {

/// "rax" of __x86_indirect_thunk_rax, and of its _array and call thunk relatives.
Register register_of_thunk(std::string_view symbol) {
    const std::string_view name = symbol.substr(symbol.rfind('_') + 1);
    // The first thunk has the name of all of them beside its own.
    if (name == "array") {
        return rax;
    }
    for (Register reg = 0; reg < register_count; reg++) {
        if (register_name(reg) == name) {
            return reg;
        }
    }
    return no_register;
}

bool is_indirect_thunk(std::string_view symbol) {
    return symbol.starts_with("__x86_indirect_") || symbol.starts_with("__x86_call_thunk_");
}

} // namespace

bool never_returns(std::string_view symbol) {
    constexpr std::array<std::string_view, 33> names{"__fortify_panic",
                                                     "__invalid_creds",
                                                     "__module_put_and_kthread_exit",
                                                     "__reiserfs_panic",
                                                     "__stack_chk_fail",
                                                     "__tdx_hypercall_failed",
                                                     "__ubsan_handle_builtin_unreachable",
                                                     "acpi_processor_ffh_play_dead",
                                                     "cpu_bringup_and_idle",
                                                     "cpu_startup_entry",
                                                     "do_exit",
                                                     "do_group_exit",
                                                     "do_task_dead",
                                                     "ex_handler_msr_mce",
                                                     "fortify_panic",
                                                     "kthread_complete_and_exit",
                                                     "kthread_exit",
                                                     "kunit_try_catch_throw",
                                                     "lbug_with_loc",
                                                     "machine_real_restart",
                                                     "make_task_dead",
                                                     "mpt_halt_firmware",
                                                     "nmi_panic_self_stop",
                                                     "panic",
                                                     "panic_smp_self_stop",
                                                     "rest_init",
                                                     "rewind_stack_and_make_dead",
                                                     "sev_es_terminate",
                                                     "snp_abort",
                                                     "start_kernel",
                                                     "stop_this_cpu",
                                                     "usercopy_abort",
                                                     "xen_start_kernel"};
    return std::binary_search(names.begin(), names.end(), symbols::without_suffixes(symbol));
}

FlowReader::FlowReader(CodeView &view, Decoder &decoder, CodeSymbol symbol)
    : view_(view), decoder_(decoder), symbol_(std::move(symbol)), bytes_(view) {}

bool FlowReader::run() {
    const Range range{symbol_.address, symbol_.end};
    if (!bytes_.add(range)) {
        return false;
    }
    parts.push_back({.range = range});
    learn_fixups();
    open_.push_back(symbol_.address);
    while (!open_.empty()) {
        const uint64_t start = open_.back();
        open_.pop_back();
        follow(start);
    }
    sort();
    return !instructions.empty();
}

/// Of the part added last. The kernel puts no jumps into a function in which an
/// exception may go on somewhere else than where it happened.
void FlowReader::learn_fixups() {
    CodePart &part = parts.back();
    for (const auto &[from, to] : view_.fixups(part.range)) {
        fixups_[from] = to;
        part.movable = false;
    }
    for (const StaticBranch &site : view_.static_branches(part.range)) {
        static_branches.push_back(site);
    }
}

void FlowReader::follow(uint64_t start) {
    for (uint64_t address = start; bytes_.holds(address) && !met_.contains(address);) {
        Instruction instruction;
        if (!decode_at(address, instruction)) {
            return; // the one before says that nobody knows what comes here
        }
        met_.emplace(address, static_cast<uint32_t>(instructions.size()));
        instructions.push_back(instruction);
        const bool plain = instruction.flow == Flow::Next && !fixups_.contains(address);
        if (!plain) {
            Leave way;
            leave(instruction, way);
            const bool falls = way.falls;
            for (const uint64_t target : way.targets) {
                open_.push_back(target);
            }
            leaves.emplace(address, std::move(way));
            if (!falls) {
                return;
            }
        }
        address = instruction.end();
    }
}

bool FlowReader::decode_at(uint64_t address, Instruction &instruction) {
    if (bytes_.restore(address)) {
        restored.push_back(address);
    }
    const auto decoded = decoder_.decode(bytes_.at(address), address);
    if (decoded) {
        instruction = *decoded;
    }
    return decoded.has_value();
}

void FlowReader::leave(const Instruction &instruction, Leave &way) {
    switch (instruction.flow) {
    case Flow::Next: {
        const uint64_t fixup = fixups_[instruction.address];
        way.end = BlockEnd::Branch;
        way.more = !is_inside(fixup);
        if (!way.more) {
            way.targets.push_back(fixup);
        }
        return;
    }
    case Flow::Jump:
        return jump(instruction, way);
    case Flow::Branch:
        return branch(instruction, way);
    case Flow::IndirectJump:
        return jump_indirectly(instruction, way);
    case Flow::Call:
    case Flow::IndirectCall:
        return call(instruction, way);
    case Flow::Return:
        way.end = BlockEnd::Return;
        way.falls = false;
        return;
    case Flow::Trap:
        return trap(instruction, way);
    case Flow::Halted:
        way.end = BlockEnd::Unknown;
        way.falls = false;
        way.more = true;
        return;
    }
}

/// gcc gives the .cold part the name of the whole, whatever its other suffixes.
bool FlowReader::is_inside(uint64_t address) {
    if (bytes_.holds(address)) {
        return true;
    }
    const auto symbol = view_.symbol_at(address);
    if (!symbol || symbol->name.find(".cold") == std::string::npos ||
        symbol->module != symbol_.module ||
        symbols::without_suffixes(symbol->name) != symbols::without_suffixes(symbol_.name)) {
        return false;
    }
    const Range range{symbol->address, symbol->end};
    if (!bytes_.add(range)) {
        return false;
    }
    parts.push_back({.range = range});
    learn_fixups();
    return true;
}

/// A jump to the very entry calls the function once more: it is seen as entered again.
void FlowReader::jump(const Instruction &instruction, Leave &way) {
    way.falls = false;
    if (instruction.target != symbol_.address && is_inside(instruction.target)) {
        way.end = BlockEnd::Jump;
        way.targets.push_back(instruction.target);
        return;
    }
    const auto symbol = view_.symbol_at(instruction.target);
    if (symbol && is_return_thunk(symbol->name)) {
        way.end = BlockEnd::Return;
        return;
    }
    if (symbol && is_indirect_thunk(symbol->name)) {
        Instruction through = instruction;
        through.through = register_of_thunk(symbol->name);
        return jump_indirectly(through, way);
    }
    way.end = BlockEnd::TailCall;
    way.call =
        add_call(instruction, CallKind::Tail, instruction.target, symbol ? &*symbol : nullptr);
}

void FlowReader::branch(const Instruction &instruction, Leave &way) {
    way.end = BlockEnd::Branch;
    way.targets.push_back(instruction.target);
    if (instruction.target != symbol_.address && is_inside(instruction.target)) {
        return;
    }
    const auto [place, is_new] = outside.try_emplace(instruction.target);
    if (!is_new) {
        return;
    }
    const auto symbol = view_.symbol_at(instruction.target);
    if (symbol && is_return_thunk(symbol->name)) {
        place->second.end = BlockEnd::Return;
    } else {
        place->second.call =
            add_call(instruction, CallKind::Tail, instruction.target, symbol ? &*symbol : nullptr);
    }
}

void FlowReader::jump_indirectly(const Instruction &instruction, Leave &way) {
    way.falls = false;
    for (CodePart &part : parts) {
        part.movable = part.movable && !part.range.holds(instruction.address);
    }
    // What is in front of it was decoded just before, in order.
    constexpr size_t looked_back = 12;
    std::vector<Instruction> before;
    for (size_t i = instructions.size(); i-- > 0 && before.size() < looked_back;) {
        if (!before.empty() && instructions[i].end() != before.back().address) {
            break;
        }
        before.push_back(instructions[i]);
    }
    std::reverse(before.begin(), before.end());
    before.back().through = instruction.through;
    if (const auto found = switch_targets(view_, bytes_, decoder_, before);
        found && !found->targets.empty()) {
        way.end = BlockEnd::Switch;
        way.more = !found->complete;
        way.targets = found->targets;
        return;
    }
    way.end = BlockEnd::TailCall;
    way.call = add_call(instruction, CallKind::IndirectTail, 0, nullptr);
}

/// The call at a function's entry that is or was a nop for ftrace.
bool FlowReader::is_ftrace_call(const Instruction &instruction, const CodeSymbol *target) const {
    constexpr uint64_t endbr_length = 4;
    if (instruction.address > symbol_.address + endbr_length) {
        return false;
    }
    return target == nullptr || target->name == "__fentry__" ||
           target->name.starts_with("ftrace_") || target->module == "bpf" ||
           target->module.starts_with("__builtin__");
}

void FlowReader::call(const Instruction &instruction, Leave &way) {
    way.end = BlockEnd::Call;
    if (instruction.flow == Flow::IndirectCall) {
        way.call = add_call(instruction, CallKind::Indirect, 0, nullptr);
    } else {
        const auto found = view_.symbol_at(instruction.target);
        const CodeSymbol *symbol = found ? &*found : nullptr;
        if (is_ftrace_call(instruction, symbol)) {
            Instruction &nop = instructions.back();
            nop.flow = Flow::Next;
            nop.nop = true;
            nop.target = 0;
            nop.reads = nop.writes = Registers();
            way.end = BlockEnd::Next;
            return;
        }
        const bool indirect = symbol != nullptr && is_indirect_thunk(symbol->name);
        way.call = add_call(instruction, indirect ? CallKind::Indirect : CallKind::Direct,
                            indirect ? 0 : instruction.target, indirect ? nullptr : symbol);
        if (indirect) {
            calls[way.call].through = register_of_thunk(symbol->name);
        }
    }
    Call &made = calls[way.call];
    made.return_address = instruction.end();
    made.returns = !never_returns(made.symbol) && !only_padding_from(instruction.end());
    if (!made.returns) {
        way.end = BlockEnd::NoReturn;
        way.falls = false;
    }
}

/// Nothing but nops and traps up to the end of the symbol: no one comes back here.
bool FlowReader::only_padding_from(uint64_t address) {
    for (std::span<const uint8_t> left = bytes_.at(address); !left.empty();) {
        const auto next = decoder_.decode(left, address);
        const bool trap = next && next->flow == Flow::Trap && next->length == 1;
        if (!next || (!next->nop && !trap)) {
            return false;
        }
        address = next->end();
        left = left.subspan(next->length);
    }
    return true;
}

/// Where nothing tells what ud2 means, control may go on.
void FlowReader::trap(const Instruction &instruction, Leave &way) {
    const std::span<const uint8_t> bytes = bytes_.at(instruction.address);
    const bool int3 = bytes.size() == 1 || bytes[0] == 0xcc;
    const TrapKind kind = int3 ? TrapKind::Dies : view_.trap_at(instruction.address);
    way.warns = kind == TrapKind::Warns;
    way.falls = kind != TrapKind::Dies;
    way.end = way.falls ? BlockEnd::Next : BlockEnd::Trap;
}

uint32_t FlowReader::add_call(const Instruction &instruction, CallKind kind, uint64_t target,
                              const CodeSymbol *symbol) {
    Call call;
    call.address = instruction.address;
    call.kind = kind;
    call.target = target;
    call.through = instruction.through;
    if (symbol != nullptr) {
        call.symbol = symbol->name;
        call.callee = symbols::without_suffixes(symbol->name);
        call.module = symbol->module;
    }
    calls.push_back(std::move(call));
    return static_cast<uint32_t>(calls.size() - 1);
}

/// Calls keep their order of meeting here; who cuts blocks sorts them.
void FlowReader::sort() {
    std::sort(instructions.begin(), instructions.end(),
              [](const Instruction &a, const Instruction &b) { return a.address < b.address; });
    std::sort(restored.begin(), restored.end());
}

} // namespace dropctl::code

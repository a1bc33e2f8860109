// SPDX-License-Identifier: GPL-2.0-only
// Runs a case of the program one instruction at a time up to where it frees the
// packet, and makes of that what a recorder with points in some functions would see.
#pragma once

#include "slice/execution.hpp"
#include "slice_program.hpp"

#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <set>
#include <string>
#include <vector>

namespace dropctl::test {

/// An instruction about to be executed.
struct Tick {
    uint64_t rip = 0;
    std::array<uint64_t, code::register_count> registers{};
};

/// All of a run, the first instruction of what frees the packet last.
class SteppedRun {
  public:
    SteppedRun(SliceProgram &program, const std::string &name) {
        freeing_.insert(program.code().address_of("kfree_skb"));
        freeing_.insert(program.code().address_of("kfree_skb_reason"));
        const pid_t child = ::fork();
        if (child == 0) {
            ::personality(ADDR_NO_RANDOMIZE);
            ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
            ::execl(program.path().c_str(), "cases", name.c_str(), nullptr);
            ::_exit(127);
        }
        int status = 0;
        ::waitpid(child, &status, 0); // it has become the program
        ::ptrace(PTRACE_CONT, child, nullptr, nullptr);
        ::waitpid(child, &status, 0); // int3 before the case
        constexpr size_t most = 100000;
        while (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP && ticks.size() < most) {
            add(child);
            if (freeing_.contains(ticks.back().rip)) {
                freed = true;
                read_stack(program, child);
                break;
            }
            ::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr);
            ::waitpid(child, &status, 0);
        }
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
    }

    std::vector<Tick> ticks;
    bool freed = false;
    uint64_t location = 0;       ///< return address of what freed the packet
    std::vector<uint64_t> stack; ///< of the functions around it, innermost first

  private:
    /// Return addresses lie where the stack pointer was when functions were entered.
    void read_stack(SliceProgram &program, pid_t child) {
        std::vector<uint64_t> open;
        for (const Tick &tick : ticks) {
            const uint64_t sp = tick.registers[code::rsp];
            while (!open.empty() && sp > open.back()) {
                open.pop_back();
            }
            const auto symbol = program.code().symbol_at(tick.rip);
            if (symbol && symbol->address == tick.rip && (open.empty() || open.back() != sp)) {
                open.push_back(sp);
            }
        }
        for (auto at = open.rbegin(); at != open.rend(); ++at) {
            stack.push_back(static_cast<uint64_t>(::ptrace(PTRACE_PEEKDATA, child, *at, nullptr)));
        }
        location = stack.empty() ? 0 : stack.front();
    }

    void add(pid_t child) {
        user_regs_struct regs{};
        ::ptrace(PTRACE_GETREGS, child, nullptr, &regs);
        Tick tick;
        tick.rip = regs.rip;
        tick.registers = {regs.rax, regs.rdx, regs.rcx, regs.rbx, regs.rsi, regs.rdi,
                          regs.rbp, regs.rsp, regs.r8,  regs.r9,  regs.r10, regs.r11,
                          regs.r12, regs.r13, regs.r14, regs.r15, regs.rip};
        ticks.push_back(tick);
    }
    std::set<uint64_t> freeing_;
};

/// What a recorder of `functions` (by address) would have seen of a run.
class Recorder {
  public:
    /// @param targets addresses of indirect calls whose targets are recorded
    Recorder(SliceProgram &program, const SteppedRun &run, const std::set<uint64_t> &functions,
             const std::set<uint64_t> &targets)
        : program_(program), run_(run), functions_(functions), targets_(targets) {}

    slice::Execution record() {
        for (size_t i = 0; i < run_.ticks.size(); ++i) {
            tick(i);
        }
        finish();
        return std::move(execution_);
    }

    /// Functions that were being run when the packet was freed, innermost first.
    static std::vector<uint64_t> stack(SliceProgram &program, const SteppedRun &run) {
        std::vector<std::pair<uint64_t, uint64_t>> open; // function, stack pointer
        for (const Tick &tick : run.ticks) {
            while (!open.empty() && tick.registers[code::rsp] > open.back().second) {
                open.pop_back();
            }
            if (program.listing(tick.rip) != nullptr) {
                // Tail calls take the place of their caller, as in a stack trace, but
                // that one was seen when it was entered.
                open.emplace_back(tick.rip, tick.registers[code::rsp]);
            }
        }
        std::vector<uint64_t> functions;
        for (auto at = open.rbegin(); at != open.rend(); ++at) {
            functions.push_back(at->first);
        }
        return functions;
    }

  private:
    struct Open {
        size_t instance;
        uint64_t sp;
    };

    void tick(size_t index) {
        const Tick &now = run_.ticks[index];
        const uint64_t sp = now.registers[code::rsp];
        outside(index);
        while (!open_.empty() && sp > open_.back().sp) {
            // Also those that it was called from by tail calls.
            leave(index);
        }
        if (functions_.contains(now.rip)) {
            enter(index);
        }
        if (open_.empty() || sp > open_.back().sp) {
            return;
        }
        slice::Instance &top = execution_.instances[open_.back().instance];
        const code::BlockIndex block = top.cfg().block_at(now.rip);
        if (block != code::no_index && top.cfg().blocks[block].start == now.rip && !in_callee_) {
            returned(top, now);
            top.path.push_back({.block = block});
        }
        watch(top, index);
    }

    /// A conditional jump straight into another function.
    void outside(size_t index) {
        if (index == 0 || open_.empty()) {
            return;
        }
        slice::Instance &top = execution_.instances[open_.back().instance];
        if (top.path.empty()) {
            return;
        }
        const code::Block &block = top.cfg().blocks[top.path.back().block];
        for (const code::BlockIndex next : block.successors) {
            const code::Block &to = top.cfg().blocks[next];
            if (to.count == 0 && to.start == run_.ticks[index].rip &&
                run_.ticks[index].registers[code::rsp] == open_.back().sp) {
                top.path.push_back({.block = next});
            }
        }
    }

    void returned(slice::Instance &top, const Tick &now) {
        if (top.path.empty()) {
            return;
        }
        const code::Block &before = top.cfg().blocks[top.path.back().block];
        if (before.call != code::no_index &&
            top.cfg().calls[before.call].return_address == now.rip) {
            top.returns.push_back({.visit = static_cast<uint32_t>(top.path.size() - 1),
                                   .value = now.registers[code::rax]});
        }
    }

    void watch(slice::Instance &top, size_t index) {
        const Tick &now = run_.ticks[index];
        const uint32_t at = top.listing->index_of(now.rip);
        if (at == code::no_index || !targets_.contains(now.rip) || index + 1 >= run_.ticks.size() ||
            top.path.empty()) {
            return;
        }
        const uint32_t call = top.cfg().blocks[top.path.back().block].call;
        const auto visit = static_cast<uint32_t>(top.path.size() - 1);
        size_t next = index + 1;
        while (next + 1 < run_.ticks.size() && is_thunk(run_.ticks[next].rip)) {
            ++next;
        }
        const uint64_t target = run_.ticks[next].rip;
        if (call != code::no_index && top.cfg().calls[call].through != code::no_register) {
            top.registers.push_back({.visit = visit,
                                     .address = now.rip,
                                     .reg = top.cfg().calls[call].through,
                                     .value = target});
        } else {
            top.memory.push_back({.visit = visit, .address = now.rip, .value = target});
        }
    }

    bool is_thunk(uint64_t address) {
        const auto symbol = program_.code().symbol_at(address);
        return symbol && symbol->name.starts_with("__x86_indirect_thunk_");
    }

    void enter(size_t index) {
        const Tick &now = run_.ticks[index];
        slice::Instance instance;
        instance.listing = program_.listing(now.rip);
        for (const code::Register reg : {code::rdi, code::rsi, code::rdx, code::rcx,
                                         code::Register{8}, code::Register{9}, code::rsp}) {
            instance.entry.at(reg) = now.registers.at(reg);
        }
        instance.whole = false;
        if (!open_.empty()) {
            const slice::Instance &top = execution_.instances[open_.back().instance];
            instance.caller = open_.back().instance;
            instance.caller_visit =
                static_cast<uint32_t>(top.path.empty() ? 0 : top.path.size() - 1);
            size_t before = index > 0 ? index - 1 : 0;
            while (before > 0 && is_thunk(run_.ticks[before].rip)) {
                --before;
            }
            instance.direct = top.cfg().block_at(run_.ticks[before].rip) != code::no_index;
        }
        execution_.instances.push_back(std::move(instance));
        open_.push_back(
            {.instance = execution_.instances.size() - 1, .sp = now.registers[code::rsp]});
    }

    void leave(size_t index) {
        slice::Instance &top = execution_.instances[open_.back().instance];
        top.whole = true;
        top.returned = run_.ticks[index].registers[code::rax];
        open_.pop_back();
    }

    void finish() {
        if (open_.empty()) {
            return;
        }
        const slice::Instance &top = execution_.instances[open_.back().instance];
        execution_.drop.instance = open_.back().instance;
        execution_.drop.visit = static_cast<uint32_t>(top.path.size() - 1);
        if (run_.ticks.size() > 1) {
            const uint64_t before = run_.ticks[run_.ticks.size() - 2].rip;
            if (top.cfg().block_at(before) != code::no_index) {
                execution_.drop.call = before;
            }
        }
    }

    SliceProgram &program_;
    const SteppedRun &run_;
    const std::set<uint64_t> &functions_;
    const std::set<uint64_t> &targets_;
    std::vector<Open> open_;
    bool in_callee_ = false;
    slice::Execution execution_;
};

} // namespace dropctl::test

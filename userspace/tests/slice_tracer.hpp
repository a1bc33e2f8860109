// SPDX-License-Identifier: GPL-2.0-only
// What the module would record of a stepped run: points where the code model puts
// them, steps as they are hit, and back to an Execution through trace/.
#pragma once

#include "code/placement.hpp"
#include "slice/from_trace.hpp"
#include "slice_recorder.hpp"

#include <map>
#include <set>

namespace dropctl::test {

class TracedRun {
  public:
    TracedRun(SliceProgram &program, const SteppedRun &run, const std::set<uint64_t> &functions,
              const std::set<uint64_t> &targets, const std::set<uint64_t> &refused = {})
        : run_(run) {
        for (const uint64_t address : functions) {
            if (program.listing(address) != nullptr) {
                add(*program.listing(address)->function, targets, refused);
            }
        }
        for (size_t i = 0; i < run.ticks.size(); ++i) {
            tick(program, i);
        }
        trace::Step drop;
        drop.kind = DROPTRACE_STEP_DROP;
        drop.location = run.location;
        drop.skb = run.ticks.empty() ? 0 : run.ticks.back().registers[code::rdi];
        path_.steps.push_back(drop);
    }

    slice::Execution execution() {
        const slice::ValueMeaning meaning = [this](uint16_t point, uint16_t) {
            const auto found = meant_.find(point);
            return found == meant_.end() ? std::nullopt : std::optional(found->second);
        };
        builder_ = std::make_unique<slice::ExecutionBuilder>(plan_, knowledge_, meaning);
        return builder_->build(path_, path_.steps.size() - 1, run_.stack);
    }

  private:
    void add(const code::Function &function, const std::set<uint64_t> &targets,
             const std::set<uint64_t> &refused) {
        code::PlacementWishes wishes;
        wishes.refused = refused;
        for (uint32_t call = 0; call < function.cfg.calls.size(); ++call) {
            wishes.calls.push_back(call);
            if (targets.contains(function.cfg.calls[call].address)) {
                wishes.addresses.push_back(function.cfg.calls[call].address);
            }
        }
        trace::PlannedFunction planned;
        planned.code = function;
        planned.placement = code::place_points(function, wishes);
        planned.first_point = static_cast<uint16_t>(plan_.origins.size());
        const auto frame = static_cast<uint16_t>(plan_.functions.size());
        for (uint32_t i = 0; i < planned.placement.points.size(); ++i) {
            const code::Point &point = planned.placement.points[i];
            const auto number = static_cast<uint16_t>(plan_.origins.size());
            numbers_[point.address] = number;
            plan_.origins.push_back({.frame = frame, .index = i});
            plan_.frame_of.push_back(frame);
            plan_.items.emplace_back();
            if (targets.contains(point.address)) {
                mean(function, point.address, number);
            }
        }
        plan_.functions.push_back(std::move(planned));
    }

    void mean(const code::Function &function, uint64_t address, uint16_t number) {
        for (const code::Call &call : function.cfg.calls) {
            if (call.address == address) {
                slice::Operand operand;
                operand.kind = call.through != code::no_register ? slice::OperandKind::Register
                                                                 : slice::OperandKind::Memory;
                operand.reg = call.through;
                meant_[number] = operand;
            }
        }
    }

    void tick(SliceProgram &program, size_t index) {
        const Tick &now = run_.ticks[index];
        const auto found = numbers_.find(now.rip);
        if (found == numbers_.end()) {
            return;
        }
        const code::Point &point = plan_.point(found->second);
        trace::Step step;
        step.point = found->second;
        step.kind = DROPTRACE_STEP_BLOCK;
        if (point.kind == code::PointKind::Entry) {
            step.kind = DROPTRACE_STEP_ENTER;
            step.sp = now.registers[code::rsp] + static_cast<uint64_t>(point.sp_offset);
            step.args = {now.registers[code::rdi], now.registers[code::rsi],
                         now.registers[code::rdx], now.registers[code::rcx],
                         now.registers[8],         now.registers[9]};
        } else if (point.kind == code::PointKind::Exit) {
            step.kind = DROPTRACE_STEP_EXIT;
        }
        if (point.kind != code::PointKind::Entry && point.reg < code::register_count) {
            step.reg = now.registers.at(point.reg);
        }
        path_.steps.push_back(step);
        if (!meant_.contains(found->second)) {
            return;
        }
        size_t next = index + 1;
        while (next + 1 < run_.ticks.size()) {
            const auto symbol = program.code().symbol_at(run_.ticks[next].rip);
            if (!symbol || !symbol->name.starts_with("__x86_indirect_thunk_")) {
                break;
            }
            ++next;
        }
        trace::Step value;
        value.point = found->second;
        value.kind = DROPTRACE_STEP_VALUE;
        const uint64_t target = next < run_.ticks.size() ? run_.ticks[next].rip : 0;
        value.bytes.resize(sizeof(target));
        std::memcpy(value.bytes.data(), &target, sizeof(target));
        path_.steps.push_back(value);
    }

    const SteppedRun &run_;
    slice::Knowledge knowledge_;
    trace::Plan plan_;
    trace::RawPath path_;
    std::map<uint64_t, uint16_t> numbers_; ///< points by address
    std::map<uint16_t, slice::Operand> meant_;
    std::unique_ptr<slice::ExecutionBuilder> builder_;
};

} // namespace dropctl::test

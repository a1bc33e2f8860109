// SPDX-License-Identifier: GPL-2.0-only
#include "slice/from_trace.hpp"

#include <algorithm>
#include <array>

namespace dropctl::slice {

using code::no_index;

namespace {

constexpr std::array<Register, 6> argument_registers{code::rdi, code::rsi, code::rdx,
                                                     code::rcx, 8,         9};

bool holds(const code::Function &function, uint64_t address) {
    return function.cfg.block_at(address) != no_index;
}

uint64_t number_of(const std::vector<uint8_t> &bytes) {
    uint64_t number = 0;
    for (size_t i = std::min<size_t>(bytes.size(), sizeof(number)); i-- > 0;) {
        number = number << 8U | bytes[i];
    }
    return number;
}

} // namespace

ExecutionBuilder::ExecutionBuilder(const trace::Plan &plan, const Knowledge &knowledge,
                                   ValueMeaning meaning)
    : plan_(plan), knowledge_(knowledge), meaning_(std::move(meaning)) {
    OperationDecoder decoder;
    prepared_.resize(plan.functions.size());
    for (size_t i = 0; i < plan.functions.size(); ++i) {
        const trace::PlannedFunction &function = plan.functions[i];
        Prepared &prepared = prepared_[i];
        prepared.listing = decoder.list(function.code);
        prepared.definitions = std::make_unique<Definitions>(prepared.listing);
        prepared.reconstruction =
            std::make_unique<code::Reconstruction>(function.code, function.placement);
    }
}

/// Where an invocation was when the packet was freed.
std::optional<uint64_t> ExecutionBuilder::end_of(const trace::Invocation &invocation,
                                                 const std::vector<uint64_t> &stack,
                                                 uint64_t location) const {
    const code::Function &function = plan_.functions[invocation.frame].code;
    if (location != 0 && holds(function, location - 1)) {
        return location - 1;
    }
    for (const uint64_t address : stack) {
        if (holds(function, address - 1)) {
            return address - 1;
        }
    }
    return std::nullopt;
}

namespace {

/// A function ended though its exit was not seen: its caller went on, or another one
/// took its place on the stack (a jump that is the function's very first instruction has
/// no point of its own).
bool left(const std::vector<trace::Invocation> &invocations, size_t index, size_t drop) {
    const trace::Invocation &one = invocations[index];
    if (one.ended || one.passed.empty()) {
        return false;
    }
    const size_t last = one.passed.back().step;
    for (size_t i = index + 1; i < invocations.size(); ++i) {
        const trace::Invocation &other = invocations[i];
        const bool later = !other.passed.empty() && other.passed.front().step > last &&
                           other.passed.front().step < drop;
        if (later && other.sp >= one.sp) {
            return true;
        }
    }
    if (!one.caller) {
        return false;
    }
    const auto &around = invocations[*one.caller].passed;
    return std::any_of(around.begin(), around.end(), [&](const trace::Passed &passed) {
        return passed.step > last && passed.step < drop;
    });
}

} // namespace

ExecutionBuilder::Walked ExecutionBuilder::walk(const trace::Invocation &invocation, size_t drop,
                                                const std::vector<uint64_t> &stack,
                                                bool left_unseen) const {
    const Prepared &prepared = prepared_[invocation.frame];
    Walked walked;
    Instance &instance = walked.instance;
    instance.listing = &prepared.listing;
    instance.entry[code::rsp] = invocation.sp;
    for (size_t i = 0; i < argument_registers.size(); ++i) {
        instance.entry.at(argument_registers.at(i)) = invocation.args.at(i);
    }

    // What was passed after the packet was freed is of no use.
    std::vector<uint32_t> hits;
    for (const trace::Passed &passed : invocation.passed) {
        if (passed.step < drop) {
            hits.push_back(plan_.origins[passed.point].index);
        }
    }
    const bool all = hits.size() == invocation.passed.size();
    code::FrameEnd end;
    end.ended = (invocation.ended && all) || left_unseen;
    if (!end.ended) {
        end.address = end_of(invocation, stack, 0);
    }
    const code::BlockPath path = prepared.reconstruction->path(hits, end);
    walked.visit_of.resize(hits.size());
    for (const code::PathStep &step : path.steps) {
        if (step.first_hit != no_index) {
            for (uint32_t i = step.first_hit; i < step.first_hit + step.hits && i < hits.size();
                 ++i) {
                walked.visit_of[i] = static_cast<uint32_t>(instance.path.size());
            }
        }
        instance.path.push_back({.block = step.block, .follows = step.join == code::Join::Edge});
    }
    instance.whole = end.ended && path.complete && path.end == code::Join::Edge;
    if (instance.whole) {
        instance.returned = invocation.retval;
        if (const code::Point &point = plan_.point(invocation.passed.back().point);
            point.kind == code::PointKind::Exit) {
            instance.returned_bytes = point.reg_bytes;
            if (!instance.returned && point.constant) {
                instance.returned = static_cast<uint64_t>(*point.constant);
            }
        }
    }
    walked.called.resize(instance.path.size());
    add_values(invocation, walked);
    return walked;
}

void ExecutionBuilder::add_register(const code::Point &point, const trace::Passed &passed,
                                    uint32_t visit, Walked &walked) const {
    Instance &instance = walked.instance;
    if (!passed.reg || point.reg == no_register) {
        return;
    }
    instance.registers.push_back({.visit = visit,
                                  .address = point.address,
                                  .reg = point.reg,
                                  .bytes = point.reg_bytes,
                                  .value = *passed.reg});
    if (point.calls.empty()) {
        return;
    }
    for (uint32_t at = visit + 1; at-- > 0;) {
        if (point.reads(instance.cfg().blocks[instance.path[at].block].call)) {
            instance.returns.push_back(
                {.visit = at, .bytes = point.reg_bytes, .value = *passed.reg});
            return;
        }
        if (!instance.path[at].follows) {
            return;
        }
    }
}

/// Calls of which the way says that they returned 0.
void ExecutionBuilder::add_zeros(const code::Placement &placement, Instance &instance) {
    for (uint32_t at = 0; at + 2 < instance.path.size(); ++at) {
        const uint32_t call = instance.cfg().blocks[instance.path[at].block].call;
        const code::ZeroTest *test = call == no_index ? nullptr : placement.test_of(call);
        if (test != nullptr && instance.path[at + 1].follows && instance.path[at + 2].follows &&
            instance.path[at + 2].block == test->zero) {
            instance.returns.push_back({.visit = at, .bytes = test->bytes, .value = 0});
        }
    }
}

void ExecutionBuilder::add_values(const trace::Invocation &invocation, Walked &walked) const {
    Instance &instance = walked.instance;
    for (size_t i = 0; i < walked.visit_of.size(); ++i) {
        const trace::Passed &passed = invocation.passed[i];
        add_register(plan_.point(passed.point), passed, walked.visit_of[i], walked);
    }
    add_zeros(plan_.functions[invocation.frame].placement, instance);
    for (const trace::ReadValue &value : invocation.values) {
        if (!meaning_ || value.status != 0 || value.passed >= walked.visit_of.size()) {
            continue;
        }
        const auto operand = meaning_(value.point, value.item);
        if (!operand) {
            continue;
        }
        const uint32_t visit = walked.visit_of[value.passed];
        const uint64_t address = plan_.point(value.point).address;
        const auto bytes =
            static_cast<uint8_t>(std::min<size_t>(value.bytes.size(), operand->bytes));
        if (operand->is(OperandKind::Register)) {
            instance.registers.push_back({.visit = visit,
                                          .address = address,
                                          .reg = operand->reg,
                                          .bytes = bytes,
                                          .value = number_of(value.bytes)});
        } else {
            instance.memory.push_back({.visit = visit,
                                       .address = address,
                                       .bytes = bytes,
                                       .value = number_of(value.bytes)});
        }
    }
    std::stable_sort(
        instance.registers.begin(), instance.registers.end(),
        [](const SeenRegister &a, const SeenRegister &b) { return a.visit < b.visit; });
}

/// A function that another one jumped to has its place on the stack, and was entered
/// when that one had ended.
bool ExecutionBuilder::attach_to_tail_call(const std::vector<trace::Invocation> &invocations,
                                           size_t index, std::vector<Walked> &walked) const {
    const trace::Invocation &callee = invocations[index];
    for (size_t other = index; other-- > 0;) {
        const trace::Invocation &jumper = invocations[other];
        if (jumper.caller != callee.caller) {
            continue;
        }
        Walked &from = walked[other];
        if (jumper.sp != callee.sp || from.tail_called || from.instance.path.empty()) {
            return false;
        }
        const code::Cfg &cfg = from.instance.cfg();
        const code::Block &last = cfg.blocks[from.instance.path.back().block];
        if (last.exit != code::BlockEnd::TailCall || last.call == no_index) {
            return false;
        }
        const uint64_t target = cfg.calls[last.call].target;
        const uint64_t entry = plan_.functions[callee.frame].code.address;
        Instance &made = walked[index].instance;
        made.caller = other;
        made.caller_visit = static_cast<uint32_t>(from.instance.path.size() - 1);
        made.direct = target == 0 || target == entry;
        from.tail_called = true;
        return true;
    }
    return false;
}

/// Find the call that led to an invocation: between the points that its caller had
/// passed by then, the first not taken yet whose target and stack fit.
void ExecutionBuilder::attach(const std::vector<trace::Invocation> &invocations, size_t index,
                              std::vector<Walked> &walked) const {
    const trace::Invocation &callee = invocations[index];
    if (attach_to_tail_call(invocations, index, walked) || !callee.caller) {
        return;
    }
    Walked &from = walked[*callee.caller];
    const trace::Invocation &caller = invocations[*callee.caller];
    const Definitions &definitions = *prepared_[caller.frame].definitions;
    Instance &made = walked[index].instance;
    const auto &path = from.instance.path;
    if (path.empty()) {
        return;
    }
    const size_t passed = callee.caller_passed;
    const uint32_t first = passed == 0 || from.visit_of.empty()
                               ? 0
                               : from.visit_of[std::min(passed, from.visit_of.size()) - 1];
    const auto last = passed < from.visit_of.size() ? from.visit_of[passed]
                                                    : static_cast<uint32_t>(path.size() - 1);
    made.caller = *callee.caller;
    made.caller_visit = last;
    made.direct = false;
    const uint64_t entry = plan_.functions[callee.frame].code.address;
    const code::Cfg &cfg = from.instance.cfg();
    std::optional<uint32_t> fallback;
    for (uint32_t visit = first; visit <= last && visit < path.size(); ++visit) {
        const code::Block &block = cfg.blocks[path[visit].block];
        if (block.call == no_index || block.count == 0) {
            continue;
        }
        const code::Call &call = cfg.calls[block.call];
        const auto sp = definitions.sp_at(block.first + block.count - 1);
        const uint64_t expected =
            caller.sp + static_cast<uint64_t>(sp.value_or(0)) - (call.is_tail() ? 0 : 8);
        const bool fits = !sp || expected == callee.sp;
        const bool deeper = sp && callee.sp < expected;
        if (fits && !from.called[visit] && (call.target == entry || call.target == 0)) {
            made.caller_visit = visit;
            made.direct = true;
            from.called[visit] = true;
            return;
        }
        if (deeper && call.target != entry) {
            fallback = visit;
        }
    }
    made.caller_visit = fallback.value_or(made.caller_visit);
}

/// The innermost invocation that was not over when the packet was freed. One whose end
/// was not seen may only look so: then no address in the stack is of its code.
size_t ExecutionBuilder::innermost_at(const std::vector<trace::Invocation> &invocations,
                                      size_t drop, const std::vector<uint64_t> &stack) const {
    size_t place = no_instance;
    for (size_t i = 0; i < invocations.size(); ++i) {
        const auto &drops = invocations[i].drops;
        if (std::find(drops.begin(), drops.end(), drop) != drops.end()) {
            place = i;
        }
    }
    if (place == no_instance) {
        // All was over: the last one jumped to what freed it.
        for (size_t i = 0; i < invocations.size(); ++i) {
            place = invocations[i].caller ? place : i;
        }
        return place;
    }
    for (size_t at = place; at != no_instance;) {
        const code::Function &function = plan_.functions[invocations[at].frame].code;
        if (std::any_of(stack.begin(), stack.end(),
                        [&](uint64_t address) { return holds(function, address - 1); })) {
            return at;
        }
        at = invocations[at].caller.value_or(no_instance);
    }
    return place;
}

void ExecutionBuilder::place_drop(const std::vector<Walked> &walked, DropPlace &place) const {
    const auto last = [&](size_t index) {
        const size_t visits = walked[index].instance.path.size();
        return static_cast<uint32_t>(visits == 0 ? 0 : visits - 1);
    };
    place.visit = last(place.instance);
    // A function that jumped to what freed the packet is in no stack: it looks as if
    // the call of it had freed.
    for (size_t i = walked.size(); i-- > 0;) {
        const Instance &inner = walked[i].instance;
        const bool here = inner.caller == place.instance && inner.caller_visit == place.visit &&
                          !inner.path.empty() && !walked[i].tail_called;
        if (!here || !inner.whole) {
            continue;
        }
        const code::Block &end = inner.cfg().blocks[inner.path.back().block];
        if (end.exit == code::BlockEnd::TailCall) {
            place.instance = i;
            place.visit = last(i);
            break;
        }
    }
    const Instance &instance = walked[place.instance].instance;
    if (instance.path.empty()) {
        return;
    }
    const code::Block &block = instance.cfg().blocks[instance.path[place.visit].block];
    if (block.call == no_index) {
        return;
    }
    const code::Call &call = instance.cfg().calls[block.call];
    if (knowledge_.frees(call)) {
        place.call = call.address;
    }
}

Execution ExecutionBuilder::build(const trace::RawPath &path, size_t drop,
                                  const std::vector<uint64_t> &stack) const {
    Execution execution;
    if (drop >= path.steps.size()) {
        return execution;
    }
    const trace::Step &step = path.steps[drop];
    execution.packet = step.skb;
    std::vector<uint64_t> addresses = stack;
    if (step.location != 0) {
        addresses.insert(addresses.begin(), step.location);
    }
    std::vector<trace::Invocation> invocations = trace::invocations(path.steps, plan_.frame_of);
    // Those entered after the drop do not count.
    while (!invocations.empty() && !invocations.back().passed.empty() &&
           invocations.back().passed.front().step > drop) {
        invocations.pop_back();
    }
    const size_t innermost = innermost_at(invocations, drop, addresses);
    std::vector<Walked> walked;
    walked.reserve(invocations.size());
    for (size_t i = 0; i < invocations.size(); ++i) {
        // What was entered later than the innermost one has ended, seen or not.
        const bool gone = innermost != no_instance && i > innermost;
        walked.push_back(walk(invocations[i], drop, addresses, gone || left(invocations, i, drop)));
    }
    for (size_t i = 0; i < invocations.size(); ++i) {
        attach(invocations, i, walked);
    }
    if (innermost != no_instance) {
        execution.drop.instance = innermost;
        place_drop(walked, execution.drop);
    }
    for (Walked &one : walked) {
        execution.instances.push_back(std::move(one.instance));
    }
    return execution;
}

} // namespace dropctl::slice

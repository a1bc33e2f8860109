// SPDX-License-Identifier: GPL-2.0-only
// Puts what was found into steps: places, comparisons, where their operands came
// from, loops, and what is still to be recorded.
#include "slice/tracer.hpp"

#include "code/graph.hpp"

#include <algorithm>

namespace dropctl::slice {

using code::no_index;

Step Tracer::step_at(EventId event, Why why) const {
    const Event &at = flow_.events[event];
    const code::Function &function = instance(at.instance).function();
    Step step;
    step.instance = at.instance;
    step.visit = at.visit;
    step.branch = address_of(event);
    step.why = why;
    step.branch_frames = function.frames(step.branch);
    return step;
}

Step Tracer::condition_step(EventId event, NodeId flags, Condition condition) const {
    Step step = step_at(event, Why::Condition);
    if (flags == no_value) {
        return step;
    }
    add_comparison(step, flags, condition);
    if (flow_.operation(execution_, event).code != Opcode::BranchIf) {
        improve_line(step, flags);
    }
    return step;
}

/// Where a test was made into arithmetic, the line table keeps the line of one of its
/// outcomes; that of the load of what was tested is the better one if it is just above.
void Tracer::improve_line(Step &step, NodeId flags) const {
    constexpr uint32_t lines_above = 3;
    const Node &test = flow_.nodes[flags];
    if (test.kind != NodeKind::Compare || step.compare_frames.empty()) {
        return;
    }
    const Frame own = step.line();
    const Frame *best = nullptr;
    std::vector<Frame> frames;
    for (const NodeId side : {test.a, test.b}) {
        NodeId at = side;
        for (unsigned i = 0; i < 8 && at != no_value; ++i) {
            const Node &node = flow_.nodes[at];
            if (node.kind == NodeKind::Load && flow_.events[node.event].instance == step.instance) {
                for (Frame &frame :
                     instance(step.instance).function().frames(address_of(node.event))) {
                    frames.push_back(std::move(frame));
                }
            } else if (node.kind != NodeKind::Cut && node.kind != NodeKind::Extend &&
                       node.kind != NodeKind::Part && node.kind != NodeKind::Sum) {
                break;
            }
            at = node.a;
        }
    }
    for (const Frame &frame : frames) {
        const bool above = frame.function == own.function && frame.file == own.file &&
                           frame.line < own.line && own.line - frame.line <= lines_above;
        if (above && (best == nullptr || frame.line > best->line)) {
            best = &frame;
        }
    }
    if (best != nullptr) {
        step.compare_frames = {*best};
        step.branch_frames = {*best};
    }
}

void Tracer::add_comparison(Step &step, NodeId flags, Condition condition) const {
    const Node &test = flow_.nodes[flags];
    Comparison comparison{.condition = condition};
    if (test.kind != NodeKind::Compare) {
        const EventId event = flow_.instances[step.instance].own[step.visit];
        comparison.is_switch = true;
        comparison.left =
            tested(flags, flow_.operation(execution_, event).destination, event, test.bytes);
        step.comparison = comparison;
        return;
    }
    const Operation &operation = flow_.operation(execution_, test.event);
    if (flow_.events[test.event].instance == step.instance) {
        step.compare = address_of(test.event);
        step.compare_frames = instance(step.instance).function().frames(step.compare);
    }
    comparison.is_bit_test = test.operation == Opcode::TestBit;
    comparison.left = tested(test.a, operation.destination, test.event, test.bytes);
    if (test.operation == Opcode::Test) {
        if (test.a != test.b) {
            if (flow_.nodes[test.b].kind == NodeKind::Constant) {
                comparison.left.mask =
                    cut_to(static_cast<uint64_t>(flow_.nodes[test.b].constant), test.bytes);
            } else if (const auto mask = flow_.low(test.b, test.bytes)) {
                comparison.left.mask = *mask;
            }
        }
        comparison.right.operand.kind = OperandKind::Constant;
        comparison.right.operand.bytes = test.bytes;
        comparison.right.address = address_of(test.event);
        comparison.right.bytes = test.bytes;
        comparison.right.value = 0;
        comparison.right.origin.root = Root::Constant;
    } else {
        const Operand &right =
            operation.code == Opcode::Negate ? operation.destination : operation.source;
        comparison.right = tested(test.b, right, test.event, test.bytes);
    }
    step.comparison = comparison;
}

TestedValue Tracer::tested(NodeId id, const Operand &operand, EventId event, uint8_t bytes) const {
    TestedValue value;
    value.operand = operand;
    value.address = address_of(event);
    value.bytes = bytes;
    value.value = flow_.low(id, bytes);
    // Parts of a byte, a bit: what it was taken from says more.
    NodeId from = id;
    for (unsigned i = 0; i < 8; ++i) {
        const Node &node = flow_.nodes[from];
        const bool fixed = node.b != no_value && flow_.nodes[node.b].kind == NodeKind::Constant;
        if (node.kind == NodeKind::Compute && node.operation == Opcode::And && fixed) {
            value.mask = cut_to(static_cast<uint64_t>(flow_.nodes[node.b].constant), node.bytes);
        } else if (node.kind != NodeKind::Cut && node.kind != NodeKind::Extend &&
                   node.kind != NodeKind::Part) {
            break;
        }
        from = node.a;
    }
    value.origin = origin(from);
    return value;
}

Origin Tracer::origin(NodeId id) const {
    Origin origin;
    constexpr size_t loads_most = 12;
    bool sums = true; // offsets count until the first load, seen backwards
    for (unsigned i = 0; i < 256 && id != no_value; ++i) {
        const Node &node = flow_.nodes[id];
        origin.instance = node.instance;
        switch (node.kind) {
        case NodeKind::Sum:
            if (sums) {
                origin.offset += node.constant;
            } else {
                origin.loads.front() += node.constant;
            }
            id = node.a;
            continue;
        case NodeKind::Cut:
        case NodeKind::Extend:
        case NodeKind::Part:
        case NodeKind::Argument:
        case NodeKind::Stored:
        case NodeKind::Gap:
            id = node.a;
            continue;
        case NodeKind::Load:
            if (node.a == no_value) {
                origin.root = node.segment ? Root::PerCpu : Root::Global;
                origin.address = static_cast<uint64_t>(node.constant);
                return origin;
            }
            if (origin.loads.size() >= loads_most) {
                return origin;
            }
            origin.loads.insert(origin.loads.begin(), node.constant);
            sums = false;
            id = node.a;
            continue;
        case NodeKind::Result:
            if (node.a != no_value && flow_.nodes[node.a].kind != NodeKind::Constant) {
                id = node.a;
                continue;
            }
            origin.root = Root::CallResult;
            origin.address = address_of(node.event);
            return origin;
        case NodeKind::OutParameter:
            origin.root = Root::CallResult;
            origin.address = address_of(flow_.calls[node.call].event);
            return origin;
        case NodeKind::Entry:
            origin.root = node.reg == code::rsp ? Root::Stack : Root::Argument;
            origin.reg = node.reg;
            return origin;
        case NodeKind::Constant:
            origin.root = Root::Constant;
            return origin;
        default:
            return origin;
        }
    }
    return origin;
}

void Tracer::add_loop(Step &step, BlockIndex alternative) const {
    const Instance &run = instance(step.instance);
    const code::Cfg &cfg = run.cfg();
    if (step.visit >= run.path.size()) {
        return;
    }
    const BlockIndex block = run.path[step.visit].block;
    const std::vector<code::Loop> loops = code::find_loops(cfg.graph(), cfg.entry);
    const code::Loop *inner = nullptr;
    for (const code::Loop &loop : loops) {
        if (std::binary_search(loop.nodes.begin(), loop.nodes.end(), block)) {
            inner = &loop;
        }
    }
    if (inner == nullptr) {
        return;
    }
    const auto inside = [&](BlockIndex at) {
        return std::binary_search(inner->nodes.begin(), inner->nodes.end(), at);
    };
    LoopFacts facts{.header = cfg.blocks[inner->header].start};
    for (uint32_t visit = step.visit + 1; visit-- > 0 && inside(run.path[visit].block);) {
        facts.iterations += run.path[visit].block == inner->header ? 1 : 0;
    }
    const size_t next = step.visit + size_t{1};
    facts.left_here =
        inside(alternative) && next < run.path.size() && !inside(run.path[next].block);
    step.loop = facts;
}

void Tracer::add_call(Step &step, uint32_t number) const {
    const CallEvent &call = flow_.calls[number];
    const Event &at = flow_.events[call.event];
    const code::Call &made = instance(at.instance).cfg().calls[call.call];
    step.call = call.call;
    step.caller = at.instance;
    step.callee = made.callee;
    if (call.callee != no_instance) {
        step.callee_instance = call.callee;
        step.callee = instance(call.callee).function().function;
    }
    for (const uint8_t bytes : {uint8_t{8}, uint8_t{4}, uint8_t{2}, uint8_t{1}}) {
        if (!step.retval) {
            step.retval = flow_.low(call.result, bytes);
            step.retval_bytes = bytes;
        }
    }
}

void Tracer::add_also(Step step) {
    const auto same = [&](const Step &other) {
        return other.instance == step.instance && other.branch == step.branch;
    };
    const bool met = std::any_of(answer_.also.begin(), answer_.also.end(), same);
    if (!met && answer_.also.size() < limits_.also) {
        answer_.also.push_back(std::move(step));
    }
}

void Tracer::add_also(size_t, const std::vector<Candidate> &from) {
    for (const Candidate &candidate : from) {
        Step step = condition_step(candidate.event, flow_.events[candidate.event].node,
                                   flow_.operation(execution_, candidate.event).condition);
        if (turns_on_call(candidate)) {
            const Node &test = flow_.nodes[flow_.events[candidate.event].node];
            NodeId id = test.a;
            while (flow_.nodes[id].kind != NodeKind::Result) {
                id = flow_.nodes[id].a;
            }
            step.why = Why::Return;
            add_call(step, flow_.nodes[id].call);
        }
        add_also(std::move(step));
    }
}

void Tracer::need(Need need) {
    for (Need &other : answer_.needs) {
        if (other == need) {
            other.blocks = other.blocks || need.blocks;
            return;
        }
    }
    answer_.needs.push_back(std::move(need));
}

void Tracer::need_function(const CallEvent &call, bool blocks) {
    const Event &at = flow_.events[call.event];
    const code::Call &made = instance(at.instance).cfg().calls[call.call];
    Need need{.kind = NeedKind::Function,
              .blocks = blocks,
              .function = instance(at.instance).function().address,
              .address = made.address,
              .target = made.target,
              .callee = made.callee,
              .module = made.module};
    if (need.target == 0 && call.target != no_value) {
        need.target = flow_.low(call.target, 8).value_or(0);
    }
    if (need.target == 0) {
        need.kind = NeedKind::Target;
        need.operand = flow_.operation(execution_, call.event).destination;
        if (made.through != code::no_register) {
            need.operand.kind = OperandKind::Register;
            need.operand.reg = made.through;
            need.operand.bytes = 8;
        }
    }
    this->need(std::move(need));
}

void Tracer::need_values(const Step &step) {
    if (!step.comparison) {
        return;
    }
    for (const TestedValue *value : {&step.comparison->left, &step.comparison->right}) {
        if (value->value || value->operand.is(OperandKind::None) ||
            value->operand.is(OperandKind::Constant)) {
            continue;
        }
        need({.kind = NeedKind::Value,
              .blocks = false,
              .function = instance(step.instance).function().address,
              .address = value->address,
              .operand = value->operand});
    }
}

void Tracer::doubt(const std::string &why) {
    if (std::find(answer_.doubts.begin(), answer_.doubts.end(), why) == answer_.doubts.end()) {
        answer_.doubts.push_back(why);
    }
}

/// Where a function that was called decided, its caller's test of what it returned could have
/// avoided it as well.
void Tracer::also_who_asked() {
    const auto &chain = answer_.chain;
    if (chain.size() < 2 || limits_.also == 0) {
        return;
    }
    const Step &cause = chain.back();
    for (size_t i = chain.size() - 1; i-- > 0;) {
        const Step &asked = chain[i];
        if (asked.instance == cause.instance) {
            continue;
        }
        if (!asked.comparison) {
            return;
        }
        const auto same = [&](const Step &other) {
            return other.instance == asked.instance && other.branch == asked.branch;
        };
        if (std::none_of(answer_.also.begin(), answer_.also.end(), same)) {
            answer_.also.resize(std::min(answer_.also.size(), limits_.also - 1));
            answer_.also.insert(answer_.also.begin() + (answer_.also.empty() ? 0 : 1), asked);
        }
        return;
    }
}

void Tracer::finish() {
    for (Step &step : later_also_) {
        const auto same = [&](const Step &other) {
            return other.instance == step.instance && other.branch == step.branch;
        };
        if (std::none_of(answer_.chain.begin(), answer_.chain.end(), same)) {
            add_also(std::move(step));
        }
    }
    also_who_asked();
    for (const EventId event : flow_.contradictions) {
        const uint32_t index = flow_.events[event].instance;
        const bool concerns = std::any_of(answer_.chain.begin(), answer_.chain.end(),
                                          [&](const Step &step) { return step.instance == index; });
        if (concerns) {
            doubt("recorded values do not agree in " + instance(index).function().function);
        }
    }
    const bool sound = answer_.ended == Ended::Memory || answer_.ended == Ended::Argument ||
                       answer_.ended == Ended::Comparison || answer_.ended == Ended::Hardware;
    const bool open = std::any_of(answer_.needs.begin(), answer_.needs.end(),
                                  [](const Need &need) { return need.blocks; });
    answer_.complete = sound && !open && answer_.doubts.empty() && !answer_.chain.empty();
}

} // namespace dropctl::slice

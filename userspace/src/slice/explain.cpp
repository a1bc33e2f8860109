// SPDX-License-Identifier: GPL-2.0-only
// Why a value was what it was: through copies and arithmetic with constants, to
// the call that returned it, the store that left it, the constant it was, or to
// where the record ends.
#include "slice/tracer.hpp"

#include <algorithm>

namespace dropctl::slice {

using code::no_index;

bool Tracer::condition(size_t index, EventId event, NodeId flags, Condition condition) {
    if (too_long()) {
        end(Ended::TooLong);
        doubt("the chain is too long");
        return false;
    }
    Step step = condition_step(event, flags, condition);
    const auto &path = instance(index).path;
    const uint32_t visit = flow_.events[event].visit;
    if (flow_.operation(execution_, event).code == Opcode::BranchIf && visit + 1 < path.size() &&
        step.branch != 0) {
        const code::Instruction &jump = flow_.instruction(execution_, event);
        step.taken = instance(index).cfg().blocks[path[visit + 1].block].start == jump.target;
        const auto expected = flow_.holds(flags, condition);
        if (expected && *expected != step.taken) {
            doubt("a value that was tested does not agree with how the test came out");
            end(Ended::WriterMissed);
            answer_.chain.push_back(std::move(step));
            return false;
        }
    }
    need_values(step);
    answer_.chain.push_back(std::move(step));
    if (flags == no_value) {
        doubt("what was tested is not known");
        end(Ended::Comparison);
        return false;
    }
    return explain_flags(flags, index);
}

bool Tracer::explain_flags(NodeId flags, size_t index) {
    const Node &test = flow_.nodes[flags];
    if (test.kind != NodeKind::Compare) { // a switch
        return explain(flags, {.instance = index, .event = test.event, .bytes = test.bytes});
    }
    const Event &at = flow_.events[test.event];
    const Operation &operation = flow_.operation(execution_, test.event);
    Use use{.instance = at.instance, .event = test.event, .bytes = test.bytes};
    const Definitions &where = definitions(at.instance);
    const bool left_fixed = flow_.nodes[resolve(test.a)].kind == NodeKind::Constant;
    const bool right_fixed = flow_.nodes[resolve(test.b)].kind == NodeKind::Constant;
    if (test.a == test.b ||
        (right_fixed && (!left_fixed || operation.source.is(OperandKind::Constant)))) {
        use.location = where.location(at.instruction, operation.destination);
        return explain(test.a, use);
    }
    if (left_fixed) {
        use.location =
            where.location(at.instruction, operation.code == Opcode::Negate ? operation.destination
                                                                            : operation.source);
        return explain(test.b, use);
    }
    // Two values: only what a recorded function returned as a verdict leads on.
    end(Ended::Comparison);
    return false;
}

/// Both inputs are made of one and the same: x + 4 * x.
bool Tracer::doubles(const Node &node) const {
    const auto plain = [&](NodeId id) {
        for (unsigned i = 0; i < 8; ++i) {
            const Node &at = flow_.nodes[id];
            const bool fixed = at.kind == NodeKind::Compute &&
                               (at.b == no_value || flow_.nodes[at.b].kind == NodeKind::Constant);
            if (!fixed && at.kind != NodeKind::Sum && at.kind != NodeKind::Cut &&
                at.kind != NodeKind::Extend && at.kind != NodeKind::Part) {
                break;
            }
            id = at.a;
        }
        return flow_.nodes[id].number;
    };
    return node.b != no_value && plain(node.a) == plain(node.b);
}

NodeId Tracer::resolve(NodeId id) const {
    for (unsigned i = 0; i < 4096 && id != no_value; ++i) {
        const Node &node = flow_.nodes[id];
        switch (node.kind) {
        case NodeKind::Argument:
        case NodeKind::Stored:
        case NodeKind::Gap:
        case NodeKind::Extend:
        case NodeKind::Part:
        case NodeKind::Cut:
        case NodeKind::Sum:
            id = node.a;
            break;
        case NodeKind::Result:
            if (node.a == no_value) {
                return id;
            }
            id = node.a;
            break;
        case NodeKind::Compute: {
            const bool one = node.b == no_value || flow_.nodes[node.b].kind == NodeKind::Constant ||
                             doubles(node);
            const bool other = flow_.nodes[node.a].kind == NodeKind::Constant;
            if (!one && !other) {
                return id;
            }
            id = one ? node.a : node.b;
            break;
        }
        default:
            return id;
        }
    }
    return id;
}

/// There is more to be said of a value than where it lay.
bool Tracer::leads_somewhere(NodeId id) const {
    const NodeKind kind = flow_.nodes[resolve(id)].kind;
    return kind == NodeKind::Constant || kind == NodeKind::Result || kind == NodeKind::SetIf ||
           kind == NodeKind::Select || kind == NodeKind::OutParameter;
}

/// The input of a computation, as a use of it.
Use Tracer::input_of(const Node &node, uint8_t bytes) const {
    Use use{.instance = node.instance, .event = node.event, .bytes = bytes};
    if (node.event == no_event || node.event >= flow_.events.size()) {
        return use;
    }
    const Event &at = flow_.events[node.event];
    const Operation &operation = flow_.operation(execution_, node.event);
    const Definitions &where = definitions(at.instance);
    if (operation.code == Opcode::Address) {
        const Register base = operation.source.memory.base < code::rip
                                  ? operation.source.memory.base
                                  : operation.source.memory.index;
        use.location = Location{.reg = base};
    } else {
        use.location = where.location(at.instruction, operation.third.is(OperandKind::None)
                                                          ? operation.destination
                                                          : operation.source);
    }
    return use;
}

bool Tracer::leaf(const Node &node) {
    switch (node.kind) {
    case NodeKind::Load:
        end(node.segment ? Ended::Hardware : Ended::Memory);
        if (node.call != no_index) {
            need_function(flow_.calls[node.call], false);
        }
        break;
    case NodeKind::Entry:
        end(Ended::Argument);
        if (instance(node.instance).caller != no_instance) {
            const Instance &run = instance(node.instance);
            const auto &own = flow_.instances[run.caller].own;
            if (run.caller_visit < own.size()) {
                if (const uint32_t call = flow_.call_of(own[run.caller_visit]); call != no_index) {
                    need_function(flow_.calls[call], false);
                }
            }
        }
        break;
    case NodeKind::Unknown:
        end(Ended::Comparison);
        doubt("what was tested was computed in a way that is not followed");
        break;
    default:
        end(Ended::Comparison);
        break;
    }
    return false;
}

bool Tracer::explain(NodeId id, Use use) {
    for (unsigned i = 0; i < 4096; ++i) {
        if (id == no_value) {
            end(Ended::Comparison);
            return false;
        }
        const Node node = flow_.nodes[id];
        switch (node.kind) {
        case NodeKind::Gap:
            doubt("the path is not known in full where the value may have changed");
            id = node.a;
            break;
        case NodeKind::Cut:
        case NodeKind::Extend:
        case NodeKind::Part:
            use.bytes = std::min(use.bytes, flow_.nodes[node.a].bytes);
            id = node.a;
            break;
        case NodeKind::Sum:
            use = input_of(node, node.bytes);
            id = node.a;
            break;
        case NodeKind::Compute:
            return explain_computed(id, use);
        case NodeKind::Argument:
            return explain_argument(node, use);
        case NodeKind::Stored:
            return explain_store(node, use);
        case NodeKind::OutParameter:
            return explain_out_parameter(node);
        case NodeKind::Result:
            return node.a == no_value ? explain_unrecorded(node) : explain_result(node, use);
        case NodeKind::Constant:
            return constant(node, use);
        case NodeKind::SetIf:
            if (node.c == no_value) {
                return leaf({.kind = NodeKind::Unknown});
            }
            // The value is the outcome of a test, made without a jump.
            return condition(node.instance, node.event, node.c, node.condition) || true;
        case NodeKind::Select:
            return explain_select(id, use);
        case NodeKind::Load:
        case NodeKind::Entry:
        case NodeKind::Unknown:
        case NodeKind::Compare:
            return leaf(node);
        }
    }
    return leaf({.kind = NodeKind::Unknown});
}

bool Tracer::explain_computed(NodeId id, const Use &use) {
    const Node node = flow_.nodes[id];
    const bool right_fixed =
        node.b == no_value || doubles(node) || flow_.nodes[node.b].kind == NodeKind::Constant;
    const bool left_fixed = flow_.nodes[node.a].kind == NodeKind::Constant;
    if (right_fixed || left_fixed) {
        Use input = input_of(node, node.bytes);
        return explain(right_fixed ? node.a : node.b, input);
    }
    // A logical "or" and "and" without jumps: the side that made the result what it was.
    if (node.operation == Opcode::Or || node.operation == Opcode::And) {
        const auto left = flow_.value(node.a);
        const auto right = flow_.value(node.b);
        const bool is_or = node.operation == Opcode::Or;
        const auto decides = [&](const std::optional<uint64_t> &side,
                                 const std::optional<uint64_t> &other) {
            return side && other && (is_or ? *side != 0 && *other == 0 : *side == 0 && *other != 0);
        };
        if (decides(left, right) && leads_somewhere(node.a)) {
            return explain(node.a, use);
        }
        if (decides(right, left) && leads_somewhere(node.b)) {
            return explain(node.b, use);
        }
    }
    end(Ended::Comparison);
    return false;
}

/// An argument: what the caller passed, if there is more to say of it.
bool Tracer::explain_argument(const Node &node, const Use &use) {
    const CallEvent &call = flow_.calls[node.call];
    const Event &at = flow_.events[call.event];
    const Node &end_of_it = flow_.nodes[resolve(node.a)];
    if (!leads_somewhere(node.a) || (end_of_it.kind == NodeKind::Constant &&
                                     is_given(node.a == no_value ? no_value : node.a))) {
        end(Ended::Argument);
        return false;
    }
    const Use passed{.instance = at.instance,
                     .event = call.event,
                     .location = Location{.reg = node.reg},
                     .bytes = use.bytes};
    if (flow_.nodes[node.a].kind == NodeKind::Constant) {
        // Only if the call can pass something else.
        const Reaching all = reaching(flow_.nodes[node.a], passed);
        const bool varies =
            std::any_of(all.definitions.begin(), all.definitions.end(), [&](const Definition &one) {
                return !one.constant || *one.constant != flow_.nodes[node.a].constant;
            });
        if (!varies) {
            end(Ended::Argument);
            return false;
        }
    }
    const size_t before = answer_.chain.size();
    if (explain(node.a, passed)) {
        return true;
    }
    answer_.chain.resize(std::min(before, answer_.chain.size()));
    return false;
}

bool Tracer::explain_store(const Node &node, const Use &use) {
    if (!leads_somewhere(node.a) || node.store == no_index) {
        end(Ended::Memory);
        return false;
    }
    const StoreEvent &store = flow_.stores[node.store];
    const Event &at = flow_.events[store.event];
    const Operation &operation = flow_.operation(execution_, store.event);
    const size_t before = answer_.chain.size();
    answer_.chain.push_back(step_at(store.event, Why::Store));
    if (const auto value = flow_.value(node.a)) {
        answer_.chain.back().constant = value;
    }
    const Use stored{.instance = at.instance,
                     .event = store.event,
                     .location =
                         definitions(at.instance).location(at.instruction, operation.source),
                     .bytes = use.bytes};
    const bool more = explain(node.a, stored);
    // A constant that is always stored there: the store itself is the last that is known.
    if (!more && flow_.nodes[resolve(node.a)].kind == NodeKind::Constant) {
        return true;
    }
    if (!more) {
        answer_.chain.resize(std::min(before, answer_.chain.size()));
        end(Ended::Memory);
    }
    return more;
}

/// The callee was recorded, but not where it stored: the registers that say.
void Tracer::need_stores(const CallEvent &call) {
    if (call.callee == no_instance) {
        return;
    }
    for (const StoreEvent &store : flow_.stores) {
        const Event &at = flow_.events[store.event];
        const Operand &to = flow_.operation(execution_, store.event).destination;
        if (at.instance != call.callee || !to.is(OperandKind::Memory) ||
            to.memory.base == code::rsp) {
            continue;
        }
        for (const Register reg : {to.memory.base, to.memory.index}) {
            if (reg < code::rip) {
                need({.kind = NeedKind::Value,
                      .blocks = false,
                      .function = instance(call.callee).function().address,
                      .address = address_of(store.event),
                      .operand = {.kind = OperandKind::Register, .reg = reg}});
            }
        }
    }
}

/// What a call wrote through a pointer that it was given.
bool Tracer::explain_out_parameter(const Node &node) {
    const CallEvent &call = flow_.calls[node.call];
    if (!answer_.chain.empty()) {
        Step &step = answer_.chain.back();
        if (step.callee.empty() && step.call == no_index) {
            add_call(step, node.call);
            step.why = Why::Return;
        }
    }
    need_function(call, true);
    need_stores(call);
    doubt("what " + answer_.chain.back().callee + " stored was not recorded");
    end(Ended::NotFollowed);
    return true;
}

/// A call of a function that was not recorded.
bool Tracer::explain_unrecorded(const Node &node) {
    const CallEvent &call = flow_.calls[node.call];
    const Event &at = flow_.events[call.event];
    // It was handed up here.
    if (!answer_.chain.empty() && answer_.chain.back().call == no_index &&
        answer_.chain.back().instance == at.instance) {
        add_call(answer_.chain.back(), node.call);
        answer_.chain.back().why = Why::Return;
    } else {
        answer_.chain.push_back(step_at(call.event, Why::Return));
        add_call(answer_.chain.back(), node.call);
    }
    // A function that was recorded inside of it, and returned the same, made the value.
    const auto value = flow_.low(call.result, 4);
    const bool telling = value && *value > 1;
    for (auto inner = call.inside.rbegin(); inner != call.inside.rend() && value; ++inner) {
        const NodeId returned = flow_.instances[*inner].returned;
        const bool same = returned != no_value && flow_.low(returned, 4) == value && telling;
        if (!same) {
            continue;
        }
        need_function(call, true);
        doubt("a function between was not recorded");
        return explain(returned, {.instance = *inner, .bytes = 4});
    }
    need_function(call, true);
    const std::string &name = answer_.chain.back().callee;
    doubt("what made " + (name.empty() ? std::string("the function called") : name) +
          " return this was not recorded");
    end(Ended::NotFollowed);
    return true;
}

/// A call of a recorded function: why did it return this?
bool Tracer::explain_result(const Node &node, const Use &use) {
    const CallEvent &call = flow_.calls[node.call];
    const Event &at = flow_.events[call.event];
    const size_t before = answer_.chain.size();
    Step *step = answer_.chain.empty() ? nullptr : &answer_.chain.back();
    if (step != nullptr && step->call == no_index && step->instance == at.instance &&
        use.event != no_event) {
        add_call(*step, node.call);
        step->why = step->why == Why::Store ? Why::Store : Why::Return;
    } else {
        answer_.chain.push_back(step_at(call.event, Why::Return));
        add_call(answer_.chain.back(), node.call);
    }
    const Use returned{.instance = call.callee, .bytes = use.bytes};
    if (too_long()) {
        end(Ended::TooLong);
        doubt("the chain is too long");
        return true;
    }
    if (explain(node.a, returned)) {
        return true;
    }
    // It returned something that it read, and that a test of its own had pinned down (the
    // end of a list): that test decided.
    if (explain_settled(node.a, call.callee)) {
        return true;
    }
    if (explain_tested(node.a, call.callee)) {
        return true;
    }
    // It returned something that it read or computed: whoever tests it decides. Where
    // it returned that from is the next best.
    const Node &made = flow_.nodes[resolve(node.a)];
    if (made.event != no_event && made.event < flow_.events.size() &&
        made.kind != NodeKind::Entry) {
        add_also(step_at(made.event, Why::Return));
    }
    answer_.chain.resize(std::min(before, answer_.chain.size()));
    return false;
}

/// It tested an error that it returned itself, which led to its end ("err = table[type]; if (err <
/// 0) return err").
bool Tracer::explain_tested(NodeId id, size_t index) {
    const auto plain = [this](NodeId at) {
        for (unsigned i = 0; i < 64 && at != no_value; ++i) {
            const Node &node = flow_.nodes[at];
            if (node.kind != NodeKind::Cut && node.kind != NodeKind::Extend &&
                node.kind != NodeKind::Part && node.kind != NodeKind::Stored) {
                break;
            }
            at = node.a;
        }
        return at;
    };
    const NodeId returned = plain(id);
    if (returned == no_value || index >= execution_.instances.size() || !is_error(returned)) {
        return false;
    }
    const uint32_t number = flow_.nodes[returned].number;
    const Instance &run = instance(index);
    const Ways ways(run.cfg());
    const auto &own = flow_.instances[index].own;
    for (auto visit = static_cast<uint32_t>(std::min(own.size(), run.path.size())); visit-- > 0;) {
        const code::Block &block = run.cfg().blocks[run.path[visit].block];
        if (block.successors.size() < 2 || own[visit] == no_event) {
            continue;
        }
        const NodeId flags = flow_.events[own[visit]].node;
        if (flags == no_value || flow_.nodes[flags].kind != NodeKind::Compare) {
            continue;
        }
        const Node &test = flow_.nodes[flags];
        const bool simple = test.a == test.b || flow_.nodes[test.b].kind == NodeKind::Constant;
        const NodeId tested = plain(test.a);
        if (simple && (tested == returned || flow_.nodes[tested].number == number)) {
            return decide_at(own[visit]);
        }
    }
    return false;
}

bool Tracer::explain_settled(NodeId id, size_t index) {
    for (unsigned i = 0; i < 64 && id != no_value; ++i) {
        const Node &node = flow_.nodes[id];
        const EventId event = node.settled;
        if (event != no_event && flow_.events[event].instance == index) {
            return decide_at(event);
        }
        const bool copies = node.kind == NodeKind::Cut || node.kind == NodeKind::Extend ||
                            node.kind == NodeKind::Part || node.kind == NodeKind::Argument ||
                            node.kind == NodeKind::Stored;
        if (!copies) {
            return false;
        }
        id = node.a;
    }
    return false;
}

bool Tracer::explain_select(NodeId id, const Use &use) {
    const Node node = flow_.nodes[id];
    auto moved = flow_.holds(node.c, node.condition);
    if (!moved) {
        const auto value = flow_.low(id, use.bytes);
        const auto left = flow_.low(node.a, use.bytes);
        const auto right = flow_.low(node.b, use.bytes);
        if (value && left && *left != *value) {
            moved = false;
        } else if (value && right && *right != *value) {
            moved = true;
        }
    }
    const auto by_condition = [&] {
        const bool more = condition(node.instance, node.event, node.c, node.condition);
        return more || true;
    };
    if (!moved) {
        doubt("which of two values was chosen is not known");
        return node.c == no_value ? leaf({.kind = NodeKind::Unknown}) : by_condition();
    }
    const NodeId chosen = *moved ? node.a : node.b;
    const NodeKind kind = flow_.nodes[resolve(chosen)].kind;
    const bool set_here =
        kind == NodeKind::Constant && flow_.nodes[resolve(chosen)].instance == node.instance;
    if (set_here && node.c != no_value) {
        return by_condition();
    }
    if (node.c != no_value) {
        later_also_.push_back(condition_step(node.event, node.c, node.condition));
    }
    return explain(chosen, use);
}

} // namespace dropctl::slice

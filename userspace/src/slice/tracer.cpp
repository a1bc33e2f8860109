// SPDX-License-Identifier: GPL-2.0-only
// Why was a block reached: the last branch that could still have led around it.
//
// "Around it" means: out of the function without freeing the packet here or
// anywhere else in it (the point of no return). Where every way through the function
// frees, the question goes up to the call.
#include "slice/tracer.hpp"

#include <algorithm>

namespace dropctl::slice {

using code::no_index;

Tracer::Tracer(const Execution &execution, const Knowledge &knowledge, const SliceLimits &limits)
    : execution_(execution), knowledge_(knowledge), limits_(limits),
      flow_(build_dataflow(execution, knowledge, limits.instructions)) {}

const Definitions &Tracer::definitions(size_t index) const {
    const Listing *listing = instance(index).listing;
    auto &made = definitions_[listing];
    if (!made) {
        made = std::make_unique<Definitions>(*listing);
    }
    return *made;
}

Answer Tracer::run() {
    const DropPlace &drop = execution_.drop;
    if (drop.instance >= execution_.instances.size() ||
        drop.visit >= instance(drop.instance).path.size() ||
        drop.visit >= flow_.instances[drop.instance].own.size()) {
        doubt("no path was recorded");
        return std::move(answer_);
    }
    if (flow_.cut_short) {
        doubt("the path is too long");
        end(Ended::TooLong);
        return std::move(answer_);
    }
    free_call_ = flow_.call_of(flow_.instances[drop.instance].own[drop.visit]);
    freed_elsewhere();
    reached(drop.instance, drop.visit);
    finish();
    return std::move(answer_);
}

/// The packet was freed in something that this function called, and that was not
/// recorded: it may have had a choice.
void Tracer::freed_elsewhere() {
    if (free_call_ == no_index) {
        doubt("where the packet was freed is not known");
        return;
    }
    const CallEvent &call = flow_.calls[free_call_];
    const Event &event = flow_.events[call.event];
    const code::Call &made = instance(event.instance).cfg().calls[call.call];
    if (!knowledge_.frees(made) && execution_.drop.call != made.address) {
        doubt("the function that freed the packet was not recorded");
        need_function(call, true);
    }
}

/// Blocks of no return: those that free, and those that call what always does.
std::vector<bool> Tracer::freeing_blocks(size_t index, uint32_t visit) const {
    const code::Cfg &cfg = instance(index).cfg();
    std::vector<bool> freeing(cfg.blocks.size());
    const BlockIndex start = instance(index).path[visit].block;
    freeing[start] = true;
    const uint32_t start_call = cfg.blocks[start].call;
    const uint64_t callee = start_call == no_index ? 0 : cfg.calls[start_call].target;
    for (const code::Call &call : cfg.calls) {
        if (call.block < freeing.size() &&
            (knowledge_.frees(call) || (callee != 0 && call.target == callee))) {
            freeing[call.block] = true;
        }
    }
    return freeing;
}

std::vector<Candidate> Tracer::candidates(size_t index, uint32_t from, uint32_t to,
                                          const Better &better) const {
    const Instance &run = instance(index);
    const auto &own = flow_.instances[index].own;
    std::vector<Candidate> found;
    to = static_cast<uint32_t>(std::min<size_t>(to, own.size()));
    for (uint32_t visit = to; visit-- > from;) {
        const code::Block &block = run.cfg().blocks[run.path[visit].block];
        if (block.successors.size() < 2 || visit + 1 >= run.path.size() ||
            !run.path[visit + 1].follows) {
            continue;
        }
        const BlockIndex taken = run.path[visit + 1].block;
        for (const BlockIndex other : block.successors) {
            if (other != taken && better(other, visit)) {
                found.push_back(
                    {.visit = visit, .event = own[visit], .alternative = other, .taken = taken});
                break;
            }
        }
    }
    return found;
}

void Tracer::reached(size_t index, uint32_t visit) {
    const uint32_t leads = flow_.call_of(flow_.instances[index].own[visit]);
    const bool is_list =
        leads != no_index &&
        knowledge_.frees_list(instance(index).cfg().calls[flow_.calls[leads].call]);
    if (is_list) {
        free_call_ = leads;
    }
    const std::vector<bool> freeing = freeing_blocks(index, visit);
    const Ways ways(instance(index).cfg());
    std::vector<int8_t> known(freeing.size(), -1);
    const auto better = [&](BlockIndex alternative, uint32_t) {
        int8_t &leads = known[alternative];
        if (leads < 0) {
            leads = ways.leads_out(alternative, freeing) ? 1 : 0;
        }
        return leads == 1;
    };
    std::vector<Candidate> found = candidates(index, 0, visit, better);
    const auto skipped =
        std::stable_partition(found.begin(), found.end(), [&](const Candidate &candidate) {
            return !is_no_decision(candidate);
        });
    const std::vector<Candidate> settled(skipped, found.end());
    found.erase(skipped, found.end());
    if (is_list) {
        if (listed_by(index, visit, settled)) {
            return;
        }
        doubt("who put the packet on the list that was freed was not recorded");
    }
    if (!found.empty()) {
        decide(index, visit, std::move(found));
        return;
    }
    if (listed_by(index, visit, settled) || patched(index, visit, freeing)) {
        return;
    }
    Step step = step_at(flow_.instances[index].own[visit], Why::Call);
    if (const uint32_t call = flow_.call_of(flow_.instances[index].own[visit]); call != no_index) {
        add_call(step, call);
    }
    answer_.chain.push_back(std::move(step));
    doubt_gaps(index, 1, visit);
    if (called_by_pointer(index)) {
        return;
    }
    up(index);
}

/// Branches that the kernel patches into its code, as its settings are: there was a choice,
/// but no test.
bool Tracer::patched(size_t index, uint32_t visit, const std::vector<bool> &freeing) {
    const Instance &run = instance(index);
    const Ways ways(run.cfg());
    for (uint32_t at = visit + 1; at-- > 0;) {
        const code::Block &block = run.cfg().blocks[run.path[at].block];
        for (const code::StaticBranch &site : run.cfg().static_branches) {
            const code::Instruction *jump = run.cfg().instruction_at(site.address);
            if (!block.holds(site.address) || jump == nullptr) {
                continue;
            }
            const BlockIndex other = run.cfg().block_at(site.taken ? jump->end() : site.target);
            if (other == no_index || !ways.leads_out(other, freeing)) {
                continue;
            }
            Step step = step_at(flow_.instances[index].own[at], Why::Condition);
            step.branch = site.address;
            step.branch_frames = run.function().frames(site.address);
            answer_.chain.push_back(std::move(step));
            end(Ended::StaticKey);
            return true;
        }
    }
    return false;
}

/// The function frees what it finds in a list: who put the packet there?
bool Tracer::listed_by(size_t index, uint32_t visit, const std::vector<Candidate> &tests) {
    for (const Candidate &candidate : tests) {
        const NodeId flags = flow_.events[candidate.event].node;
        const Node &node = flow_.nodes[flow_.nodes[flags].a];
        if (node.kind == NodeKind::OutParameter) {
            decide(index, visit, {candidate});
            return true;
        }
        if (node.kind != NodeKind::Stored || node.store == no_index) {
            continue;
        }
        const EventId event = flow_.stores[node.store].event;
        const Event &store = flow_.events[event];
        if (store.instance == index) {
            continue;
        }
        answer_.chain.push_back(step_at(event, Why::Store));
        reached(store.instance, store.visit);
        return true;
    }
    return false;
}

/// The function had no choice, and was chosen by its address: who stored that?
bool Tracer::called_by_pointer(size_t index) {
    const Instance &run = instance(index);
    if (run.caller == no_instance || !run.direct) {
        return false;
    }
    const auto &own = flow_.instances[run.caller].own;
    const uint32_t number =
        run.caller_visit < own.size() ? flow_.call_of(own[run.caller_visit]) : no_index;
    if (number == no_index || flow_.calls[number].target == no_value) {
        return false;
    }
    const CallEvent &call = flow_.calls[number];
    const auto address = static_cast<int64_t>(run.function().address);
    const auto called = flow_.low(call.target, 8);
    if (!called || *called != run.function().address) {
        // It may have been called by another one, whose last act was a jump to it.
        need_function(call, true);
        if (called) {
            doubt("a function between was not recorded");
            return false;
        }
    }
    const auto is_address = [&](NodeId id) {
        return id != no_value && flow_.nodes[id].kind == NodeKind::Constant &&
               flow_.nodes[id].constant == address;
    };
    const auto may_be = [&](NodeId id) {
        const Node &node = flow_.nodes[id];
        return is_address(id) ||
               (node.kind == NodeKind::Select &&
                (is_address(flow_.source(node.a)) || is_address(flow_.source(node.b))));
    };
    NodeId stored = flow_.source(call.target);
    EventId store = flow_.nodes[stored].event;
    for (NodeId way = call.target; way != stored; way = flow_.nodes[way].a) {
        if (flow_.nodes[way].kind == NodeKind::Stored) {
            store = flow_.stores[flow_.nodes[way].store].event;
            break;
        }
    }
    if (!may_be(stored)) {
        stored = no_value;
        // The store may have been through another pointer to the same object.
        for (auto at = flow_.stores.rbegin(); at != flow_.stores.rend(); ++at) {
            const NodeId value = flow_.source(at->value);
            if (may_be(value) && at->event < call.event) {
                stored = value;
                store = at->event;
                doubt("that the function stored is the one called is only likely");
                need_places(call.target, *at);
                break;
            }
        }
    }
    if (stored == no_value || store == no_event) {
        doubt("who chose " + run.function().function + " to be called was not recorded");
        need({.kind = NeedKind::Writer,
              .function = instance(run.caller).function().address,
              .target = run.function().address,
              .callee = run.function().function});
        for (auto at = flow_.calls.rbegin(); at != flow_.calls.rend(); ++at) {
            const Event &event = flow_.events[at->event];
            if (at->event < call.event && at->callee == no_instance &&
                event.instance == run.caller) {
                need_function(*at, false);
            }
        }
        // It may lie in an object that is always the same: then it was the object that was
        // chosen.
        const Node &load = flow_.nodes[flow_.source(call.target)];
        const size_t before = answer_.chain.size();
        if (load.kind != NodeKind::Load || load.a == no_value || !leads_somewhere(load.a) ||
            load.event >= flow_.events.size()) {
            return false;
        }
        answer_.chain.push_back(step_at(load.event, Why::Call));
        if (explain(load.a, {.instance = load.instance, .event = load.event, .bytes = 8})) {
            return true;
        }
        answer_.chain.resize(std::min(before, answer_.chain.size()));
        return false;
    }
    Node &value = flow_.nodes[stored];
    if (value.known_bytes == 0) {
        value.known = run.function().address;
        value.known_bytes = value.bytes;
    }
    const Event &at = flow_.events[store];
    answer_.chain.push_back(step_at(store, Why::Store));
    answer_.chain.back().constant = static_cast<uint64_t>(address);
    const size_t before = answer_.chain.size();
    const Use use{.instance = at.instance,
                  .event = store,
                  .location =
                      definitions(at.instance)
                          .location(at.instruction, flow_.operation(execution_, store).source),
                  .bytes = 8};
    if (!explain(stored, use) && answer_.chain.size() == before) {
        end(Ended::Comparison);
    }
    return true;
}

/// The pointers through which a value was read and another one stored: the same?
void Tracer::need_places(NodeId read, const StoreEvent &store) {
    const auto pointer = [this](EventId event, const Operand &operand) {
        if (operand.is(OperandKind::Memory) && operand.memory.base < code::rip) {
            Operand base{.kind = OperandKind::Register, .reg = operand.memory.base};
            need({.kind = NeedKind::Value,
                  .function = instance(flow_.events[event].instance).function().address,
                  .address = address_of(event),
                  .operand = base});
        }
    };
    const Node &load = flow_.nodes[flow_.source(read)];
    if (load.kind == NodeKind::Load && load.event < flow_.events.size()) {
        const Operation &operation = flow_.operation(execution_, load.event);
        pointer(load.event, operation.source.is(OperandKind::Memory) ? operation.source
                                                                     : operation.destination);
    }
    pointer(store.event, flow_.operation(execution_, store.event).destination);
}

void Tracer::up(size_t index) {
    const Instance &run = instance(index);
    if (run.caller >= execution_.instances.size()) {
        end(Ended::NoBranch);
        need({.kind = NeedKind::Caller, .function = run.function().address});
        doubt("every way through " + run.function().function +
              " frees the packet, and its caller was not recorded");
        return;
    }
    if (too_long() || run.caller_visit >= flow_.instances[run.caller].own.size()) {
        end(Ended::TooLong);
        doubt("the chain is too long");
        return;
    }
    if (!run.direct) {
        const uint32_t call = flow_.call_of(flow_.instances[run.caller].own[run.caller_visit]);
        doubt("a function between " + instance(run.caller).function().function + " and " +
              run.function().function + " was not recorded");
        if (call != no_index) {
            need_function(flow_.calls[call], true);
        }
    }
    reached(run.caller, run.caller_visit);
}

bool Tracer::tests_freed(NodeId value) const {
    if (free_call_ == no_index || value == no_value) {
        return false;
    }
    const CallEvent &call = flow_.calls[free_call_];
    const uint32_t number = flow_.nodes[value].number;
    if (execution_.packet != 0 && flow_.low(value, 8) == execution_.packet) {
        return true;
    }
    // sk_skb_reason_drop() has the packet second.
    return flow_.nodes[value].bytes == 8 && (flow_.nodes[call.arguments[0]].number == number ||
                                             flow_.nodes[call.arguments[1]].number == number);
}

/// A value that a caller passed, and that it always passes there: a constant in the
/// source of the call.
bool Tracer::is_given(NodeId value) const {
    for (unsigned i = 0; i < 64 && value != no_value; ++i) {
        const Node &node = flow_.nodes[value];
        if (node.kind != NodeKind::Argument) {
            if (node.kind == NodeKind::Cut || node.kind == NodeKind::Extend ||
                node.kind == NodeKind::Part) {
                value = node.a;
                continue;
            }
            return false;
        }
        const Node &passed = flow_.nodes[node.a];
        if (passed.kind == NodeKind::Constant) {
            const Event &call = flow_.events[flow_.calls[node.call].event];
            const Reaching all = definitions(call.instance)
                                     .at(instance(call.instance).path[call.visit].block,
                                         call.instruction, Location{.reg = node.reg});
            return std::all_of(all.definitions.begin(), all.definitions.end(),
                               [&](const Definition &one) {
                                   return one.constant && *one.constant == passed.constant;
                               });
        }
        value = node.a;
    }
    return false;
}

/// A test whose outcome was settled before: of the freed packet itself, or of what
/// the call always passes.
bool Tracer::is_no_decision(const Candidate &candidate) const {
    const NodeId flags = flow_.events[candidate.event].node;
    if (flags == no_value) {
        return false;
    }
    const Node &test = flow_.nodes[flags];
    if (test.kind != NodeKind::Compare) {
        return false;
    }
    const auto right = flow_.value(test.b);
    const bool with_zero = test.a == test.b || (right && *right == 0);
    if (with_zero && tests_freed(test.a)) {
        return true;
    }
    // Is it the head of its list, which then is empty?
    const Condition condition = flow_.operation(execution_, candidate.event).condition;
    if (test.operation == Opcode::Compare && test.bytes == 8 &&
        (condition == Condition::Equal || condition == Condition::NotEqual) &&
        (tests_freed(test.a) || tests_freed(test.b))) {
        return true;
    }
    return is_given(test.a) && (test.a == test.b || flow_.nodes[test.b].kind == NodeKind::Constant);
}

/// Whatever was run where the path is not known may have decided.
void Tracer::doubt_gaps(size_t index, uint32_t from, uint32_t until) {
    const auto &path = instance(index).path;
    for (uint32_t visit = from; visit <= until && visit < path.size(); ++visit) {
        if (!path[visit].follows) {
            doubt("the path through " + instance(index).function().function +
                  " is not known in full");
            return;
        }
    }
}

bool Tracer::decide(size_t index, uint32_t until, std::vector<Candidate> from) {
    const size_t chosen = choose(index, from);
    const Candidate candidate = from[chosen];
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(chosen));
    doubt_gaps(index, candidate.visit + 1, until);
    const Operation &operation = flow_.operation(execution_, candidate.event);
    const size_t place = answer_.chain.size();
    const bool more =
        condition(index, candidate.event, flow_.events[candidate.event].node, operation.condition);
    if (place < answer_.chain.size()) {
        add_loop(answer_.chain[place], candidate.alternative);
    }
    // Other tests of the function that decided come first.
    if (answer_.chain.size() == place + 1) {
        add_also(index, from);
    } else {
        for (size_t i = 0; i < std::min(limits_.also, from.size()); ++i) {
            const Candidate &other = from[i];
            Step step = condition_step(other.event, flow_.events[other.event].node,
                                       flow_.operation(execution_, other.event).condition);
            later_also_.push_back(std::move(step));
        }
    }
    return more;
}

bool Tracer::decide_at(EventId event) {
    const Event &at = flow_.events[event];
    const auto &path = instance(at.instance).path;
    if (at.visit + size_t{1} >= path.size()) {
        return false;
    }
    const BlockIndex taken = path[at.visit + size_t{1}].block;
    Candidate candidate{.visit = at.visit, .event = event, .taken = taken};
    for (const BlockIndex other :
         instance(at.instance).cfg().blocks[path[at.visit].block].successors) {
        candidate.alternative = other == taken ? candidate.alternative : other;
    }
    if (candidate.alternative == no_index) {
        return false;
    }
    decide(at.instance, static_cast<uint32_t>(path.size()), {candidate});
    return true;
}

Answer slice(const Execution &execution, const Knowledge &knowledge, const SliceLimits &limits) {
    return Tracer(execution, knowledge, limits).run();
}

} // namespace dropctl::slice

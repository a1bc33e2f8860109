// SPDX-License-Identifier: GPL-2.0-only
// Why a value was some constant. Every instruction that can set it where it is
// looked at is found, and those that set the same are taken together. Then there
// are two kinds of tests that could have made it another: one after the constant
// was set, which kept it from being replaced ("err = -EINVAL" at the top), and one
// before, which led to where it was set.
#include "slice/tracer.hpp"

#include "code/graph.hpp"

#include <algorithm>
#include <limits>

namespace dropctl::slice {

using code::no_index;

Reaching Tracer::reaching(const Node &node, const Use &use) const {
    const Definitions &where = definitions(use.instance);
    if (use.event == no_event) {
        return where.returned();
    }
    const Event &at = flow_.events[use.event];
    const Operation &operation = flow_.operation(execution_, use.event);
    const bool stores = operation.destination.is(OperandKind::Memory) &&
                        (operation.code == Opcode::Move || operation.code == Opcode::SetIf);
    if (stores) {
        const auto field = where.location(at.instruction, operation.destination);
        if (field && field->kind == Location::Kind::Field) {
            return where.left_in(*field);
        }
    }
    if (use.location && use.location->kind != Location::Kind::Field &&
        at.instance == use.instance) {
        return where.at(instance(at.instance).path[at.visit].block, at.instruction, *use.location);
    }
    Reaching only;
    const Event &set = flow_.events[node.event];
    only.definitions.push_back({.block = instance(set.instance).path[set.visit].block,
                                .instruction = set.instruction,
                                .constant = node.constant});
    return only;
}

/// The constant was set on the way to `late`, but was no verdict yet: both tests could
/// have led to the same better place, so the earlier one is what went wrong.
bool Tracer::was_unsettled(size_t index, const Candidate &late, const Candidate &early,
                           const std::vector<bool> &same) const {
    const Ways ways(instance(index).cfg());
    return ways.meet(ways.reach(late.alternative), ways.reach(early.alternative, same),
                     ways.reach(late.taken));
}

/// Of these tests the first that kept a loop from going on in which another value would have
/// been set; 0: none, or the nearest is one itself.
size_t Tracer::ended_search(size_t index, const std::vector<Candidate> &from,
                            const std::vector<BlockIndex> &good) const {
    const Instance &run = instance(index);
    const code::Cfg &cfg = run.cfg();
    const std::vector<code::Loop> loops = code::find_loops(cfg.graph(), cfg.entry);
    const auto inside = [](const code::Loop &loop, BlockIndex block) {
        return std::binary_search(loop.nodes.begin(), loop.nodes.end(), block);
    };
    for (size_t i = 0; i < from.size(); ++i) {
        for (const code::Loop &loop : loops) {
            const bool sets = std::any_of(good.begin(), good.end(),
                                          [&](BlockIndex block) { return inside(loop, block); });
            if (sets && inside(loop, from[i].alternative) && !inside(loop, from[i].taken)) {
                return i;
            }
        }
    }
    return 0;
}

bool Tracer::constant(const Node &node, const Use &use) {
    if (node.event == no_event || node.event >= flow_.events.size() ||
        use.instance >= execution_.instances.size()) {
        end(Ended::Comparison);
        return false;
    }
    const Event &set = flow_.events[node.event];
    if (set.instance != use.instance) {
        end(Ended::Comparison);
        return false;
    }
    const size_t index = use.instance;
    const Instance &run = instance(index);
    const code::Cfg &cfg = run.cfg();
    const Ways ways(cfg);
    const Reaching all = reaching(node, use);
    const auto value = cut_to(static_cast<uint64_t>(node.constant), use.bytes);
    const auto is_same = [&](const std::optional<int64_t> &constant) {
        return constant && cut_to(static_cast<uint64_t>(*constant), use.bytes) == value;
    };

    std::vector<bool> same(cfg.blocks.size());
    std::vector<BlockIndex> good;
    same[run.path[set.visit].block] = true;
    for (const Definition &one : all.definitions) {
        if (is_same(one.constant)) {
            same[one.block] = true;
        } else if (one.instruction != no_index || cfg.blocks[one.block].count == 0) {
            good.push_back(one.block);
        }
    }
    // Where a conditional move chooses, both are possible.
    for (const BlockIndex block : good) {
        same[block] = same[block] && block == run.path[set.visit].block;
    }
    const bool is_return = use.event == no_event;
    const bool is_store = all.live.empty();
    const uint32_t use_visit =
        is_return ? static_cast<uint32_t>(run.path.size()) : flow_.events[use.event].visit;
    std::vector<bool> use_block(cfg.blocks.size());
    if (!is_return && use_visit < run.path.size()) {
        use_block[run.path[use_visit].block] = true;
    }
    std::vector<BlockIndex> taken;
    taken.reserve(run.path.size());
    for (const Visit &visit : run.path) {
        taken.push_back(visit.block);
    }

    // What a location that leads to the use held when the branch was left.
    const auto holds_other = [&](BlockIndex alternative, uint32_t visit) {
        const auto first = all.live.lower_bound(
            {alternative,
             Location{.reg = 0, .offset = std::numeric_limits<int64_t>::min(), .bytes = 0}});
        for (auto at = first; at != all.live.end() && at->first == alternative; ++at) {
            const std::vector<BlockIndex> before(taken.begin(), taken.begin() + visit + 1);
            const auto held = definitions(index).along(before, at->second);
            if (!held || !is_same(held->constant)) {
                return true;
            }
        }
        return false;
    };
    const auto reaches_good = [&](BlockIndex alternative, const std::vector<bool> &shunned) {
        const std::vector<bool> reached = ways.reach(alternative, shunned);
        return std::any_of(good.begin(), good.end(), [&](BlockIndex block) {
            return reached[block] || (block == alternative && !same[block]);
        });
    };
    const auto later =
        candidates(index, set.visit, use_visit, [&](BlockIndex other, uint32_t visit) {
            return reaches_good(other, {}) || holds_other(other, visit) ||
                   (!is_return && !is_store && ways.leads_out(other, use_block));
        });
    const auto earlier = candidates(index, 0, set.visit, [&](BlockIndex other, uint32_t visit) {
        if (reaches_good(other, same) || holds_other(other, visit)) {
            return true;
        }
        // It could have become another one, even if it had been this one first ("err =
        // -ENOMEM" on either side); behind the way that was taken it could not.
        if (!same[other] && reaches_good(other, {}) &&
            !reaches_good(run.path[visit + size_t{1}].block, {})) {
            return true;
        }
        std::vector<bool> shunned = same;
        if (!is_return && !is_store && use_visit < run.path.size()) {
            shunned[run.path[use_visit].block] = true;
        }
        return !is_return && ways.leads_out(other, shunned);
    });
    std::vector<Candidate> chosen = later;
    std::vector<Candidate> rest = earlier;
    if (chosen.empty() ||
        (!earlier.empty() && was_unsettled(index, later.front(), earlier.front(), same))) {
        std::swap(chosen, rest);
    }
    if (chosen.empty()) {
        doubt_gaps(index, 1, use_visit);
        // It is always so. A function that always returns this has decided by being called.
        if (is_return) {
            answer_.chain.push_back(step_at(node.event, Why::Return));
            answer_.chain.back().constant = value;
            end(Ended::Comparison);
            return true;
        }
        end(Ended::Comparison);
        return false;
    }
    const size_t place = answer_.chain.size();
    chosen.insert(chosen.end(), rest.begin(), rest.end());
    // NULL, since a search found nothing: its end says more than what was tested behind it.
    const size_t search = value == 0 && use.bytes == 8 ? ended_search(index, chosen, good) : 0;
    if (search != 0) {
        const Candidate end_of_it = chosen[search];
        chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(search));
        decide(index, use_visit, {end_of_it});
        if (place + 1 == answer_.chain.size()) {
            add_also(index, chosen);
        }
    } else {
        decide(index, use_visit, std::move(chosen));
    }
    if (place < answer_.chain.size()) {
        answer_.chain[place].constant = value;
    }
    return true;
}

} // namespace dropctl::slice

// SPDX-License-Identifier: GPL-2.0-only
// Of several tests that could each have led around the drop: which one says most. The
// nearest, unless an earlier one that belongs to the same decision does.
#include "slice/tracer.hpp"

#include "code/graph.hpp"

#include <algorithm>

namespace dropctl::slice {

using code::no_index;

bool Tracer::turns_on_call(const Candidate &candidate) const {
    const NodeId flags = flow_.events[candidate.event].node;
    if (flags == no_value || flow_.nodes[flags].kind != NodeKind::Compare) {
        return false;
    }
    const Node &test = flow_.nodes[flags];
    const bool plain = test.a == test.b || flow_.nodes[test.b].kind == NodeKind::Constant;
    NodeId id = test.a;
    for (unsigned i = 0; i < 64 && id != no_value; ++i) {
        const Node &node = flow_.nodes[id];
        if (node.kind == NodeKind::Result) {
            return plain;
        }
        if (node.kind != NodeKind::Cut && node.kind != NodeKind::Extend &&
            node.kind != NodeKind::Part) {
            return false;
        }
        id = node.a;
    }
    return false;
}

/// The nearest test may repeat one that had settled the value already (the end of a
/// list, and then "if (found)").
size_t Tracer::first_of_same(const std::vector<Candidate> &from) const {
    const NodeId flags = flow_.events[from.front().event].node;
    if (flags == no_value || flow_.nodes[flags].kind != NodeKind::Compare) {
        return 0;
    }
    const EventId settled = flow_.nodes[flow_.nodes[flags].a].settled;
    for (size_t i = 1; i < from.size(); ++i) {
        if (from[i].event == settled) {
            return i;
        }
    }
    return 0;
}

/// An error was returned, and what was tested behind it only offers another way to go
/// on: the error is the cause.
size_t Tracer::not_mended(size_t index, const std::vector<Candidate> &from) const {
    constexpr uint32_t visits_apart = 8;
    const Candidate &nearest = from.front();
    const Ways ways(instance(index).cfg());
    for (size_t i = 1; i < from.size(); ++i) {
        const Candidate &other = from[i];
        if (other.visit > nearest.visit || nearest.visit - other.visit > visits_apart) {
            break;
        }
        if (!turns_on_call(other) || !returned_error(other)) {
            continue;
        }
        if (ways.meet(ways.reach(nearest.alternative), ways.reach(other.alternative),
                      ways.reach(nearest.taken))) {
            return i;
        }
    }
    return 0;
}

/// What a call returned, and was tested here, is a negative error number or an error pointer.
bool Tracer::returned_error(const Candidate &candidate) const {
    NodeId id = flow_.nodes[flow_.events[candidate.event].node].a;
    while (flow_.nodes[id].kind != NodeKind::Result) {
        id = flow_.nodes[id].a;
    }
    return is_error(id);
}

bool Tracer::is_error(NodeId id) const {
    constexpr int64_t largest_error = 4095;
    for (const uint8_t bytes : {uint8_t{8}, uint8_t{4}}) {
        if (const auto value = flow_.low(id, bytes)) {
            const int64_t number = signed_of(*value, bytes);
            if (number < 0 && number >= -largest_error) {
                return true;
            }
        }
    }
    return false;
}

/// Two values were compared by their size, outside of a loop: a limit.
bool Tracer::is_limit(size_t index, const Candidate &candidate) const {
    const NodeId flags = flow_.events[candidate.event].node;
    if (flags == no_value || flow_.nodes[flags].kind != NodeKind::Compare) {
        return false;
    }
    const Node &test = flow_.nodes[flags];
    const Condition condition = flow_.operation(execution_, candidate.event).condition;
    const bool by_size = condition != Condition::Equal && condition != Condition::NotEqual &&
                         condition != Condition::Sign && condition != Condition::NoSign;
    const auto varies = [&](NodeId side) {
        return flow_.nodes[resolve(side)].kind != NodeKind::Constant;
    };
    if (test.operation != Opcode::Compare || !by_size || test.a == test.b || !varies(test.a) ||
        !varies(test.b)) {
        return false;
    }
    const code::Cfg &cfg = instance(index).cfg();
    const BlockIndex block = instance(index).path[candidate.visit].block;
    const std::vector<code::Loop> loops = code::find_loops(cfg.graph(), cfg.entry);
    return std::none_of(loops.begin(), loops.end(), [&](const code::Loop &loop) {
        return std::binary_search(loop.nodes.begin(), loop.nodes.end(), block);
    });
}

/// Of a || (b && c), where all failed, the nearest test is of c or b, and would not
/// have been enough by itself. If a, right before it, would have been, and turned on
/// what a function returned, that one says more.
size_t Tracer::choose(size_t index, const std::vector<Candidate> &from) const {
    if (const size_t first = first_of_same(from); first != 0) {
        return first;
    }
    if (turns_on_call(from.front())) {
        return 0;
    }
    if (const size_t error = not_mended(index, from); error != 0) {
        return error;
    }
    return more_telling(index, from);
}

size_t Tracer::more_telling(size_t index, const std::vector<Candidate> &from) const {
    constexpr uint32_t visits_apart = 10;
    const Candidate &nearest = from.front();
    const code::Cfg &cfg = instance(index).cfg();
    const auto &path = instance(index).path;
    const Ways ways(cfg);
    const std::vector<bool> bad = ways.reach(nearest.taken);
    // Further tests alone may lead to where it went badly.
    const auto is_enough = [&](const Candidate &candidate) {
        const std::vector<bool> tested = ways.reach_by_tests(candidate.alternative);
        for (BlockIndex block = 0; block < bad.size(); ++block) {
            if (tested[block] && bad[block]) {
                return false;
            }
        }
        return true;
    };
    // A test of the same function, inlined or not, or of the one that the nearest is in.
    const auto frames = instance(index).function().frames(address_of(nearest.event));
    const auto belongs = [&](const Candidate &candidate) {
        const auto its = instance(index).function().frames(address_of(candidate.event));
        return !its.empty() && std::any_of(frames.begin(), frames.end(), [&](const Frame &frame) {
            return frame.function == its.front().function;
        });
    };
    const bool limited = is_limit(index, nearest);
    if (is_enough(nearest) && (limited || turns_on_call(nearest))) {
        return 0;
    }
    const std::vector<bool> good = ways.reach(nearest.alternative);
    for (size_t i = 1; i < from.size(); ++i) {
        const Candidate &other = from[i];
        if (other.visit > nearest.visit || nearest.visit - other.visit > visits_apart) {
            break;
        }
        // Nothing but tests in between.
        for (uint32_t visit = other.visit + 1; visit <= nearest.visit; ++visit) {
            if (cfg.blocks[path[visit].block].call != no_index) {
                return 0;
            }
        }
        const bool limits = !limited && is_limit(index, other) && belongs(other);
        if (!(limits || (turns_on_call(other) && !is_enough(nearest))) || !is_enough(other)) {
            continue;
        }
        if (ways.meet(good, ways.reach(other.alternative), bad)) {
            return i;
        }
    }
    return 0;
}

} // namespace dropctl::slice

// SPDX-License-Identifier: GPL-2.0-only
// Puts points into a function's code: the wanted ones, those at its exits, those
// that read returned values, and where the path would be in doubt without one.
#include "code/placement.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace dropctl::code {

namespace {

class Placer {
  public:
    Placer(const Function &function, const PlacementWishes &wishes)
        : function_(function), cfg_(function.cfg), wishes_(wishes) {}

    Placement run() {
        place_entry();
        place_wanted();
        for (uint32_t call : wishes_.calls) {
            if (call >= cfg_.calls.size() || !place_value(call)) {
                result_.unreadable.push_back(call);
            }
        }
        for (const BlockIndex exit : cfg_.exits()) {
            place_exit(exit);
        }
        place_path();
        for (auto &[address, point] : points_) {
            result_.points.push_back(point);
        }
        std::stable_partition(result_.points.begin(), result_.points.end(),
                              [](const Point &p) { return p.kind == PointKind::Entry; });
        return std::move(result_);
    }

  private:
    /// How good an address is for a point; less is better.
    enum Rank : uint32_t { Optimised, Movable, Plain, Control, Rewritten, Never };

    [[nodiscard]] Rank rank(const Instruction &instruction) const {
        if (instruction.flow == Flow::Trap || wishes_.refused.contains(instruction.address)) {
            return Never;
        }
        if (is_optimisable(cfg_, instruction.address)) {
            return Optimised;
        }
        if (is_reserved(cfg_, instruction)) {
            return Rewritten;
        }
        if (instruction.flow != Flow::Next) {
            return Control;
        }
        return instruction.boostable ? Movable : Plain;
    }

    /// Two points so near to each other cannot both be jumps.
    [[nodiscard]] bool is_crowded(uint64_t address) const {
        const uint64_t end = address + optimised_length(cfg_, address);
        const auto next = points_.lower_bound(address);
        if (next != points_.end() && next->first < end) {
            return true;
        }
        return next != points_.begin() &&
               std::prev(next)->first + optimised_length(cfg_, std::prev(next)->first) > address;
    }

    /// The best instruction of a block for a point that may be at any. Null: none.
    [[nodiscard]] const Instruction *best(const Block &block) const {
        const Instruction *found = nullptr;
        uint32_t least = std::numeric_limits<uint32_t>::max();
        for (const Instruction &instruction : cfg_.code(block)) {
            const Rank rank = this->rank(instruction);
            const uint32_t cost = rank * 2U + (is_crowded(instruction.address) ? 3 : 0);
            if (rank != Never && cost < least) {
                least = cost;
                found = &instruction;
            }
        }
        return found;
    }

    Point &add(uint64_t address, BlockIndex block, PointKind kind) {
        Point &point = points_[address];
        point.address = address;
        point.block = block;
        point.kind = kind;
        point.optimisable = is_optimisable(cfg_, address);
        return point;
    }

    /// Behind the ftrace nop, or a few pushes on, where a jump can be put.
    void place_entry() {
        const Instruction *first = cfg_.instruction_at(function_.entry_point);
        const Instruction *chosen = nullptr;
        int16_t offset = 0;
        int16_t pushed = 0;
        for (const Instruction *at = first; at != nullptr; at = cfg_.instruction_at(at->end())) {
            const bool refused = wishes_.refused.contains(at->address);
            const bool optimisable = is_optimisable(cfg_, at->address);
            if (!refused && (optimisable || chosen == nullptr)) {
                chosen = at;
                offset = pushed;
            }
            if (!refused && optimisable) {
                break;
            }
            const bool push = is_push(*at);
            if ((!push && !keeps_arguments(*at)) || !cfg_.blocks[cfg_.entry].holds(at->end())) {
                break;
            }
            pushed = static_cast<int16_t>(pushed + (push ? 8 : 0));
        }
        chosen = chosen == nullptr ? first : chosen;
        add(chosen->address, cfg_.entry, PointKind::Entry).sp_offset = offset;
    }

    static bool is_push(const Instruction &instruction) {
        return instruction.length <= 2 && instruction.flow == Flow::Next && instruction.boostable &&
               instruction.writes.has(rsp) && instruction.reads.has(rsp) &&
               instruction.writes == only(rsp) && instruction.copy_to == no_register;
    }

    static Registers only(Register reg) {
        Registers set;
        set.add(reg);
        return set;
    }

    static bool keeps_arguments(const Instruction &instruction) {
        const auto writes = [&](Register reg) { return instruction.writes.has(reg); };
        return instruction.flow == Flow::Next && !writes(rsp) && !writes(rdi) && !writes(rsi) &&
               !writes(rdx) && !writes(rcx) && !writes(8) && !writes(9);
    }

    void place_wanted() {
        for (const uint64_t address : wishes_.addresses) {
            const Instruction *instruction = cfg_.instruction_at(address);
            const BlockIndex block = cfg_.block_at(address);
            if (instruction == nullptr || block == no_index || rank(*instruction) == Never) {
                result_.unplaced.push_back(address);
            } else if (!points_.contains(address)) {
                add(address, block, PointKind::Block);
            }
        }
    }

    bool usable(const ValuePlace &place) const {
        return !wishes_.refused.contains(place.address) && !points_.contains(place.address);
    }

    bool place_value(uint32_t index) {
        const std::vector<ValuePlace> places = return_value_places(cfg_, cfg_.calls[index]);
        std::vector<const ValuePlace *> chosen;
        const auto always = std::find_if(places.begin(), places.end(), [&](const ValuePlace &p) {
            return p.always && usable(p);
        });
        if (always != places.end() && always->optimisable) {
            chosen = {&*always};
        } else if (!places.empty() && !cover(places, behind(cfg_.calls[index]), chosen)) {
            chosen.clear();
            if (always != places.end()) {
                chosen = {&*always};
            }
        }
        for (const ValuePlace *place : chosen) {
            Point &point = add(place->address, place->block, PointKind::Block);
            point.reg = place->reg;
            point.reg_bytes = place->bytes;
            point.call = index;
        }
        return !chosen.empty();
    }

    [[nodiscard]] BlockIndex behind(const Call &call) const {
        return cfg_.blocks[call.block].successors.front();
    }

    /// Where a test behind the call leaves no room for a jump, there may be some on
    /// either side of it; a point there is worth as much for the path.
    bool cover(const std::vector<ValuePlace> &places, BlockIndex block,
               std::vector<const ValuePlace *> &chosen) const {
        bool read = false; // the value is in a register somewhere in this block
        for (const ValuePlace &place : places) {
            if (place.block != block) {
                continue;
            }
            read = true;
            if (place.optimisable && usable(place)) {
                chosen.push_back(&place);
                return true;
            }
        }
        const std::vector<BlockIndex> &successors = cfg_.blocks[block].successors;
        return read && !successors.empty() && !cfg_.blocks[block].more_successors &&
               std::all_of(successors.begin(), successors.end(), [&](BlockIndex next) {
                   return cfg_.blocks[next].predecessors.size() == 1 && cover(places, next, chosen);
               });
    }

    /// Behind all other points of its block: the frame is gone then.
    void place_exit(BlockIndex index) {
        const Block &block = cfg_.blocks[index];
        uint64_t least = block.start;
        for (auto point = points_.lower_bound(block.start);
             point != points_.end() && point->first < block.end; ++point) {
            least = point->first + 1;
        }
        const std::vector<ValuePlace> places = exit_value_places(cfg_, block);
        const auto good = [&](const ValuePlace &place) {
            return usable(place) && place.address >= least;
        };
        auto place = std::find_if(places.begin(), places.end(), [&](const ValuePlace &p) {
            return good(p) && !is_crowded(p.address);
        });
        place = place != places.end() ? place : std::find_if(places.begin(), places.end(), good);
        if (place == places.end()) {
            return;
        }
        Point &point = add(place->address, index, PointKind::Exit);
        point.reg = place->reg;
        point.reg_bytes = place->bytes;
        point.constant = place->constant;
    }

    void place_path() {
        const size_t count = cfg_.blocks.size();
        std::vector<bool> allowed(count);
        std::vector<bool> kept(count);
        std::vector<uint32_t> cost(count);
        const Graph graph = cfg_.graph();
        const std::vector<BlockIndex> exits = cfg_.exits();
        for (const auto &[address, point] : points_) {
            kept[point.block] = true;
        }
        for (const BlockIndex block : wishes_.blocks) {
            if (block < count) {
                kept[block] = true;
            }
        }
        for (BlockIndex i = 0; i < count; i++) {
            const Instruction *place = best(cfg_.blocks[i]);
            allowed[i] = place != nullptr;
            cost[i] = place == nullptr ? Optimised : rank(*place);
            kept[i] = kept[i] || wishes_.every_block;
            if (!allowed[i] && i != cfg_.entry) {
                result_.blind.push_back(i);
            }
        }
        for (const Loop &loop : find_loops(graph, cfg_.entry)) {
            for (const Node node : loop.nodes) {
                cost[node] += Never; // hit more often
            }
        }
        const std::vector<bool> observed =
            choose_nodes(graph, cfg_.entry, exits, allowed, kept, cost);
        place_observed(observed);
        if (!result_.blind.empty()) {
            result_.doubtful = doubtful_pairs(graph, cfg_.entry, exits, observed);
        }
    }

    void place_observed(const std::vector<bool> &observed) {
        std::vector<bool> has_point(observed.size());
        for (const auto &[address, point] : points_) {
            has_point[point.block] = true;
        }
        for (BlockIndex i = 0; i < observed.size(); i++) {
            const Instruction *place = best(cfg_.blocks[i]);
            if (observed[i] && !has_point[i] && place != nullptr) {
                add(place->address, i, PointKind::Block);
            }
        }
    }

    const Function &function_;
    const Cfg &cfg_;
    const PlacementWishes &wishes_;
    std::map<uint64_t, Point> points_;
    Placement result_;
};

} // namespace

bool Placement::probed(BlockIndex block) const {
    return std::any_of(points.begin(), points.end(),
                       [&](const Point &point) { return point.block == block; });
}

Placement place_points(const Function &function, const PlacementWishes &wishes) {
    return Placer(function, wishes).run();
}

} // namespace dropctl::code

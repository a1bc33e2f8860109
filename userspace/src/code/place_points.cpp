// SPDX-License-Identifier: GPL-2.0-only
// Puts points into a function's code: the wanted ones, those at its exits, those
// that read returned values, and where the path would be in doubt without one.
#include "code/frequency.hpp"
#include "code/placement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace dropctl::code {

namespace {

class Placer {
  public:
    Placer(const Function &function, const PlacementWishes &wishes)
        : function_(function), cfg_(function.cfg), wishes_(wishes) {}

    Placement run() {
        for (uint32_t call = 0; call < cfg_.calls.size(); call++) {
            if (const auto test = zero_test(cfg_, call)) {
                tested_.emplace(test->block, test->other);
            }
        }
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
    /// How good an address is for a point; less is better. A jump is cheaper than a trap; of
    /// those that trap, what the kernel runs elsewhere or works out itself (jumps and
    /// calls) is cheaper than what it must step over with a second trap.
    enum Rank : uint32_t { Optimised, Movable, Control, Plain, Rewritten, Never };

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
        if (places.empty()) {
            return false;
        }
        std::vector<ValuePlace> chosen = always_read(places, index);
        const auto test = zero_test(cfg_, index);
        if (test) {
            std::vector<ValuePlace> other = read_unless_zero(places, *test);
            if (!other.empty() && (chosen.empty() || price(other) <= price(chosen))) {
                chosen = std::move(other);
                result_.tests.push_back(*test);
            }
        }
        for (const ValuePlace &place : chosen) {
            Point &point = add(place.address, place.block, PointKind::Block);
            point.reg = place.reg;
            point.reg_bytes = place.bytes;
            point.calls.push_back(index);
        }
        return !chosen.empty();
    }

    /// On every way from the call.
    std::vector<ValuePlace> always_read(const std::vector<ValuePlace> &places, uint32_t index) {
        const auto always = std::find_if(places.begin(), places.end(), [&](const ValuePlace &p) {
            return p.always && usable(p);
        });
        if (always != places.end() && always->optimisable) {
            return {*always};
        }
        std::vector<const ValuePlace *> covering;
        std::vector<ValuePlace> chosen;
        if (cover(places, behind(cfg_.calls[index]), covering)) {
            for (const ValuePlace *place : covering) {
                chosen.push_back(*place);
            }
        } else if (always != places.end()) {
            chosen.push_back(*always);
        }
        return chosen;
    }

    /// On every way from the call but the one that says that it returned 0.
    std::vector<ValuePlace> read_unless_zero(const std::vector<ValuePlace> &places,
                                             const ZeroTest &test) {
        if (test.other == cfg_.entry) {
            return {};
        }
        if (cfg_.blocks[test.other].predecessors.size() != 1) {
            return read_shared(test);
        }
        std::vector<const ValuePlace *> covering;
        std::vector<ValuePlace> chosen;
        if (cover(places, test.other, covering)) {
            for (const ValuePlace *place : covering) {
                chosen.push_back(*place);
            }
            return chosen;
        }
        const auto plain = std::find_if(places.begin(), places.end(), [&](const ValuePlace &p) {
            return p.block == test.other && usable(p);
        });
        if (plain != places.end()) {
            chosen.push_back(*plain);
        }
        return chosen;
    }

    /// Where several calls that failed go on together: rax is that of the last one.
    std::vector<ValuePlace> read_shared(const ZeroTest &test) {
        const Block &block = cfg_.blocks[test.other];
        for (const BlockIndex before : block.predecessors) {
            if (!tested_.contains(before) || tested_.at(before) != test.other) {
                return {};
            }
        }
        std::vector<ValuePlace> found;
        for (const Instruction &instruction : cfg_.code(block)) {
            const auto point = points_.find(instruction.address);
            const bool shared =
                point != points_.end() && !point->second.calls.empty() && point->second.reg == rax;
            const bool free = point == points_.end() && rank(instruction) != Never;
            const bool optimisable = is_optimisable(cfg_, instruction.address);
            if (shared || (free && (found.empty() || (optimisable && !found[0].optimisable)))) {
                found = {{.address = instruction.address,
                          .block = test.other,
                          .reg = rax,
                          .always = false,
                          .constant = {},
                          .optimisable = optimisable}};
            }
            if (shared || instruction.writes.has(rax) || instruction.flow != Flow::Next) {
                break;
            }
        }
        return found;
    }

    /// What points at these places cost, all together, besides those that are there.
    [[nodiscard]] double price(const std::vector<ValuePlace> &places) const {
        double sum = 0;
        for (const ValuePlace &place : places) {
            if (points_.contains(place.address)) {
                continue;
            }
            sum += price(frequency_[place.block], place.optimisable ? Optimised : Plain);
        }
        return sum;
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

    /// Of a point in a block, by what its hits may cost. The kernel's documentation has
    /// 0.06 us for a jump, some 0.5 for a trap, 1 for two. The root, since frequencies are
    /// guesses: a trap that might be hit always is worse than a jump that surely is.
    static uint32_t price(double frequency, Rank rank) {
        constexpr double scale = 1e6;
        constexpr double highest = 4e9;
        const double hit = rank == Optimised ? 1 : rank == Plain ? 20 : 12;
        return static_cast<uint32_t>(std::min(std::sqrt(frequency) * hit * scale, highest));
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
            cost[i] = place == nullptr ? 0 : price(frequency_[i], rank(*place));
            kept[i] = kept[i] || wishes_.every_block;
            if (!allowed[i] && i != cfg_.entry) {
                result_.blind.push_back(i);
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
    std::vector<double> frequency_ = block_frequencies(cfg_);
    std::map<BlockIndex, BlockIndex> tested_; ///< that end in a test for zero, and where else to
    std::map<uint64_t, Point> points_;
    Placement result_;
};

} // namespace

bool Placement::probed(BlockIndex block) const {
    return std::any_of(points.begin(), points.end(),
                       [&](const Point &point) { return point.block == block; });
}

const ZeroTest *Placement::test_of(uint32_t call) const {
    const auto found = std::find_if(tests.begin(), tests.end(),
                                    [&](const ZeroTest &test) { return test.call == call; });
    return found == tests.end() ? nullptr : &*found;
}

Placement place_points(const Function &function, const PlacementWishes &wishes) {
    return Placer(function, wishes).run();
}

} // namespace dropctl::code

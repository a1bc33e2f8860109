// SPDX-License-Identifier: GPL-2.0-only
// Makes a Plan: takes functions apart, chooses their points, compiles the values.
#pragma once

#include "code/kernel_code.hpp"
#include "trace/plan.hpp"
#include "trace/value_wish.hpp"
#include "values/types.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dropctl::trace {

/// How a function is to be followed.
struct FunctionWish {
    code::Instance instance;
    bool carrier = false;               ///< see PlannedFunction
    std::optional<unsigned> packet_arg; ///< which argument is the packet, from 1; else it is found
    bool whatever = false; ///< without a packet, follow every call: the packet comes later
};

/// Instructions that put one value out, to be run at an address.
struct RawCapture {
    uint64_t address = 0;
    FetchProgram fetch; ///< without ITEM and END
};

class Planner {
  public:
    /// All outlive this, and what it makes.
    Planner(code::KernelCode &code, values::Types &types) : code_(code), types_(types) {}

    /// Follow a function; one that is followed already stays as it is.
    Result<void> add(const FunctionWish &wish);
    /// Read values in all functions that are no carriers.
    void want(std::vector<ValueWish> values) { values_ = std::move(values); }
    /// Read a value at an address of a function that is followed. At each address they
    /// are items in the order of these calls. Not together with want().
    void capture(RawCapture capture) { captures_.push_back(std::move(capture)); }
    /// Addresses that turned out not to be probeable.
    void refuse(const std::set<uint64_t> &addresses);
    [[nodiscard]] const std::set<uint64_t> &refused() const { return refused_; }

    /// Functions followed, without a packet of their own: they are seen only inside of
    /// others that have one.
    [[nodiscard]] std::vector<std::string> without_packet() const;
    [[nodiscard]] bool empty() const { return functions_.empty(); }
    /// Direct calls of functions followed (no carriers), as far as they are not followed yet.
    [[nodiscard]] std::vector<code::Call> callees() const;

    /// Choose points and compile values for what was added. May be made again after refuse().
    Result<Plan> plan();

  private:
    struct Added {
        FunctionWish wish;
        code::Function code;
        values::Prototype prototype;
        std::optional<values::PacketArgument> packet;
    };
    /// Expressions to compile at a point, by their index.
    using Wanted = std::map<uint16_t, std::set<size_t>>;

    values::Place place(const code::Function &function, uint64_t address);
    [[nodiscard]] bool returns_something(const code::Call &call);
    code::PlacementWishes wishes(const Added &added);
    code::Placement placement(const Added &added);
    void add_frame(const Added &added, Plan &plan);
    static void add_points(const code::Placement &placement, Plan &plan);
    Result<void> add_values(Plan &plan);
    bool compile_at(size_t wish, uint16_t number, const Plan &plan);
    void choose_points(size_t wish, const Plan &plan, Wanted &wanted);
    void add_captures(Plan &plan) const;
    void compile_points(const Wanted &wanted, Plan &plan);
    [[nodiscard]] Error complaint(size_t wish) const;
    std::optional<values::Compiled> compile(const std::set<size_t> &chosen, uint16_t number,
                                            const Plan &plan);

    code::KernelCode &code_;
    values::Types &types_;
    std::vector<Added> functions_;
    std::vector<ValueWish> values_;
    std::vector<RawCapture> captures_;
    std::set<uint64_t> refused_;
    std::map<size_t, values::Complaint> complaints_; ///< the last of each wish
    std::map<std::string, bool> returns_;            ///< by symbol of a callee
};

} // namespace dropctl::trace

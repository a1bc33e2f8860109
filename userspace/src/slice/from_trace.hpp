// SPDX-License-Identifier: GPL-2.0-only
// From what the module recorded to an Execution. The one part of slice/ that knows
// of trace/.
#pragma once

#include "code/reconstruction.hpp"
#include "slice/definitions.hpp"
#include "slice/execution.hpp"
#include "slice/knowledge.hpp"
#include "trace/invocations.hpp"
#include "trace/plan.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace dropctl::slice {

/// What a value that was read at a point stands for: a register, or an operand in memory
/// of the instruction there. Nothing: it is for people only.
using ValueMeaning = std::function<std::optional<Operand>(uint16_t point, uint16_t item)>;

/// Makes Executions of one plan; what it needs of each function is made once.
class ExecutionBuilder {
  public:
    /// All outlive this, and the plan what it makes.
    ExecutionBuilder(const trace::Plan &plan, const Knowledge &knowledge,
                     ValueMeaning meaning = nullptr);

    /// @param drop index of the step of the drop that is asked about
    /// @param stack return addresses when the packet was freed, innermost first; may be empty
    Execution build(const trace::RawPath &path, size_t drop,
                    const std::vector<uint64_t> &stack) const;

  private:
    struct Prepared {
        Listing listing;
        std::unique_ptr<Definitions> definitions;
        std::unique_ptr<code::Reconstruction> reconstruction;
    };
    /// One invocation, and which visits its hits were in.
    struct Walked {
        Instance instance;
        std::vector<uint32_t> visit_of; ///< of each of its points passed
        std::vector<bool> called;       ///< visits whose call a recorded one was matched with
        bool tail_called = false;
    };

    Walked walk(const trace::Invocation &invocation, size_t drop,
                const std::vector<uint64_t> &stack, bool left_unseen) const;
    void add_values(const trace::Invocation &invocation, Walked &walked) const;
    static void add_zeros(const code::Placement &placement, Instance &instance);
    void add_register(const code::Point &point, const trace::Passed &passed, uint32_t visit,
                      Walked &walked) const;
    void attach(const std::vector<trace::Invocation> &invocations, size_t index,
                std::vector<Walked> &walked) const;
    bool attach_to_tail_call(const std::vector<trace::Invocation> &invocations, size_t index,
                             std::vector<Walked> &walked) const;
    [[nodiscard]] std::optional<uint64_t> end_of(const trace::Invocation &invocation,
                                                 const std::vector<uint64_t> &stack,
                                                 uint64_t location) const;
    [[nodiscard]] size_t innermost_at(const std::vector<trace::Invocation> &invocations,
                                      size_t drop, const std::vector<uint64_t> &stack) const;
    void place_drop(const std::vector<Walked> &walked, DropPlace &place) const;

    const trace::Plan &plan_;
    const Knowledge &knowledge_;
    ValueMeaning meaning_;
    std::vector<Prepared> prepared_; ///< parallel to Plan::functions
};

} // namespace dropctl::slice

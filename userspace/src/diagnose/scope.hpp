// SPDX-License-Identifier: GPL-2.0-only
// Which functions, and which values in them, are recorded at a flow's next drop: at
// first those around the drop, then those that the answer so far asks for.
#pragma once

#include "code/kernel_code.hpp"
#include "diagnose/capture.hpp"
#include "slice/answer.hpp"
#include "slice/knowledge.hpp"
#include "trace/planner.hpp"
#include "values/types.hpp"

#include <vector>

namespace dropctl::diagnose {

class Scope {
  public:
    /// All outlive this.
    Scope(code::KernelCode &code, values::Types &types, const slice::Knowledge &knowledge)
        : code_(code), types_(types), knowledge_(knowledge) {}

    /// Begin anew: the innermost functions on the stack of a drop.
    void begin(const Event &drop);
    /// Take up what an answer asks for; false: there was nothing new in that.
    bool take(const slice::Answer &answer);

    [[nodiscard]] const std::vector<trace::FunctionWish> &functions() const { return functions_; }
    [[nodiscard]] const Captures &captures() const { return captures_; }

  private:
    bool follow_stack();
    void mark_outermost();
    bool follow(uint64_t address);
    bool follow(const code::Function &function);
    bool follow_receiver(uint64_t called_from);
    bool follow_writers(uint64_t address);
    bool follow_caller();
    [[nodiscard]] bool has_packet(const code::Function &function);
    [[nodiscard]] bool followed(uint64_t entry) const;

    code::KernelCode &code_;
    values::Types &types_;
    const slice::Knowledge &knowledge_;
    Event drop_;
    size_t above_ = 0; ///< index into the drop's stack of what is not followed of it
    bool at_boundary_ = false;
    std::vector<trace::FunctionWish> functions_;
    Captures captures_;
};

} // namespace dropctl::diagnose

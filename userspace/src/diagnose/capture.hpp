// SPDX-License-Identifier: GPL-2.0-only
// What the slicer wants to see of an instruction's operand, as something the module can
// fetch, and back.
#pragma once

#include "slice/operation.hpp"
#include "trace/planner.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace dropctl::diagnose {

class Captures {
  public:
    /// Ask for an operand at an address. False: it is asked for already, or is none.
    bool add(uint64_t address, const slice::Operand &operand);
    /// Hand all of them to a planner.
    void give(trace::Planner &planner) const;
    /// The operand that an item at a point stands for.
    [[nodiscard]] std::optional<slice::Operand> meaning(const trace::Plan &plan, uint16_t point,
                                                        uint16_t item) const;

  private:
    std::map<uint64_t, std::vector<slice::Operand>> wanted_; ///< by address
};

/// Instructions that put the value of an operand out.
FetchProgram fetch_of(const slice::Operand &operand);

} // namespace dropctl::diagnose

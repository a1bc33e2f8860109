// SPDX-License-Identifier: GPL-2.0-only
// Names for what the slicer only knows as registers and displacements: the way from an
// argument, a returned pointer or a global to a value, through the types.
#pragma once

#include "code/kernel_code.hpp"
#include "diagnose/diagnosis.hpp"
#include "slice/answer.hpp"
#include "slice/execution.hpp"
#include "values/types.hpp"

namespace dropctl::diagnose {

class Namer {
  public:
    /// All outlive this.
    Namer(code::KernelCode &code, values::Types &types, const slice::Execution &execution)
        : code_(code), types_(types), execution_(execution) {}

    NamedOperand operand(const slice::TestedValue &value);
    Link link(const slice::Step &step);

  private:
    struct Named {
        std::string text;
        const values::Type *type = nullptr;
    };
    Named root(const slice::Origin &origin);
    Named load(const Named &from, int64_t displacement);
    void describe_return(const slice::Step &step, Link &link);
    void describe_comparison(const slice::Step &step, Link &link);
    values::Place place(const code::Function &function, uint64_t address);

    code::KernelCode &code_;
    values::Types &types_;
    const slice::Execution &execution_;
};

} // namespace dropctl::diagnose

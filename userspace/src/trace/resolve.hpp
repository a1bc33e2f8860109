// SPDX-License-Identifier: GPL-2.0-only
// From numbers of points to lines, calls and values.
#pragma once

#include "trace/known_lines.hpp"
#include "trace/packets.hpp"
#include "trace/plan.hpp"
#include "trace/report.hpp"
#include "values/types.hpp"

#include <vector>

namespace dropctl::trace {

class Resolver {
  public:
    /// All outlive this. `symbol` names code addresses. `carriers`: show those, too.
    /// `call_texts`: fill in ReportedFrame::call, which takes longer than all the rest.
    Resolver(const Plan &plan, values::Types &types, values::SymbolNamer symbol, bool carriers,
             bool call_texts = true)
        : plan_(plan), types_(types), symbol_(std::move(symbol)), carriers_(carriers),
          call_texts_(call_texts), lines_(plan, types, symbol_) {}

    /// One for each packet dropped; if none was, one, or none if it met nothing that is
    /// followed.
    std::vector<ReportedPath> resolve(const RawPath &path);

  private:
    ReportedPath packet_path(const RawPath &path, const std::vector<Invocation> &invocations,
                             const PacketPath &packet);
    ReportedFrame frame(const Invocation &invocation);

    const Plan &plan_;
    values::Types &types_;
    values::SymbolNamer symbol_;
    bool carriers_;
    bool call_texts_;
    KnownLines lines_;
};

} // namespace dropctl::trace

// SPDX-License-Identifier: GPL-2.0-only
// Paths of probes that others have added. What their points stand for is planned again
// from what is kept with the probe, and believed only if the module has its points just
// there; else functions and offsets are told, and no lines.
#pragma once

#include "commands/live_names.hpp"
#include "commands/probe_spec.hpp"
#include "trace/assembler.hpp"
#include "trace/bare_plan.hpp"
#include "trace/line_ranges.hpp"
#include "trace/planner.hpp"
#include "trace/resolve.hpp"

#include <map>
#include <memory>
#include <vector>

namespace dropctl::commands {

class ProbePaths {
  public:
    /// All outlive this. `carriers`: show those, too.
    ProbePaths(nl::Client &client, LiveNames &names, util::Output &err, bool carriers)
        : client_(client), names_(names), err_(err), carriers_(carriers) {}

    /// As Resolver::resolve(). Plans, at the first path of a probe.
    std::vector<trace::ReportedPath> resolve(const trace::RawPath &path);
    /// What a probe is called; by its number if it has gone.
    std::string label(uint32_t trace);

  private:
    struct Probe {
        std::string label;
        trace::LineRanges lines;
        code::KernelCode code;
        values::Types types;
        trace::Plan plan;
        std::unique_ptr<trace::Resolver> resolver;
    };

    Probe &probe(uint32_t trace);
    void plan(uint32_t trace, Probe &probe);
    /// Plan as add-probe did; why that is not how the probe was made, or nothing.
    Result<void> plan_again(const std::string &spec, const std::vector<PointInfo> &points,
                            Probe &probe);
    Location place(uint64_t address);

    nl::Client &client_;
    LiveNames &names_;
    util::Output &err_;
    bool carriers_;
    std::map<uint32_t, std::unique_ptr<Probe>> probes_;
};

} // namespace dropctl::commands

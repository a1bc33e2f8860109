// SPDX-License-Identifier: GPL-2.0-only
// The table of commands: one function and one .cpp file each, and what all of
// them are given to work with.
#pragma once

#include "cli.hpp"
#include "nl/client.hpp"
#include "util/output.hpp"
#include "util/result.hpp"

#include <functional>
#include <memory>

namespace dropctl::commands {

/// What a command works with. Tests put their own in.
struct Context {
    GlobalOptions options;
    util::Output &out; ///< results
    util::Output &err; ///< progress, losses, summaries
    /// Connect to the module.
    std::function<Result<std::unique_ptr<nl::Client>>()> connect = nl::Client::open;
};

/// Run the command that was parsed.
Result<Exit> run(const Command &command, Context &context);

Result<Exit> print_text(const PrintText &options, Context &context);
Result<Exit> status(const StatusOptions &options, Context &context);
Result<Exit> add_filter(const AddFilterOptions &options, Context &context);
Result<Exit> del_filter(const DelFilterOptions &options, Context &context);
Result<Exit> list_filters(const ListFiltersOptions &options, Context &context);
Result<Exit> monitor(const MonitorOptions &options, Context &context);
Result<Exit> top(const TopOptions &options, Context &context);
Result<Exit> symbolize(const SymbolizeOptions &options, Context &context);
Result<Exit> lines(const LinesOptions &options, Context &context);
Result<Exit> vars(const VarsOptions &options, Context &context);
Result<Exit> reasons(const ReasonsOptions &options, Context &context);
Result<Exit> trace(const TraceOptions &options, Context &context);
Result<Exit> add_probe(const AddProbeOptions &options, Context &context);
Result<Exit> del_probe(const DelProbeOptions &options, Context &context);
Result<Exit> list_probes(const ListProbesOptions &options, Context &context);
Result<Exit> diagnose(const DiagnoseOptions &options, Context &context);

} // namespace dropctl::commands

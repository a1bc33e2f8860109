// SPDX-License-Identifier: GPL-2.0-only
#include "commands/commands.hpp"

namespace dropctl::commands {

namespace {

/// What a client says of a request that several commands make is said by the command
/// that was typed. Some things (the module is not there) are nobody's.
Result<Exit> named(const char *verb, Result<Exit> result) {
    if (!result && !result.error().what.empty()) {
        result.error().what = verb;
    }
    return result;
}

/// Options to the command that takes them; a type that is not here does not compile.
struct Dispatch {
    Context &context;

    Result<Exit> operator()(const PrintText &options) { return print_text(options, context); }
    Result<Exit> operator()(const StatusOptions &options) {
        return named("status", status(options, context));
    }
    Result<Exit> operator()(const AddFilterOptions &options) {
        return named("add-filter", add_filter(options, context));
    }
    Result<Exit> operator()(const DelFilterOptions &options) {
        return named("del-filter", del_filter(options, context));
    }
    Result<Exit> operator()(const ListFiltersOptions &options) {
        return named("list-filters", list_filters(options, context));
    }
    Result<Exit> operator()(const MonitorOptions &options) {
        return named("monitor", monitor(options, context));
    }
    Result<Exit> operator()(const TopOptions &options) {
        return named("top", top(options, context));
    }
    Result<Exit> operator()(const SymbolizeOptions &options) {
        return named("symbolize", symbolize(options, context));
    }
    Result<Exit> operator()(const DiagnoseOptions &options) {
        return named("diagnose", diagnose(options, context));
    }
    Result<Exit> operator()(const TraceOptions &options) {
        return named("trace", trace(options, context));
    }
    Result<Exit> operator()(const AddProbeOptions &options) {
        return named("add-probe", add_probe(options, context));
    }
    Result<Exit> operator()(const DelProbeOptions &options) {
        return named("del-probe", del_probe(options, context));
    }
    Result<Exit> operator()(const ListProbesOptions &options) {
        return named("list-probes", list_probes(options, context));
    }
    Result<Exit> operator()(const LinesOptions &options) {
        return named("lines", lines(options, context));
    }
    Result<Exit> operator()(const VarsOptions &options) {
        return named("vars", vars(options, context));
    }
    Result<Exit> operator()(const ReasonsOptions &options) {
        return named("reasons", reasons(options, context));
    }
};

} // namespace

Result<Exit> run(const Command &command, Context &context) {
    return std::visit(Dispatch{context}, command);
}

Result<Exit> print_text(const PrintText &options, Context &context) {
    context.out.write(options.text);
    return Exit::Done;
}

} // namespace dropctl::commands

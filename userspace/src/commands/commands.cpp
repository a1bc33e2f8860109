// SPDX-License-Identifier: GPL-2.0-only
#include "commands/commands.hpp"

namespace dropctl::commands {

namespace {

/// Options to the command that takes them; a type that is not here does not compile.
struct Dispatch {
    Context &context;

    Result<Exit> operator()(const PrintText &options) { return print_text(options, context); }
    Result<Exit> operator()(const StatusOptions &options) { return status(options, context); }
    Result<Exit> operator()(const AddFilterOptions &options) {
        return add_filter(options, context);
    }
    Result<Exit> operator()(const DelFilterOptions &options) {
        return del_filter(options, context);
    }
    Result<Exit> operator()(const ListFiltersOptions &options) {
        return list_filters(options, context);
    }
    Result<Exit> operator()(const MonitorOptions &options) { return monitor(options, context); }
    Result<Exit> operator()(const TopOptions &options) { return top(options, context); }
    Result<Exit> operator()(const SymbolizeOptions &options) { return symbolize(options, context); }
    Result<Exit> operator()(const ReasonsOptions &options) { return reasons(options, context); }
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

// SPDX-License-Identifier: GPL-2.0-only
// dropctl add-filter. What is wrong with the words themselves is told first, then
// whether the module is there, then what takes long (debug information).
#include "commands/add_filter.hpp"

#include "commands/commands.hpp"
#include "commands/filter_refusal.hpp"
#include "commands/list_filters.hpp"
#include "commands/live_names.hpp"
#include "filter/describe.hpp"
#include "symbols/dwfl_symboliser.hpp"
#include "util/interfaces.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::commands {

namespace {

FilterSources live_sources(Context &context) {
    FilterSources sources;
    sources.reasons = [] { return symbols::Reasons::load(); };
    sources.symboliser = [&context] {
        symbols::SymboliserOptions options;
        options.progress = [&context](const std::string &text) {
            context.err.write(text + "\n");
            context.err.flush();
        };
        return std::make_unique<symbols::DwflSymboliser>(std::move(options));
    };
    return sources;
}

/// As the module has it now: it may have made a name up.
Filter as_added(nl::Client &client, Filter filter) {
    const auto filters = client.filters();
    if (!filters) {
        return filter;
    }
    const auto added = std::find_if(filters->begin(), filters->end(),
                                    [&](const Filter &other) { return other.id == filter.id; });
    return added == filters->end() ? filter : *added;
}

void tell(const Filter &filter, nl::Client &client, Context &context) {
    LiveNames names(client, context.err);
    if (context.options.json) {
        util::Writer line;
        append_json(line, filter, names);
        context.out.write(line.view());
        return;
    }
    const std::string remarks = filter::remarks(filter);
    context.out.write(fmt::format("filter {} added: {}{}\n", label(filter),
                                  filter::conditions(filter, namer(names)),
                                  remarks.empty() ? "" : " (" + remarks + ")"));
}

} // namespace

Result<Exit> add_filter(const AddFilterOptions &options, Context &context) {
    const FilterSources sources = live_sources(context);
    auto request = read_filter(options, sources);
    if (!request) {
        return request.error();
    }
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    const auto status = (*client)->status();
    if (!status) {
        return status.error();
    }
    if (auto found = look_up_names(options, *status, sources, *request); !found) {
        return found.error();
    }
    auto id = (*client)->add_filter(request->filter, request->programs);
    if (!id) {
        return explain_refusal(id.error(), request->filter, util::interface_names());
    }
    request->filter.id = *id;
    if (!request->warning.empty()) {
        context.err.write("hint: " + request->warning + "\n");
    }
    tell(as_added(**client, request->filter), **client, context);
    return Exit::Done;
}

} // namespace dropctl::commands

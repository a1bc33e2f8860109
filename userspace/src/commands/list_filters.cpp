// SPDX-License-Identifier: GPL-2.0-only
// dropctl list-filters: a table, or an object for each.
#include "commands/list_filters.hpp"

#include "commands/commands.hpp"
#include "commands/live_names.hpp"
#include "render/json.hpp"
#include "render/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace dropctl::commands {

namespace {

void append_numbers(render::JsonObject &object, const Filter &filter) {
    filter.netns != 0 ? object.number("netns", filter.netns) : object.null("netns");
    filter.mark ? object.number("mark", *filter.mark) : object.null("mark");
    filter.mark ? object.number("mark_mask", filter.mark_mask) : object.null("mark_mask");
    filter.snaplen ? object.number("snaplen", *filter.snaplen) : object.null("snaplen");
    filter.rate != 0 ? object.number("rate", filter.rate) : object.null("rate");
    filter.count != 0 ? object.number("count", filter.count) : object.null("count");
}

std::string reasons_json(const Filter &filter, render::Names &names) {
    std::string json = "[";
    for (const uint32_t reason : filter.reasons) {
        json += (json.size() == 1 ? "" : ",") + util::json_string(names.reason(reason));
    }
    return json + "]";
}

/// Probes that filters go with, by id of the filter.
using Keepers = std::map<uint32_t, uint32_t>;

Keepers keepers(nl::Client &client) {
    Keepers keepers;
    if (const auto traces = client.traces()) { // else they are not for this client to see
        for (const TraceInfo &trace : *traces) {
            for (const uint32_t filter : trace.filters) {
                if (!trace.owned) {
                    keepers[filter] = trace.id;
                }
            }
        }
    }
    return keepers;
}

/// Only what is worth a column's room: nothing of what never happened.
std::string trouble(const Filter &filter, const Keepers &keepers) {
    // One that stays and is named by a probe is no part of it.
    const auto probe = filter.owned ? keepers.find(filter.id) : keepers.end();
    Filter other = filter;
    other.owned = filter.owned && probe == keepers.end();
    std::string text = filter::remarks(other);
    if (probe != keepers.end()) {
        text += fmt::format("{}of probe {}", text.empty() ? "" : ", ", probe->second);
    }
    if (filter.rate_limited != 0) {
        text += fmt::format("{}{} over the limit", text.empty() ? "" : ", ", filter.rate_limited);
    }
    if (filter.errors != 0) {
        text +=
            fmt::format("{}{} without a network header", text.empty() ? "" : ", ", filter.errors);
    }
    return text;
}

std::string table(const std::vector<Filter> &filters, const Keepers &keepers,
                  render::Names &names) {
    using Align = render::Table::Align;
    render::Table table({{.head = "ID", .align = Align::Right},
                         {.head = "NAME"},
                         {.head = "HITS", .align = Align::Right},
                         {.head = "MATCHES"},
                         {.head = "REMARKS"}});
    for (const Filter &filter : filters) {
        table.add({std::to_string(filter.id), filter.name.empty() ? "-" : filter.name,
                   std::to_string(filter.hits), filter::conditions(filter, namer(names)),
                   trouble(filter, keepers)});
    }
    return table.text();
}

} // namespace

std::string label(const Filter &filter) {
    return filter.name.empty() ? std::to_string(filter.id)
                               : fmt::format("{} \"{}\"", filter.id, filter.name);
}

filter::Namer namer(render::Names &names) {
    return {.reason = [&names](uint32_t number) { return names.reason(number); },
            .netns =
                [&names](uint32_t inode) {
                    const std::string name = names.netns(inode);
                    return name.empty() && inode == names.own_netns() ? "of this process" : name;
                }};
}

void append_json(util::Writer &out, const Filter &filter, render::Names &names) {
    render::JsonObject object(out, "filter");
    object.number("id", filter.id)
        .text_or_null("name", filter.name)
        .text_or_null("expr", filter.expr)
        .text_or_null("inner", filter.inner_expr)
        .text_or_null("dev", filter.dev)
        .text_or_null("function", filter.function)
        .raw("reasons", reasons_json(filter, names));
    append_numbers(object, filter);
    object.boolean("exclude", filter.exclude)
        .boolean("owned", filter.owned)
        .boolean("stale", filter.stale)
        .number("hits", filter.hits)
        .number("rate_limited", filter.rate_limited)
        .number("errors", filter.errors)
        .end_line();
}

Result<Exit> list_filters(const ListFiltersOptions & /*options*/, Context &context) {
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    auto filters = (*client)->filters();
    if (!filters) {
        return filters.error();
    }
    std::sort(filters->begin(), filters->end(),
              [](const Filter &left, const Filter &right) { return left.id < right.id; });
    LiveNames names(**client, context.err);
    if (context.options.json) {
        util::Writer lines;
        for (const Filter &filter : *filters) {
            append_json(lines, filter, names);
        }
        context.out.write(lines.view());
    } else if (filters->empty()) {
        context.out.write("no filters: every drop is reported\n");
    } else {
        context.out.write(table(*filters, keepers(**client), names));
    }
    return Exit::Done;
}

} // namespace dropctl::commands

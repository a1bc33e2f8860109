// SPDX-License-Identifier: GPL-2.0-only
// dropctl del-probe. One that does not exist does not keep the others.
#include "commands/commands.hpp"
#include "render/json.hpp"
#include "util/near_names.hpp"
#include "util/parse.hpp"
#include "util/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace dropctl::commands {

namespace {

constexpr const char *verb = "del-probe";

std::string label(const TraceInfo &probe) {
    return probe.name.empty() ? std::to_string(probe.id)
                              : fmt::format("{} \"{}\"", probe.id, probe.name);
}

void tell(const TraceInfo &probe, Context &context) {
    if (!context.options.json) {
        context.out.write(fmt::format("probe {} deleted\n", label(probe)));
        return;
    }
    util::Writer line;
    render::JsonObject object(line, "probe-deleted");
    object.number("id", probe.id).text_or_null("name", probe.name).end_line();
    context.out.write(line.view());
}

Error not_found(const std::string &word, const std::vector<TraceInfo> &probes) {
    util::NearNames near(word, 1);
    for (const TraceInfo &probe : probes) {
        if (!probe.name.empty()) {
            near.offer(probe.name);
        }
    }
    return Error{verb, "there is no probe '" + word + "'",
                 util::did_you_mean(near.take(), "`dropctl list-probes` shows those that exist")};
}

Result<void> remove(nl::Client &client, const TraceInfo &probe, Context &context) {
    auto done = client.delete_trace(probe.id);
    if (!done && done.error().number != ENOENT) { // it may have expired meanwhile
        return Error{verb, fmt::format("probe {}: {}", label(probe), done.error().why),
                     done.error().hint};
    }
    tell(probe, context);
    return {};
}

Result<Exit> remove_named(nl::Client &client, std::vector<TraceInfo> probes,
                          const std::vector<std::string> &words, Context &context) {
    std::optional<Error> failure;
    const auto fail = [&](Error error) {
        if (failure) {
            context.err.write(fmt::format("dropctl: {}: {}\n", verb, failure->why));
        }
        failure = std::move(error);
    };
    std::vector<uint32_t> deleted;
    for (const std::string &word : words) {
        const auto id = util::parse_number(word);
        const auto found = std::find_if(probes.begin(), probes.end(), [&](const TraceInfo &probe) {
            return id ? probe.id == *id : probe.name == word;
        });
        if (found == probes.end()) {
            fail(not_found(word, probes));
        } else if (std::find(deleted.begin(), deleted.end(), found->id) == deleted.end()) {
            deleted.push_back(found->id);
            if (auto removed = remove(client, *found, context); !removed) {
                fail(removed.error());
            }
        }
    }
    return failure ? Result<Exit>(*failure) : Exit::Done;
}

} // namespace

Result<Exit> del_probe(const DelProbeOptions &options, Context &context) {
    if (options.all != options.probes.empty()) {
        return Error{verb, options.all ? "--all and probes by name" : "which probe?",
                     "dropctl del-probe ID|NAME... or --all", Exit::Usage};
    }
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    auto probes = (*client)->traces();
    if (!probes) {
        return probes.error();
    }
    // Those of commands that are running are none of ours.
    std::erase_if(*probes, [](const TraceInfo &probe) { return probe.owned; });
    if (!options.all) {
        return remove_named(**client, std::move(*probes), options.probes, context);
    }
    if (probes->empty() && !context.options.json) {
        context.out.write("there are no probes\n");
    }
    for (const TraceInfo &probe : *probes) {
        if (auto removed = remove(**client, probe, context); !removed) {
            return removed.error();
        }
    }
    return Exit::Done;
}

} // namespace dropctl::commands

// SPDX-License-Identifier: GPL-2.0-only
// dropctl del-filter. One that does not exist does not keep the others.
#include "commands/commands.hpp"
#include "commands/list_filters.hpp"
#include "render/json.hpp"
#include "util/near_names.hpp"
#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace dropctl::commands {

namespace {

constexpr const char *verb = "del-filter";

class Deletion {
  public:
    Deletion(nl::Client &client, Context &context, std::vector<Filter> filters)
        : client_(client), context_(context), filters_(std::move(filters)) {}

    Result<Exit> named(const std::vector<std::string> &words);
    Result<Exit> all();

  private:
    const Filter *find(const std::string &word) const;
    Error not_found(const std::string &word) const;
    void tell(const Filter &filter);
    /// Keep an error to end with; those before it are told at once.
    void fail(Error error);

    nl::Client &client_;
    Context &context_;
    std::vector<Filter> filters_; ///< that were there at first
    std::optional<Error> failure_;
};

const Filter *Deletion::find(const std::string &word) const {
    const auto id = util::parse_number(word);
    const auto found = std::find_if(filters_.begin(), filters_.end(), [&](const Filter &filter) {
        return id ? filter.id == *id : filter.name == word;
    });
    return found == filters_.end() ? nullptr : &*found;
}

Error Deletion::not_found(const std::string &word) const {
    util::NearNames near(word, 1);
    for (const Filter &filter : filters_) {
        if (!filter.name.empty()) {
            near.offer(filter.name);
        }
    }
    const auto names = near.take();
    return Error{verb, "there is no filter '" + word + "'",
                 names.empty() ? "`dropctl list-filters` shows those that exist"
                               : "did you mean '" + names.front() + "'?"};
}

void Deletion::tell(const Filter &filter) {
    if (!context_.options.json) {
        context_.out.write(fmt::format("filter {} deleted\n", label(filter)));
        return;
    }
    util::Writer line;
    render::JsonObject object(line, "filter-deleted");
    object.number("id", filter.id).text_or_null("name", filter.name).end_line();
    context_.out.write(line.view());
}

void Deletion::fail(Error error) {
    error.what = verb;
    if (failure_) {
        context_.err.write(fmt::format("dropctl: {}: {}\n", verb, failure_->why));
    }
    failure_ = std::move(error);
}

Result<Exit> Deletion::named(const std::vector<std::string> &words) {
    std::vector<uint32_t> deleted;
    for (const std::string &word : words) {
        const Filter *filter = find(word);
        if (filter == nullptr) {
            fail(not_found(word));
            continue;
        }
        if (std::find(deleted.begin(), deleted.end(), filter->id) != deleted.end()) {
            continue; // named twice
        }
        if (auto done = client_.delete_filter(filter->id); !done) {
            fail({verb, fmt::format("filter {}: {}", label(*filter), done.error().why),
                  done.error().hint});
            continue;
        }
        deleted.push_back(filter->id);
        tell(*filter);
    }
    return failure_ ? Result<Exit>(*failure_) : Exit::Done;
}

/// Those of a client that is running (dropctl monitor EXPR) stay; the module says which.
Result<Exit> Deletion::all() {
    if (auto done = client_.delete_all_filters(); !done) {
        return done.error();
    }
    const auto left = client_.filters();
    if (!left) {
        return Error{verb, left.error().why, left.error().hint};
    }
    for (const Filter &filter : filters_) {
        const bool stays = std::any_of(left->begin(), left->end(),
                                       [&](const Filter &other) { return other.id == filter.id; });
        if (!stays) {
            tell(filter);
        } else {
            context_.err.write(fmt::format(
                "filter {} stays: it belongs to a probe, or to a client that is running\n",
                label(filter)));
        }
    }
    if (filters_.empty() && !context_.options.json) {
        context_.out.write("there are no filters\n");
    }
    return Exit::Done;
}

} // namespace

Result<Exit> del_filter(const DelFilterOptions &options, Context &context) {
    if (options.all != options.filters.empty()) {
        return Error{verb, options.all ? "--all and filters by name" : "which filter?",
                     "dropctl del-filter ID|NAME... or --all", Exit::Usage};
    }
    auto client = context.connect();
    if (!client) {
        return client.error();
    }
    auto filters = (*client)->filters();
    if (!filters) {
        return filters.error();
    }
    Deletion deletion(**client, context, std::move(*filters));
    return options.all ? deletion.all() : deletion.named(options.filters);
}

} // namespace dropctl::commands

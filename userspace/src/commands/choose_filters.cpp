// SPDX-License-Identifier: GPL-2.0-only
#include "commands/choose_filters.hpp"

#include "filter/compile.hpp"
#include "util/parse.hpp"

#include <algorithm>

namespace dropctl::commands {

namespace {

/// The filter that a word names, or none. A number is an id: names begin with a letter.
const Filter *find(const std::vector<Filter> &filters, const std::string &word) {
    const auto id = util::parse_number(word);
    const auto same = [&](const Filter &filter) {
        return id ? filter.id == *id : filter.name == word;
    };
    const auto found = std::find_if(filters.begin(), filters.end(), same);
    return found == filters.end() ? nullptr : &*found;
}

std::string join(const std::vector<std::string> &words) {
    std::string text;
    for (const std::string &word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

Result<Filter> add_temporary(const std::string &what, nl::Client &client,
                             const std::string &expression, const std::string &missing) {
    auto program = filter::compile(expression);
    if (!program) {
        Error error = std::move(program.error());
        error.what = what;
        error.why = "no filter named '" + missing + "', and not an expression: " + error.why;
        if (error.hint.empty()) {
            error.hint = "dropctl list-filters, or pcap-filter(7) for expressions";
        }
        return error;
    }
    Filter filter;
    filter.expr = expression;
    filter.owned = true;
    auto id = client.add_filter(filter, {.prog = *program, .inner_prog = {}, .ranges = {}});
    if (!id) {
        id.error().what = what;
        return id.error();
    }
    filter.id = *id;
    return filter;
}

} // namespace

Result<std::vector<uint32_t>> choose_filters(const std::string &what, nl::Client &client,
                                             const std::vector<std::string> &words,
                                             std::vector<Filter> &known) {
    std::vector<uint32_t> ids;
    for (const std::string &word : words) {
        const Filter *filter = find(known, word);
        if (filter == nullptr) {
            auto added = add_temporary(what, client, join(words), word);
            if (!added) {
                return added.error();
            }
            known.push_back(*added);
            return std::vector<uint32_t>{added->id};
        }
        if (std::find(ids.begin(), ids.end(), filter->id) == ids.end()) {
            ids.push_back(filter->id);
        }
    }
    return ids;
}

} // namespace dropctl::commands

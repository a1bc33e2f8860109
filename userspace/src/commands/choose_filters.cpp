// SPDX-License-Identifier: GPL-2.0-only
#include "commands/choose_filters.hpp"

#include "filter/compile.hpp"
#include "util/near_names.hpp"
#include "util/parse.hpp"
#include "util/words.hpp"

#include <algorithm>
#include <cctype>

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

/// Whether a word may be a filter's name; what may not is part of an expression.
bool may_be_name(const std::string &word) {
    const bool is_letter = !word.empty() && std::isalpha(static_cast<unsigned char>(word[0])) != 0;
    return is_letter && std::all_of(word.begin(), word.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
           });
}

/// The names nearest to a word.
std::vector<std::string> similar(const std::vector<Filter> &known, const std::string &word) {
    util::NearNames near(word, 1);
    for (const Filter &filter : known) {
        if (!filter.name.empty() && may_be_name(word)) {
            near.offer(filter.name);
        }
    }
    return near.take();
}

/// The words are no expression, nor do they all name filters: `missing` is the first
/// that does not. Which of the two was meant?
Error explain(const std::vector<std::string> &words, const std::vector<Filter> &known,
              const std::string &missing, Error error) {
    const bool named = std::any_of(words.begin(), words.end(), [&](const std::string &word) {
        return find(known, word) != nullptr;
    });
    const auto near = similar(known, missing);
    const bool alone = words.size() == 1 && may_be_name(missing);
    if (!named && !alone &&
        (near.empty() || !std::all_of(words.begin(), words.end(), may_be_name))) {
        return error;
    }
    const std::string list = "`dropctl list-filters` shows the filters";
    const bool keyword = alone && error.hint.find("did you mean") != std::string::npos;
    error.why = "there is no filter '" + missing + "'" + (alone ? ", and it is no expression" : "");
    error.hint = near.empty() ? (keyword ? error.hint : list) : "did you mean '" + near[0] + "'?";
    return error;
}

Result<Filter> add_temporary(nl::Client &client, const std::vector<std::string> &words,
                             const std::vector<Filter> &known, const std::string &missing) {
    // libpcap would take it for a network.
    if (words.size() == 1 && util::parse_number(missing)) {
        return Error{"filter", "there is no filter " + missing,
                     "`dropctl list-filters` shows the filters", Exit::Usage};
    }
    Filter filter;
    filter.expr = util::expression(words);
    filter.owned = true;
    auto program = filter::compile(filter.expr);
    if (!program) {
        return explain(words, known, missing, std::move(program.error()));
    }
    auto id = client.add_filter(filter, {.prog = *program, .inner_prog = {}, .ranges = {}});
    if (!id) {
        return id.error();
    }
    filter.id = *id;
    return filter;
}

} // namespace

Result<std::vector<uint32_t>> choose_filters(nl::Client &client,
                                             const std::vector<std::string> &words,
                                             std::vector<Filter> &known) {
    std::vector<uint32_t> ids;
    if (util::expression(words).empty()) {
        return ids;
    }
    for (const std::string &word : words) {
        const Filter *filter = find(known, word);
        if (filter == nullptr) {
            auto added = add_temporary(client, words, known, word);
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

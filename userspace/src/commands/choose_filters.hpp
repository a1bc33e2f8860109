// SPDX-License-Identifier: GPL-2.0-only
// What the FILTER words of a command mean: filters that exist, or an expression,
// for which a filter of our own is made that goes when the command ends.
#pragma once

#include "model.hpp"
#include "nl/client.hpp"
#include "util/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dropctl::commands {

/// Ids of the filters that `words` name, by id or by name; if they do not all name
/// one, of a new owned filter with the words as its expression. No words, or blank: none.
/// @param known all filters that exist; a new one is added to it
Result<std::vector<uint32_t>> choose_filters(nl::Client &client,
                                             const std::vector<std::string> &words,
                                             std::vector<Filter> &known);

} // namespace dropctl::commands

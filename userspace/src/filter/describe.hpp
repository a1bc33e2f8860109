// SPDX-License-Identifier: GPL-2.0-only
// What a filter is for, in one line.
#pragma once

#include "model.hpp"

#include <functional>
#include <string>

namespace dropctl::filter {

/// Where names for numbers come from.
struct Namer {
    std::function<std::string(uint32_t)> reason;
    std::function<std::string(uint32_t)> netns; ///< empty text: it has no name
};

/// The conditions: "src host 10.0.0.1, dev eth0, reason NO_SOCKET"; without any,
/// "every packet".
std::string conditions(const Filter &filter, const Namer &namer);

/// What is done with packets that match, and what is wrong: "excluded", "10/s",
/// "stale"; empty for the ordinary filter.
std::string remarks(const Filter &filter);

/// Is there nothing that a packet has to fulfil?
bool matches_everything(const Filter &filter);

} // namespace dropctl::filter

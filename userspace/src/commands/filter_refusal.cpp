// SPDX-License-Identifier: GPL-2.0-only
#include "commands/filter_refusal.hpp"

#include "util/near_names.hpp"
#include "util/words.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace dropctl::commands {

namespace {

void no_interface(Error &error, const Filter &filter, const std::vector<std::string> &interfaces) {
    constexpr size_t offered = 3;
    util::NearNames near(filter.dev, offered);
    for (const std::string &name : interfaces) {
        near.offer(name);
    }
    const bool somewhere = filter.netns == 0;
    error.why = fmt::format("--dev: there is no interface '{}'{}", filter.dev,
                            somewhere ? "" : " in that network namespace");
    error.hint =
        util::did_you_mean(near.take(), somewhere ? "`ip link` shows the interfaces"
                                                  : "without --netns it may be in any of them");
    error.status = Exit::Usage;
}

void no_namespace(Error &error, const Filter &filter) {
    error.why = fmt::format("--netns: there is no network namespace with the inode number {}",
                            filter.netns);
    error.hint = "`lsns -t net` shows them; --netns takes names and paths too";
    error.status = Exit::Usage;
}

void name_taken(Error &error, const Filter &filter) {
    error.why = fmt::format("--name: there is a filter '{}' already", filter.name);
    error.hint = fmt::format("`dropctl list-filters` shows it, `dropctl del-filter {}` deletes it",
                             filter.name);
}

} // namespace

Error explain_refusal(Error error, const Filter &filter,
                      const std::vector<std::string> &interfaces) {
    if (error.number == ENODEV && error.blamed == "dev") {
        no_interface(error, filter, interfaces);
    } else if (error.number == ENOENT && error.blamed == "netns") {
        no_namespace(error, filter);
    } else if (error.number == EEXIST && error.blamed == "name") {
        name_taken(error, filter);
    }
    return error;
}

} // namespace dropctl::commands

// SPDX-License-Identifier: GPL-2.0-only
// What rules look at: a diagnosis and its packet as words. Passive.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::rules {

/// A link of the chain.
struct LinkFacts {
    std::string function;
    std::string module;
    std::string callee;
    std::optional<int64_t> retval; ///< of the callee
    std::string retval_text;       ///< "-EINVAL", "NULL"; may be empty
    std::string statement;         ///< source text; empty: not to be had
    std::string condition;         ///< "left == right", as it came out
    bool loop_ended = false;
};

struct Facts {
    std::vector<LinkFacts> chain;      ///< from the function that freed to the one that decided
    std::vector<std::string> freed_in; ///< function, and those that it is inlined in
    std::string reason;                ///< empty: none is known
    /// What gaps in templates are filled with, by name: "dev", "dst", ... Not there: unknown.
    std::map<std::string, std::string> words;
    std::map<std::string, std::string> values; ///< by expression
    std::string enter;                         ///< in front of commands: "ip netns exec r2 "

    [[nodiscard]] const LinkFacts *cause() const { return chain.empty() ? nullptr : &chain.back(); }
    [[nodiscard]] std::string word(const std::string &name) const {
        const auto found = words.find(name);
        return found == words.end() ? std::string() : found->second;
    }
};

/// What kind of address a text is: "multicast", "broadcast" (255.255.255.255), "loopback",
/// "link-local", "unspecified", "unicast" (none of these); empty: no address.
std::string address_class(const std::string &address);

} // namespace dropctl::rules

// SPDX-License-Identifier: GPL-2.0-only
#include "rules/rule.hpp"

#include "util/escape.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace dropctl::rules {

namespace {

constexpr std::string_view value_prefix = "value:";

/// Names of facts that templates may use.
constexpr std::array gap_names{
    "dev",    // the packet's device
    "sysctl", // the same as a part of the name of a sysctl
    "netns",  // the namespace that the packet was in, if it is another and has a name
    "l3",     // "ipv4", "ipv6", "arp", ...
    "ip",     // "ip -4" or "ip -6", by l3
    "family", // "ip" or "ip6", as nft and iptables have it, by l3
    "l4",     // "udp", "tcp", "icmp", ...
    "src",       "dst",       "sport",     "dport",
    "host", // 32 or 128: the prefix length of a single address
    "len",  // bytes from the network header on
    "mark",      "vlan",
    "ttl",                                 // or the hop limit
    "src_mac",   "dst_mac",   "src_class", // class: see address_class()

    "tunnel", // "vxlan", "gre", ...
    "tunnel_id", "inner_src", "inner_dst", "function",
    "callee",    "retval", // of the link that decided
    "freed_in",  "reason",
};

const std::string *find(const Facts &facts, const std::string &name) {
    const bool value = name.starts_with(value_prefix);
    const auto &known = value ? facts.values : facts.words;
    const auto found = known.find(value ? name.substr(value_prefix.size()) : name);
    return found == known.end() || found->second.empty() ? nullptr : &found->second;
}

/// These stand for words of a command as they are.
bool is_ours(const std::string &name) {
    return name == "ip";
}

} // namespace

bool is_gap_name(const std::string &name) {
    return (name.starts_with(value_prefix) && name.size() > value_prefix.size()) ||
           std::find(gap_names.begin(), gap_names.end(), name) != gap_names.end();
}

std::optional<std::string> fill(const Template &text, const Facts &facts) {
    const bool command = text.kind != Template::Kind::Sentence;
    std::string out = text.kind == Template::Kind::Command ? facts.enter : std::string();
    for (const Template::Piece &piece : text.pieces) {
        if (!piece.gap) {
            out += piece.text;
            continue;
        }
        const std::string *word = find(facts, piece.text);
        if (word == nullptr) {
            return std::nullopt;
        }
        out += command && !is_ours(piece.text) ? util::shell_word(*word) : *word;
    }
    return out;
}

} // namespace dropctl::rules

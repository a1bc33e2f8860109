// SPDX-License-Identifier: GPL-2.0-only
#include "rules/parse_sample.hpp"

#include "rules/reader.hpp"
#include "rules/rule.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

namespace dropctl::rules {

namespace {

constexpr int most_errno = 4095;

Reader into(std::string &text) {
    return [&text](const YAML::Node &node) { text = read_text(node); };
}

/// A number, NULL, or the name of an errno.
void read_returned(const YAML::Node &node, LinkFacts &link) {
    const std::string text = read_text(node);
    link.retval_text = text;
    if (text == "NULL") {
        link.retval = 0;
        return;
    }
    for (int number = 1; text.starts_with("-E") && number <= most_errno; ++number) {
        const char *name = strerrorname_np(number);
        if (name != nullptr && text.substr(1) == name) {
            link.retval = -number;
            return;
        }
    }
    try {
        size_t used = 0;
        link.retval = std::stoll(text, &used, 0);
        if (used == text.size()) {
            link.retval_text.clear();
            return;
        }
    } catch (const std::logic_error &) {
    }
    throw Mistake(node, "nothing that a function returns: '" + text + "'");
}

LinkFacts read_link(const YAML::Node &node) {
    LinkFacts link;
    read_map(node, {{"function", into(link.function)},
                    {"module", into(link.module)},
                    {"callee", into(link.callee)},
                    {"returned", [&](const YAML::Node &value) { read_returned(value, link); }}});
    return link;
}

/// What an ordinary packet has.
std::map<std::string, std::string> ordinary() {
    return {{"dev", "eth0"},
            {"sysctl", "eth0"},
            {"netns", "r2"},
            {"l3", "ipv4"},
            {"ip", "ip -4"},
            {"family", "ip"},
            {"l4", "udp"},
            {"src", "192.0.2.1"},
            {"dst", "192.0.2.2"},
            {"sport", "4000"},
            {"dport", "53"},
            {"host", "32"},
            {"len", "100"},
            {"ttl", "64"},
            {"src_mac", "02:00:00:00:00:01"},
            {"dst_mac", "02:00:00:00:00:02"}};
}

} // namespace

Facts read_sample(const YAML::Node &node) {
    Facts facts;
    facts.words = ordinary();
    facts.enter = "ip netns exec r2 ";
    LinkFacts cause;
    const auto word = [&facts](const char *name) {
        return Reader(
            [&facts, name](const YAML::Node &value) { facts.words[name] = read_text(value); });
    };
    read_map(node,
             {{"function", into(cause.function)},
              {"module", into(cause.module)},
              {"callee", into(cause.callee)},
              {"returned", [&](const YAML::Node &value) { read_returned(value, cause); }},
              {"statement", into(cause.statement)},
              {"condition", into(cause.condition)},
              {"loop", [&](const YAML::Node &value) { cause.loop_ended = read_bool(value); }},
              {"chain",
               [&](const YAML::Node &value) {
                   read_each(value, [&](const YAML::Node &each) {
                       facts.chain.push_back(read_link(each));
                   });
               }},
              {"freed_in", [&](const YAML::Node &value) { facts.freed_in = read_texts(value); }},
              {"reason", into(facts.reason)},
              {"values",
               [&](const YAML::Node &value) {
                   for (const auto &entry : value) {
                       facts.values[read_text(entry.first)] = read_text(entry.second);
                   }
               }},
              {"l3", word("l3")},
              {"l4", word("l4")},
              {"src", word("src")},
              {"dst", word("dst")},
              {"vlan", word("vlan")},
              {"tunnel", word("tunnel")},
              {"tunnel_id", word("tunnel_id")},
              {"inner_dst", word("inner_dst")}});
    if (facts.words["l3"] == "ipv6") {
        facts.words["ip"] = "ip -6";
        facts.words["family"] = "ip6";
        facts.words["host"] = "128";
    }
    if (!cause.callee.empty()) {
        facts.words["callee"] = cause.callee;
    }
    facts.words["src_class"] = address_class(facts.words["src"]);
    facts.words["function"] = cause.function;
    facts.words["reason"] = facts.reason;
    facts.words["freed_in"] = facts.freed_in.empty() ? "" : facts.freed_in.front();
    facts.chain.push_back(std::move(cause));
    return facts;
}

} // namespace dropctl::rules

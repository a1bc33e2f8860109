// SPDX-License-Identifier: GPL-2.0-only
#include "explain/facts_of.hpp"

#include "packet/address.hpp"
#include "packet/dissect.hpp"
#include "util/escape.hpp"
#include "util/netns_process.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::explain {

namespace {

using Words = std::map<std::string, std::string>;

constexpr size_t mac_bytes = 6;

void add_number(Words &words, const char *name, const std::optional<uint16_t> &number) {
    if (number) {
        words[name] = std::to_string(*number);
    }
}

/// Names of sysctls have dots between their parts, those of devices may have them inside.
std::string in_sysctl(std::string device) {
    std::replace(device.begin(), device.end(), '.', '/');
    return device;
}

void add_hardware(Words &words, const Event &drop) {
    constexpr size_t ethernet_header = 14;
    if (!drop.l3_offset || *drop.l3_offset < ethernet_header ||
        drop.packet.size() < ethernet_header) {
        return;
    }
    const auto bytes = std::span(drop.packet);
    packet::append_mac(words["dst_mac"], bytes.first(mac_bytes));
    packet::append_mac(words["src_mac"], bytes.subspan(mac_bytes, mac_bytes));
}

void add_ttl(Words &words, const Event &drop, const std::string &l3) {
    constexpr size_t offset_in_4 = 8;
    constexpr size_t offset_in_6 = 7;
    const bool known = l3 == "ipv4" || l3 == "ipv6";
    const size_t at = drop.l3_offset.value_or(0) + (l3 == "ipv4" ? offset_in_4 : offset_in_6);
    if (known && at < drop.packet.size()) {
        words["ttl"] = std::to_string(drop.packet[at]);
    }
}

void add_packet(Words &words, const Event &drop) {
    packet::Packet packet;
    packet::dissect(drop, packet);
    words["l3"] = packet.l3;
    words["l4"] = packet.l4;
    words["src"] = packet.src;
    words["dst"] = packet.dst;
    words["src_class"] = rules::address_class(packet.src);
    add_number(words, "sport", packet.sport);
    add_number(words, "dport", packet.dport);
    add_number(words, "vlan", packet.vlan);
    if (packet.l3 == "ipv4" || packet.l3 == "ipv6") {
        const bool six = packet.l3 == "ipv6";
        words["ip"] = six ? "ip -6" : "ip -4";
        words["family"] = six ? "ip6" : "ip";
        words["host"] = six ? "128" : "32";
    }
    words["tunnel"] = packet.tunnel;
    if (!packet.tunnel.empty() && packet.tunnel_id != 0) {
        words["tunnel_id"] = std::to_string(packet.tunnel_id);
    }
    if (packet.inner) {
        words["inner_src"] = packet.inner->src;
        words["inner_dst"] = packet.inner->dst;
    }
    add_hardware(words, drop);
    add_ttl(words, drop, packet.l3);
}

rules::LinkFacts facts_of(const diagnose::Link &link, const render::SourceLine &source) {
    return {.function = link.function,
            .module = link.module,
            .callee = link.callee,
            .retval = link.retval,
            .retval_text = link.retval_text,
            .statement = link.line == 0 ? std::string() : source(link.file, link.line),
            .condition = link.condition,
            .loop_ended = link.loop_ended};
}

/// How to get into the network namespace that a packet was in.
void add_namespace(rules::Facts &facts, const Event &drop, render::Names &names) {
    if (drop.netns == 0 || drop.netns == names.own_netns()) {
        return;
    }
    const std::string name = names.netns(drop.netns);
    if (!name.empty()) {
        facts.words["netns"] = name;
        facts.enter = "ip netns exec " + util::shell_word(name) + " ";
    } else if (const auto process = util::process_in_netns(drop.netns)) {
        facts.enter = fmt::format("nsenter -n -t {} ", *process);
    }
}

} // namespace

std::string value_text(const diagnose::NamedOperand &operand) {
    if (!operand.value) {
        return {};
    }
    return operand.text.empty() ? std::to_string(*operand.value) : operand.text;
}

rules::Facts facts_of(const diagnose::Diagnosis &diagnosis, render::Names &names,
                      const render::SourceLine &source) {
    rules::Facts facts;
    const Event &drop = diagnosis.drop;
    for (const diagnose::Link &link : diagnosis.chain) {
        facts.chain.push_back(facts_of(link, source));
        for (const diagnose::NamedOperand &operand : link.values) {
            facts.values[operand.expression] = value_text(operand);
        }
    }
    const Location &place = names.location(drop.location);
    facts.freed_in = place.inlined;
    if (facts.freed_in.empty()) {
        facts.freed_in.push_back(place.function);
    }
    if (drop.reason) {
        facts.reason = names.reason(*drop.reason);
    }
    Words &words = facts.words;
    words["dev"] = drop.dev;
    words["sysctl"] = in_sysctl(drop.dev);
    words["len"] = std::to_string(drop.len);
    words["mark"] = fmt::format("{:#x}", drop.mark);
    words["freed_in"] = facts.freed_in.front();
    words["reason"] = facts.reason;
    if (const diagnose::Link *cause = diagnosis.cause(); cause != nullptr) {
        words["function"] = cause->function;
        words["callee"] = cause->callee;
        words["retval"] = cause->retval_full;
    }
    add_packet(words, drop);
    add_namespace(facts, drop, names);
    return facts;
}

} // namespace dropctl::explain

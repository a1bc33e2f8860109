// SPDX-License-Identifier: GPL-2.0-only
#include "trace/packets.hpp"

#include <algorithm>
#include <limits>

namespace dropctl::trace {

namespace {

constexpr size_t nowhere = std::numeric_limits<size_t>::max();

/// The invocation in which a step of a drop lies.
size_t place_of(size_t step, const std::vector<Invocation> &invocations) {
    for (size_t i = 0; i < invocations.size(); ++i) {
        const auto &drops = invocations[i].drops;
        if (std::find(drops.begin(), drops.end(), step) != drops.end()) {
            return i;
        }
    }
    return nowhere;
}

/// Those of a packet, those around them, and what they called that has no packet.
std::vector<size_t> of_packet(uint64_t skb, size_t place,
                              const std::vector<Invocation> &invocations) {
    std::vector<bool> chosen(invocations.size());
    for (size_t i = 0; i < invocations.size(); ++i) {
        const Invocation &invocation = invocations[i];
        chosen[i] = i == place || invocation.skb == skb ||
                    (!invocation.own_packet && invocation.caller && chosen[*invocation.caller]);
    }
    for (size_t i = invocations.size(); i-- > 0;) {
        if (chosen[i] && invocations[i].caller) {
            chosen[*invocations[i].caller] = true;
        }
    }
    std::vector<size_t> list;
    for (size_t i = 0; i < chosen.size(); ++i) {
        if (chosen[i]) {
            list.push_back(i);
        }
    }
    return list;
}

/// The session's own record of a drop; each is handed out once.
std::optional<Event> record_of(const Step &step, const std::vector<Event> &drops,
                               std::vector<bool> &used) {
    for (size_t i = 0; i < drops.size(); ++i) {
        if (!used[i] && drops[i].skb == step.skb && drops[i].location == step.location) {
            used[i] = true;
            return drops[i];
        }
    }
    return std::nullopt;
}

} // namespace

std::vector<PacketPath> packets(const RawPath &path, const std::vector<Invocation> &invocations) {
    std::vector<PacketPath> all;
    std::vector<bool> used(path.drops.size());
    for (size_t i = 0; i < path.steps.size(); ++i) {
        const Step &step = path.steps[i];
        if (step.kind != DROPTRACE_STEP_DROP) {
            continue;
        }
        const size_t place = place_of(i, invocations);
        const auto its = [&step](const Invocation &invocation) {
            return invocation.skb == step.skb;
        };
        uint64_t skb = step.skb;
        // A copy, or one that replaced it: that of the function which freed it.
        if (place != nowhere && std::none_of(invocations.begin(), invocations.end(), its)) {
            skb = invocations[place].skb;
        }
        PacketPath packet;
        packet.skb = skb;
        packet.dropped = true;
        packet.drop = record_of(step, path.drops, used);
        packet.location = step.location;
        packet.reason = step.reason;
        packet.invocations = of_packet(skb, place, invocations);
        all.push_back(std::move(packet));
    }
    if (all.empty()) {
        PacketPath packet;
        packet.skb = path.packet.skb;
        for (size_t i = 0; i < invocations.size(); ++i) {
            packet.invocations.push_back(i);
        }
        all.push_back(std::move(packet));
    }
    return all;
}

} // namespace dropctl::trace

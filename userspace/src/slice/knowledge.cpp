// SPDX-License-Identifier: GPL-2.0-only
#include "slice/knowledge.hpp"

#include "slice/listing.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace dropctl::slice {

namespace {

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool begins_with_one_of(std::string_view name, std::span<const std::string_view> starts) {
    return std::any_of(starts.begin(), starts.end(),
                       [&](std::string_view start) { return name.starts_with(start); });
}

} // namespace

bool Knowledge::frees(const code::Call &call) const {
    constexpr std::array<std::string_view, 16> names{
        "kfree_skb",           "kfree_skb_reason",         "__kfree_skb",
        "kfree_skb_list",      "kfree_skb_list_reason",    "kfree_skb_partial",
        "sk_skb_reason_drop",  "__sk_skb_reason_drop",     "__dev_kfree_skb_any",
        "__dev_kfree_skb_irq", "dev_kfree_skb_any_reason", "dev_kfree_skb_irq_reason",
        "skb_queue_purge",     "skb_queue_purge_reason",   "rtnl_kfree_skbs",
        "tcp_drop_reason"};
    return is_one_of(call.callee, names);
}

bool Knowledge::frees_list(const code::Call &call) const {
    constexpr std::array<std::string_view, 6> names{"kfree_skb_list",  "kfree_skb_list_reason",
                                                    "skb_queue_purge", "skb_queue_purge_reason",
                                                    "rtnl_kfree_skbs", "__tcf_kfree_skb_list"};
    return is_one_of(call.callee, names);
}

bool Knowledge::harmless(const code::Call &call) const {
    constexpr std::array<std::string_view, 22> starts{
        "_raw_",        "_printk",       "printk",     "__dynamic_",     "net_ratelimit",
        "___ratelimit", "rcu_",          "__rcu_",     "lockdep_",       "mutex_",
        "lock_sock",    "release_sock",  "__local_bh", "__cond_resched", "preempt_",
        "__trace_",     "trace_",        "__warn_",    "__stack_chk",    "__SCT__cond",
        "__SCT__might", "__SCT__preempt"};
    return begins_with_one_of(call.callee, starts) || begins_with_one_of(call.symbol, starts);
}

std::optional<bool> Knowledge::stores(const code::Call &, int64_t, uint8_t) const {
    return std::nullopt;
}

std::optional<bool> stores_to(const Listing &listing, int64_t displacement, uint8_t bytes) {
    bool vague = false;
    for (const Operation &operation : listing.operations) {
        vague = vague || operation.code == Opcode::Call || operation.spoils_memory;
        const Operand &to = operation.destination;
        const bool reads = operation.code == Opcode::Compare || operation.code == Opcode::Test ||
                           operation.code == Opcode::TestBit || operation.code == Opcode::Call ||
                           operation.code == Opcode::Jump || operation.code == Opcode::Nop;
        if (reads || !to.is(OperandKind::Memory) || to.memory.base == code::rsp ||
            to.memory.base == code::rip || to.memory.segment) {
            continue;
        }
        if (to.memory.displacement < displacement + bytes &&
            displacement < to.memory.displacement + to.bytes) {
            return true;
        }
    }
    for (const code::Call &call : listing.function->cfg.calls) {
        vague = vague || call.is_tail();
    }
    return vague ? std::nullopt : std::optional(false);
}

} // namespace dropctl::slice

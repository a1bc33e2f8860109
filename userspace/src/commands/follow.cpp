// SPDX-License-Identifier: GPL-2.0-only
#include "commands/follow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace dropctl::commands {

namespace {

// Functions around which every packet passes, on its way in and out. Those that a
// kernel lacks are left out; --within takes their place.
constexpr std::array carriers{
    "ip_rcv",        "ip_list_rcv",   "ipv6_rcv",         "ipv6_list_rcv", "arp_rcv",
    "ip_local_out",  "ip6_local_out", "ip_output",        "ip6_output",    "__dev_queue_xmit",
    "tcp_v4_do_rcv", "tcp_v6_do_rcv", "udp_queue_rcv_skb"};

// Called everywhere and of no say in what becomes of a packet.
constexpr std::array noise{
    "__stack_chk_fail", "__warn_printk", "_printk",      "printk",   "kfree",        "kmem_cache_",
    "__kmalloc",        "_raw_",         "__rcu_",       "rcu_",     "__local_bh_",  "memcpy",
    "memset",           "memcmp",        "memmove",      "strcmp",   "__traceiter_", "trace_",
    "__SCT__",          "__x86_",        "__fentry__",   "preempt_", "__list_",      "__kfree_skb",
    "kfree_skb",        "consume_skb",   "__sanitizer_", "__ubsan_", "__bpf_",       "mutex_",
    "queued_",          "native_",       "lock_",        "up_",      "down_",        "schedule",
    "__cond_resched",   "ktime_get",     "__do_once_"};

constexpr size_t most_functions = 96;

bool is_noise(const std::string &callee) {
    return std::any_of(noise.begin(), noise.end(),
                       [&callee](std::string_view prefix) { return callee.starts_with(prefix); });
}

Result<void> add_instances(const std::vector<code::Instance> &instances,
                           const FollowOptions &options, trace::Planner &planner) {
    for (const code::Instance &instance : instances) {
        auto added =
            planner.add({.instance = instance, .carrier = false, .packet_arg = options.packet_arg});
        if (!added) {
            return added;
        }
    }
    return {};
}

/// Where a function was inlined: the functions around it, each once.
std::vector<code::Instance> around(const code::FunctionSearch &search) {
    std::vector<code::Instance> instances;
    for (const code::InlinedCopy &copy : search.copies) {
        if (std::find(instances.begin(), instances.end(), copy.inside) == instances.end()) {
            instances.push_back(copy.inside);
        }
    }
    return instances;
}

Result<void> add_named(const std::string &name, const FollowOptions &options,
                       code::KernelCode &code, trace::Planner &planner,
                       std::vector<std::string> &notes) {
    const code::FunctionSearch search = code.find(name);
    if (search) {
        return add_instances(search.instances, options, planner);
    }
    const std::vector<code::Instance> hosts = around(search);
    constexpr size_t few = 4;
    if (search.outcome != code::SearchOutcome::Inlined || hosts.empty() || hosts.size() > few) {
        Error error = code::KernelCode::failure("trace", search);
        return error;
    }
    std::string names;
    for (const code::Instance &host : hosts) {
        names += (names.empty() ? "" : ", ") + host.function;
    }
    notes.push_back(fmt::format("{} is inlined: following {}", name, names));
    return add_instances(hosts, options, planner);
}

/// What the functions followed so far call.
void add_callees(code::KernelCode &code, trace::Planner &planner, std::set<uint64_t> &tried,
                 std::vector<std::string> &notes) {
    for (const code::Call &call : planner.callees()) {
        if (is_noise(call.callee) || !tried.insert(call.target).second) {
            continue;
        }
        if (tried.size() > most_functions) {
            notes.push_back(fmt::format("only {} functions are followed", most_functions));
            return;
        }
        const auto function = code.function_at(call.target);
        if (!function) {
            notes.push_back(
                fmt::format("{} is not followed: {}", call.callee, function.error().why));
            continue;
        }
        if (auto added = planner.add({.instance = *function, .carrier = false, .packet_arg = {}});
            !added) {
            notes.push_back(fmt::format("{} is not followed: {}", call.callee, added.error().why));
        }
    }
}

Result<void> add_carriers(const FollowOptions &options, code::KernelCode &code,
                          trace::Planner &planner) {
    for (const std::string &name : options.within) {
        const code::FunctionSearch search = code.find(name);
        if (!search) {
            return code::KernelCode::failure("--within", search);
        }
        for (const code::Instance &instance : search.instances) {
            auto added = planner.add({.instance = instance, .carrier = true, .packet_arg = {}});
            if (!added) {
                return added;
            }
        }
    }
    if (!options.within.empty() || planner.without_packet().empty()) {
        return {};
    }
    for (const char *name : carriers) {
        const code::FunctionSearch search = code.find(name);
        for (const code::Instance &instance : search.instances) {
            // One that cannot be followed is one less: the others carry the packet too.
            static_cast<void>(
                planner.add({.instance = instance, .carrier = true, .packet_arg = {}}));
        }
    }
    return {};
}

} // namespace

Result<void> check_points(const Status &status) {
    if (!status.sees_addresses) {
        return Error{"", "kernel addresses are hidden, and it is addresses that are probed",
                     "sysctl kernel.kptr_restrict=1, and CAP_SYSLOG"};
    }
    if (!status.has_points) {
        return Error{"", "this kernel or machine cannot be traced by line (no kprobes)"};
    }
    return {};
}

Result<void> add_functions(const FollowOptions &options, code::KernelCode &code,
                           trace::Planner &planner, std::vector<std::string> &notes) {
    std::vector<trace::ValueWish> wishes;
    for (const std::string &text : options.values) {
        auto wish = trace::ValueWish::parse(text);
        if (!wish) {
            return wish.error();
        }
        wishes.push_back(std::move(*wish));
    }
    planner.want(std::move(wishes));
    for (const std::string &name : options.functions) {
        if (auto added = add_named(name, options, code, planner, notes); !added) {
            return added;
        }
    }
    std::set<uint64_t> tried;
    for (uint32_t depth = 0; depth < options.callees; ++depth) {
        add_callees(code, planner, tried, notes);
    }
    return add_carriers(options, code, planner);
}

} // namespace dropctl::commands

// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/scope.hpp"

#include "symbols/kallsyms.hpp"
#include "values/packet_argument.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace dropctl::diagnose {

namespace {

/// More than that are too many probes at a time.
constexpr size_t most_functions = 32;
/// Bytes of the functions of a stack that are followed at a time; two or three of the usual
/// size, some hundred probes.
constexpr uint64_t code_at_a_time = 3000;
/// Of those that store a pointer, as far as they are few enough to be told apart.
constexpr size_t most_writers = 8;

// Where the way of one packet begins: functions around these handle any number of them.
constexpr std::array boundaries{"__netif_receive_skb",
                                "process_backlog",
                                "__napi_poll",
                                "net_rx_action",
                                "napi_",
                                "__do_softirq",
                                "do_softirq",
                                "handle_softirqs",
                                "irq_exit",
                                "__x64_sys_",
                                "__sys_",
                                "__se_sys_",
                                "do_syscall",
                                "kthread",
                                "worker_thread",
                                "process_one_work",
                                "call_timer_fn",
                                "run_timer",
                                "ret_from_fork",
                                "entry_SYSCALL",
                                "netif_receive_skb",
                                "sock_write_iter",
                                "vfs_write",
                                "sock_sendmsg",
                                "____sys_",
                                "___sys_",
                                "sock_recvmsg"};

bool is_boundary(std::string_view symbol) {
    return std::any_of(boundaries.begin(), boundaries.end(),
                       [symbol](const char *start) { return symbol.starts_with(start); });
}

} // namespace

bool Scope::followed(uint64_t entry) const {
    return std::any_of(functions_.begin(), functions_.end(), [&](const trace::FunctionWish &wish) {
        return wish.instance.address == entry;
    });
}

bool Scope::follow(const code::Function &function) {
    if (followed(function.address) || functions_.size() >= most_functions) {
        return false;
    }
    functions_.push_back({.instance = function});
    return true;
}

/// The function that holds an address.
bool Scope::follow(uint64_t address) {
    const auto function = code_.function_at(address);
    return function && follow(*function);
}

bool Scope::has_packet(const code::Function &function) {
    const values::Place entry{.image = code_.image(function.module),
                              .module = function.module,
                              .address = function.address};
    const auto packet = values::find_packet_argument(types_, entry, function.symbol);
    return packet && packet->frame_flags == 0;
}

/// Packets come from there: to the function that takes their protocol, which may be in no
/// stack (its last act was a jump to another one).
bool Scope::follow_receiver(uint64_t called_from) {
    const auto function = code_.function_at(called_from - 1);
    if (!function) {
        return false;
    }
    const auto calls = [&](const code::Call &call) {
        const code::Instruction *instruction = function->cfg.instruction_at(call.address);
        return instruction != nullptr && called_from - 1 >= call.address &&
               called_from - 1 < instruction->end();
    };
    const auto call = std::find_if(function->cfg.calls.begin(), function->cfg.calls.end(), calls);
    if (call == function->cfg.calls.end()) {
        return false;
    }
    if (call->target != 0) {
        return follow(call->target);
    }
    constexpr std::array<std::pair<uint16_t, const char *>, 3> receivers{
        {{0x0800, "ip_rcv"}, {0x86dd, "ipv6_rcv"}, {0x0806, "arp_rcv"}}};
    bool more = false;
    for (const auto &[protocol, name] : receivers) {
        if (drop_.protocol != protocol) {
            continue;
        }
        if (const auto search = code_.find(name)) {
            for (const code::Instance &instance : search.instances) {
                if (followed(instance.address)) {
                    return false;
                }
                more = follow(instance.address) || more;
            }
        }
    }
    if (has_packet(*function)) {
        more = follow(*function) || more;
    }
    return more;
}

void Scope::begin(const Event &drop) {
    drop_ = drop;
    functions_.clear();
    captures_ = {};
    if (drop_.stack.empty() || drop_.stack.front() != drop_.location) {
        drop_.stack.insert(drop_.stack.begin(), drop_.location);
    }
    above_ = 0;
    at_boundary_ = false;
    follow_stack();
    mark_outermost();
    // A function that freed by a tail call is not on the stack.
    if (const auto function = code_.function_at(drop_.location - 1)) {
        for (const code::Call &call : function->cfg.calls) {
            if (call.is_tail() && call.target != 0 && !knowledge_.frees(call)) {
                follow(call.target);
            }
        }
    }
}

/// Follow the next functions of the stack, outwards: so many bytes of code, but one at least,
/// and up to one that has the packet. False: there are no more.
bool Scope::follow_stack() {
    const size_t before = functions_.size();
    uint64_t bytes = 0;
    bool packet = false;
    for (; above_ < drop_.stack.size() && !at_boundary_; ++above_) {
        const auto function = code_.function_at(drop_.stack[above_] - 1);
        if (!function) {
            continue;
        }
        const bool boundary = is_boundary(function->symbol);
        if (boundary && (!functions_.empty() || !has_packet(*function))) {
            at_boundary_ = true;
            break;
        }
        const uint64_t size = function->end - function->address;
        if (packet && (bytes + size > code_at_a_time || functions_.size() >= most_functions)) {
            break;
        }
        bytes += size;
        packet = packet || has_packet(*function);
        follow(*function);
        at_boundary_ = boundary;
    }
    if (at_boundary_) {
        follow_caller();
    }
    return functions_.size() > before;
}

/// Whatever function of the stack was followed last is the first to see the packet.
void Scope::mark_outermost() {
    for (trace::FunctionWish &wish : functions_) {
        wish.whatever = false;
    }
    for (size_t i = std::min(above_, drop_.stack.size()); i-- > 0;) {
        for (trace::FunctionWish &wish : functions_) {
            const uint64_t address = drop_.stack[i] - 1;
            if (address >= wish.instance.address && address < wish.instance.end) {
                wish.whatever = true;
                return;
            }
        }
    }
    if (!functions_.empty()) {
        functions_.back().whatever = true;
    }
}

/// What called the outermost function followed, if that may not have been what is above it
/// on the stack.
bool Scope::follow_caller() {
    if (above_ >= drop_.stack.size() || functions_.empty()) {
        return false;
    }
    return follow_receiver(drop_.stack[above_]);
}

/// Whoever stores the address of a function somewhere.
bool Scope::follow_writers(uint64_t address) {
    std::vector<std::string> modules;
    for (const trace::FunctionWish &wish : functions_) {
        if (!wish.instance.module.empty()) {
            modules.push_back(wish.instance.module);
        }
    }
    std::set<uint64_t> writers;
    for (const uint64_t mention : code_.mentions(address, modules)) {
        if (const auto symbol = code_.kallsyms().at(mention)) {
            writers.insert(symbol->address);
        }
    }
    if (writers.size() > most_writers) {
        return false;
    }
    bool more = false;
    for (const uint64_t writer : writers) {
        more = follow(writer) || more;
    }
    return more;
}

bool Scope::take(const slice::Answer &answer) {
    bool more = false;
    for (const slice::Need &need : answer.needs) {
        switch (need.kind) {
        case slice::NeedKind::Function:
            more = (need.target != 0 && follow(need.target)) || more;
            break;
        case slice::NeedKind::Value:
        case slice::NeedKind::Target:
            more = captures_.add(need.address, need.operand) || more;
            break;
        case slice::NeedKind::Writer:
            more = follow_writers(need.target) || more;
            break;
        case slice::NeedKind::Caller:
            if (follow_stack()) {
                mark_outermost();
                more = true;
            }
            break;
        case slice::NeedKind::Return:
            break;
        }
    }
    return more;
}

} // namespace dropctl::diagnose

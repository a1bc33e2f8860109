// SPDX-License-Identifier: GPL-2.0-only
// What a returned number is called: by its type where that says it, else by what
// the kernel's functions of that kind agreed on.
#include "values/prototype.hpp"

#include "values/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace dropctl::values {

namespace {

constexpr int64_t last_error = 4095;

/// The kernel's own, which no C library knows.
constexpr std::array<std::pair<int, std::string_view>, 16> kernel_errors{{
    {512, "ERESTARTSYS"},
    {513, "ERESTARTNOINTR"},
    {514, "ERESTARTNOHAND"},
    {515, "ENOIOCTLCMD"},
    {516, "ERESTART_RESTARTBLOCK"},
    {517, "EPROBE_DEFER"},
    {518, "EOPENSTALE"},
    {519, "ENOPARAM"},
    {521, "EBADHANDLE"},
    {522, "ENOTSYNC"},
    {523, "EBADCOOKIE"},
    {524, "ENOTSUPP"},
    {525, "ETOOSMALL"},
    {526, "ESERVERFAULT"},
    {527, "EBADTYPE"},
    {529, "EIOCBQUEUED"},
}};

constexpr std::array<std::string_view, 6> hook_verdicts{"NF_DROP",  "NF_ACCEPT", "NF_STOLEN",
                                                        "NF_QUEUE", "NF_REPEAT", "NF_STOP"};
constexpr std::array<std::string_view, 10> actions{
    "TC_ACT_UNSPEC", "TC_ACT_OK",     "TC_ACT_RECLASSIFY", "TC_ACT_SHOT",     "TC_ACT_PIPE",
    "TC_ACT_STOLEN", "TC_ACT_QUEUED", "TC_ACT_REPEAT",     "TC_ACT_REDIRECT", "TC_ACT_TRAP"};

bool takes(const Prototype &prototype, std::string_view struct_name) {
    return std::any_of(prototype.parameters.begin(), prototype.parameters.end(),
                       [&](const PrototypeParameter &each) {
                           return each.type != nullptr && each.type->is_pointer_to(struct_name);
                       });
}

/// The upper half of a verdict is an errno for NF_DROP and NF_STOLEN, else a queue.
std::string hook_verdict(uint64_t value) {
    const uint64_t verdict = value & 0xff;
    if (verdict >= hook_verdicts.size()) {
        return {};
    }
    std::string text(hook_verdicts[verdict]);
    const auto upper = static_cast<int>((value >> 16) & 0xffff);
    if (upper == 0) {
        return text;
    }
    constexpr uint64_t queue = 3;
    if (verdict == queue) {
        return fmt::format("{} {}", text, upper);
    }
    // Stored as -errno in 16 bits.
    const std::string_view name = errno_name(upper > 0x7fff ? 0x10000 - upper : upper);
    return name.empty() ? text : fmt::format("{} -{}", text, name);
}

bool is_receiver(std::string_view function) {
    return function.ends_with("_rcv") || function.find("receive_skb") != std::string_view::npos ||
           function.find("_rcv_finish") != std::string_view::npos ||
           function.starts_with("netif_rx") || function == "ip_local_deliver";
}

bool is_transmitter(std::string_view function) {
    return function.ends_with("dev_queue_xmit") || function.ends_with("_enqueue") ||
           function.starts_with("enqueue_") || function == "dev_hard_start_xmit" ||
           function == "__dev_xmit_skb" || function == "sch_direct_xmit";
}

/// Names of what functions that return int agreed on, beside errors.
std::string verdict(const Prototype &prototype, int64_t number) {
    if (takes(prototype, "tcf_result") && number >= -1 &&
        number + 1 < static_cast<int64_t>(actions.size())) {
        return std::string(actions[static_cast<size_t>(number + 1)]);
    }
    if (number == 1 && is_receiver(prototype.function)) {
        return "NET_RX_DROP";
    }
    if (is_transmitter(prototype.function)) {
        return number == 1 ? "NET_XMIT_DROP" : number == 2 ? "NET_XMIT_CN" : "";
    }
    return {};
}

std::string error_name(int64_t number) {
    if (number >= 0 || number < -last_error) {
        return {};
    }
    const std::string_view name = errno_name(static_cast<int>(-number));
    return name.empty() ? std::string() : fmt::format("-{}", name);
}

/// "-22 EINVAL", "0 NF_DROP".
std::string joined(int64_t number, std::string_view name) {
    if (name.empty()) {
        return std::to_string(number);
    }
    return fmt::format("{} {}", number, name.starts_with('-') ? name.substr(1) : name);
}

void describe_pointer(ReturnValue &result, uint64_t value) {
    result.is_pointer = true;
    if (value == 0) {
        result.name = result.text = "NULL";
    } else if (std::string name = error_name(result.number); !name.empty()) {
        result.text = fmt::format("ERR_PTR({})", joined(result.number, name));
        result.name = std::move(name);
    } else {
        result.text = fmt::format("{:#x}", value);
    }
}

std::string enumerator_name(const Type &type, int64_t number) {
    constexpr std::string_view reasons = "SKB_DROP_REASON_";
    for (const Enumerator &each : type.enumerators()) {
        if (each.value == number) {
            return each.name.starts_with(reasons) ? each.name.substr(reasons.size()) : each.name;
        }
    }
    return error_name(number);
}

/// Since 6.14 (kernel commits 37653a0b8a6f, 5b92112acd8e) these return a drop reason, negated,
/// where they returned an error before; the reason told apart then tells which kernel it is.
std::string negated_reason(Types &types, const Prototype &prototype, int64_t number) {
    const std::string &function = prototype.function;
    if (number >= 0 || (function != "fib_validate_source" && function != "__fib_validate_source")) {
        return {};
    }
    const Type *reasons = types.find(TypeKind::Enum, "skb_drop_reason", Place{});
    if (reasons == nullptr) {
        return {};
    }
    const std::vector<Enumerator> &all = reasons->enumerators();
    const bool is_told = std::any_of(all.begin(), all.end(), [](const Enumerator &each) {
        return each.name == "SKB_DROP_REASON_IP_LOCAL_SOURCE";
    });
    return is_told ? "-" + enumerator_name(*reasons, -number) : std::string();
}

void describe_number(ReturnValue &result, Types &types, const Prototype &prototype,
                     const Type &type) {
    if (type.is_bool()) {
        result.number = (result.number & 0xff) != 0 ? 1 : 0;
        result.name = result.text = result.number != 0 ? "true" : "false";
        return;
    }
    if (type.kind() == TypeKind::Enum) {
        result.name = enumerator_name(type, result.number);
    } else if (!type.is_signed() && takes(prototype, "nf_hook_state")) {
        result.name = hook_verdict(static_cast<uint64_t>(result.number));
    } else {
        result.name = verdict(prototype, result.number);
        if (result.name.empty()) {
            result.name = negated_reason(types, prototype, result.number);
        }
        if (result.name.empty() && type.is_signed()) {
            result.name = error_name(result.number);
        }
    }
    const bool is_large = !type.is_signed() && type.size() == sizeof(uint64_t);
    result.text = is_large && result.name.empty()
                      ? std::to_string(static_cast<uint64_t>(result.number))
                      : joined(result.number, result.name);
}

} // namespace

std::string_view errno_name(int number) {
    const auto own = std::find_if(kernel_errors.begin(), kernel_errors.end(),
                                  [&](const auto &each) { return each.first == number; });
    if (own != kernel_errors.end()) {
        return own->second;
    }
    const char *name = number > 0 ? ::strerrorname_np(number) : nullptr;
    return name == nullptr ? std::string_view() : std::string_view(name);
}

ReturnValue describe_return(Types &types, const Prototype &prototype, uint64_t value) {
    ReturnValue result;
    result.number = static_cast<int64_t>(value);
    if (prototype.returns_void()) {
        result.is_void = true;
        return result;
    }
    if (!prototype.known()) {
        // Most return int; what does not fit in one is a pointer or a long.
        const int64_t narrow = extended(result.number, sizeof(int), true);
        if (value <= UINT32_MAX) {
            result.number = narrow;
        }
        result.name = error_name(result.number);
        result.text = value <= UINT32_MAX || !result.name.empty()
                          ? joined(result.number, result.name)
                          : fmt::format("{:#x}", value);
        return result;
    }
    const Type &type = prototype.returns->bare();
    if (type.kind() == TypeKind::Pointer) {
        describe_pointer(result, value);
        return result;
    }
    if (type.is_number()) {
        result.number = extended(result.number, type.size(), type.is_signed());
        describe_number(result, types, prototype, type);
        return result;
    }
    result.text = fmt::format("{:#x}", value);
    return result;
}

} // namespace dropctl::values

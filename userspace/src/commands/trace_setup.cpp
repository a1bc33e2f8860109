// SPDX-License-Identifier: GPL-2.0-only
#include "commands/trace_setup.hpp"

#include <fmt/format.h>

#include <cstring>
#include <set>

namespace dropctl::commands {

namespace {

// Points refused at the first attempt are few, and those that take their place are
// refused seldom.
constexpr int attempts = 4;

const char *reason_text(uint32_t reason) {
    switch (reason) {
    case DROPTRACE_REFUSED_NOT_TEXT:
        return "no kernel code";
    case DROPTRACE_REFUSED_OWN:
        return "droptrace's own code";
    case DROPTRACE_REFUSED_BLACKLIST:
        return "the kernel forbids probes there";
    case DROPTRACE_REFUSED_BOUNDARY:
        return "inside of an instruction";
    case DROPTRACE_REFUSED_INSTRUCTION:
        return "an instruction that cannot be probed";
    case DROPTRACE_REFUSED_GONE:
        return "its module is being unloaded";
    default:
        return "";
    }
}

Result<std::vector<PointRefusal>> arm(nl::Client &client, uint32_t id, const trace::Plan &plan) {
    if (auto added = client.add_points(id, plan.points); !added) {
        return added.error();
    }
    return client.arm_points(id, true);
}

/// A function whose entry cannot be probed is not followed at all.
Result<void> check_entries(const trace::Plan &plan, const std::vector<PointRefusal> &refusals) {
    for (const PointRefusal &refusal : refusals) {
        if (plan.point(static_cast<uint16_t>(refusal.point)).kind == code::PointKind::Entry) {
            const auto &function = plan.function_of(static_cast<uint16_t>(refusal.point));
            if (!function.carrier) {
                return Error{"", function.code.function +
                                     " cannot be probed: " + refusal_text(plan, refusal)};
            }
        }
    }
    return {};
}

} // namespace

std::string refusal_text(const trace::Plan &plan, const PointRefusal &refusal) {
    const code::Point &point = plan.point(static_cast<uint16_t>(refusal.point));
    const code::Function &function = plan.function_of(static_cast<uint16_t>(refusal.point)).code;
    const char *known = reason_text(refusal.reason);
    const std::string why = *known != '\0' ? known : std::strerror(refusal.error);
    const auto frames = function.frames(point.address);
    if (frames.empty() || frames.front().line == 0) {
        return fmt::format("{}+{:#x} ({})", function.symbol, point.address - function.address, why);
    }
    return fmt::format("{}:{} ({})", frames.front().file, frames.front().line, why);
}

Result<ArmedTrace> arm_trace(nl::Client &client, trace::Planner &planner,
                             const TraceRequest &request, const SpecWriter &spec) {
    TraceRequest complete = request;
    for (int attempt = 1;; ++attempt) {
        auto plan = planner.plan();
        if (!plan) {
            return plan.error();
        }
        if (spec) {
            complete.spec = spec(planner.refused());
        }
        const auto id = client.add_trace(complete);
        if (!id) {
            return id.error();
        }
        auto refusals = arm(client, *id, *plan);
        if (!refusals) {
            return refusals.error();
        }
        if (auto sound = check_entries(*plan, *refusals); !sound) {
            return sound.error();
        }
        if (refusals->empty() || attempt == attempts) {
            return ArmedTrace{
                .id = *id, .plan = std::move(*plan), .refusals = std::move(*refusals)};
        }
        std::set<uint64_t> addresses;
        for (const PointRefusal &refusal : *refusals) {
            addresses.insert(plan->point(static_cast<uint16_t>(refusal.point)).address);
        }
        planner.refuse(addresses);
        if (auto deleted = client.delete_trace(*id); !deleted) {
            return deleted.error();
        }
    }
}

} // namespace dropctl::commands

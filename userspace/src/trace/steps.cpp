// SPDX-License-Identifier: GPL-2.0-only
#include "trace/steps.hpp"

#include <cstring>

namespace dropctl::trace {

namespace {

constexpr size_t word = 4;

uint64_t join(const uint32_t (&words)[2]) {
    uint64_t value = 0;
    std::memcpy(&value, words, sizeof(value));
    return value;
}

template <typename Struct> bool take(std::span<const uint8_t> payload, Struct &out) {
    if (payload.size() < sizeof(out)) {
        return false;
    }
    std::memcpy(&out, payload.data(), sizeof(out));
    return true;
}

bool read_enter(std::span<const uint8_t> payload, Step &step) {
    droptrace_step_enter enter{};
    if (!take(payload, enter)) {
        return false;
    }
    step.skb = join(enter.skb);
    step.sp = join(enter.sp);
    step.delta_ns = enter.delta_ns;
    for (size_t i = 0; i < step.args.size(); ++i) {
        step.args[i] = join(enter.args[i]);
    }
    return true;
}

bool read_value(std::span<const uint8_t> payload, Step &step) {
    droptrace_step_value value{};
    if (!take(payload, value)) {
        return false;
    }
    step.item = value.item;
    step.status = value.status;
    if (payload.size() < sizeof(value) + value.padding) {
        return false;
    }
    step.bytes.assign(payload.begin() + sizeof(value), payload.end() - value.padding);
    return true;
}

bool read_drop(std::span<const uint8_t> payload, Step &step) {
    droptrace_step_drop drop{};
    if (!take(payload, drop)) {
        return false;
    }
    step.skb = join(drop.skb);
    step.location = join(drop.location);
    step.reason = drop.reason;
    return true;
}

bool read_payload(std::span<const uint8_t> payload, Step &step) {
    switch (step.kind) {
    case DROPTRACE_STEP_ENTER:
        return read_enter(payload, step);
    case DROPTRACE_STEP_BLOCK:
    case DROPTRACE_STEP_EXIT: {
        uint64_t value = 0;
        if (take(payload, value)) {
            step.reg = value;
        }
        return true;
    }
    case DROPTRACE_STEP_VALUE:
        return read_value(payload, step);
    case DROPTRACE_STEP_DROP:
        return read_drop(payload, step);
    case DROPTRACE_STEP_LOST_FRAME:
        return true;
    }
    return true; // of a later version: stepped over
}

} // namespace

bool read_steps(std::span<const uint8_t> bytes, std::vector<Step> &steps) {
    while (!bytes.empty()) {
        droptrace_step head{};
        if (!take(bytes, head)) {
            return false;
        }
        const size_t size = head.words * word;
        if (bytes.size() - sizeof(head) < size) {
            return false;
        }
        Step step;
        step.point = head.point;
        step.kind = static_cast<droptrace_step_kind>(head.kind);
        if (!read_payload(bytes.subspan(sizeof(head), size), step)) {
            return false;
        }
        steps.push_back(std::move(step));
        bytes = bytes.subspan(sizeof(head) + size);
    }
    return true;
}

} // namespace dropctl::trace

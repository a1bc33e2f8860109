// SPDX-License-Identifier: GPL-2.0-only
// For tests of paths: writes steps as the module does.
#pragma once

#include "trace/steps.hpp"

#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

namespace dropctl::testing {

class StepBytes {
  public:
    StepBytes &enter(uint16_t point, uint64_t sp, uint64_t skb = 0,
                     std::initializer_list<uint64_t> args = {}) {
        droptrace_step_enter enter{};
        split(skb, enter.skb);
        split(sp, enter.sp);
        size_t i = 0;
        for (const uint64_t arg : args) {
            split(arg, enter.args[i++]);
        }
        return add(point, DROPTRACE_STEP_ENTER, &enter, sizeof(enter));
    }
    StepBytes &block(uint16_t point) { return add(point, DROPTRACE_STEP_BLOCK, nullptr, 0); }
    StepBytes &block(uint16_t point, uint64_t reg) {
        return add(point, DROPTRACE_STEP_BLOCK, &reg, sizeof(reg));
    }
    StepBytes &exit(uint16_t point) { return add(point, DROPTRACE_STEP_EXIT, nullptr, 0); }
    StepBytes &exit(uint16_t point, uint64_t reg) {
        return add(point, DROPTRACE_STEP_EXIT, &reg, sizeof(reg));
    }
    StepBytes &drop(uint64_t skb, uint64_t location, uint32_t reason) {
        droptrace_step_drop drop{};
        split(skb, drop.skb);
        split(location, drop.location);
        drop.reason = reason;
        return add(0xffff, DROPTRACE_STEP_DROP, &drop, sizeof(drop));
    }
    StepBytes &value(uint16_t point, uint16_t item, uint16_t status, const std::string &bytes) {
        const droptrace_step_value head{.item = item,
                                        .status = static_cast<uint8_t>(status),
                                        .padding = static_cast<uint8_t>(-bytes.size() % 4)};
        std::string all(reinterpret_cast<const char *>(&head), sizeof(head));
        all += bytes;
        return add(point, DROPTRACE_STEP_VALUE, all.data(), all.size());
    }

    [[nodiscard]] const std::vector<uint8_t> &bytes() const { return bytes_; }
    [[nodiscard]] std::vector<trace::Step> steps() const {
        std::vector<trace::Step> steps;
        trace::read_steps(bytes_, steps);
        return steps;
    }

  private:
    static void split(uint64_t value, uint32_t (&words)[2]) {
        std::memcpy(words, &value, sizeof(value));
    }
    StepBytes &add(uint16_t point, uint8_t kind, const void *payload, size_t size) {
        const droptrace_step head{
            .point = point, .kind = kind, .words = static_cast<uint8_t>((size + 3) / 4)};
        append(&head, sizeof(head));
        append(payload, size);
        bytes_.resize((bytes_.size() + 3) / 4 * 4);
        return *this;
    }
    void append(const void *data, size_t size) {
        const auto *from = static_cast<const uint8_t *>(data);
        bytes_.insert(bytes_.end(), from, from + size);
    }

    std::vector<uint8_t> bytes_;
};

} // namespace dropctl::testing

// SPDX-License-Identifier: GPL-2.0-only
#include "trace/invocations.hpp"

namespace dropctl::trace {

namespace {

class Walk {
  public:
    explicit Walk(const std::vector<uint16_t> &frames) : frames_(frames) {}

    void step(const Step &step, size_t index);
    std::vector<Invocation> take() { return std::move(all_); }

  private:
    void enter(const Step &step);
    void pass(const Step &step, size_t index);
    void value(const Step &step);
    Invocation *innermost(uint16_t frame);

    const std::vector<uint16_t> &frames_;
    std::vector<Invocation> all_;
    std::vector<size_t> live_; ///< outermost first
};

void Walk::enter(const Step &step) {
    // The stack grows down: what was entered at this place or below has returned.
    while (!live_.empty() && all_[live_.back()].sp <= step.sp) {
        live_.pop_back();
    }
    Invocation entered;
    entered.frame = frames_[step.point];
    entered.depth = static_cast<uint32_t>(live_.size());
    entered.own_packet = step.skb != 0;
    entered.skb = step.skb;
    entered.sp = step.sp;
    entered.delta_ns = step.delta_ns;
    entered.args = step.args;
    if (!live_.empty()) {
        entered.caller = live_.back();
        entered.caller_passed = all_[live_.back()].passed.size();
        if (!entered.own_packet) {
            entered.skb = all_[live_.back()].skb;
        }
    }
    live_.push_back(all_.size());
    all_.push_back(std::move(entered));
}

/// The live invocation of a function; those inside of it have ended unseen.
Invocation *Walk::innermost(uint16_t frame) {
    for (size_t i = live_.size(); i-- > 0;) {
        if (all_[live_[i]].frame == frame) {
            live_.resize(i + 1);
            return &all_[live_[i]];
        }
    }
    return nullptr;
}

void Walk::pass(const Step &step, size_t index) {
    Invocation *invocation = innermost(frames_[step.point]);
    if (invocation == nullptr) {
        return;
    }
    invocation->passed.push_back({.point = step.point, .step = index, .reg = step.reg});
    if (step.kind == DROPTRACE_STEP_EXIT) {
        invocation->ended = true;
        invocation->retval = step.reg;
        live_.pop_back();
    }
}

void Walk::value(const Step &step) {
    // Read right behind its point, whose invocation may have ended with it.
    for (size_t i = all_.size(); i-- > 0;) {
        Invocation &invocation = all_[i];
        if (!invocation.passed.empty() && invocation.passed.back().point == step.point) {
            invocation.values.push_back({.point = step.point,
                                         .item = step.item,
                                         .status = step.status,
                                         .passed = invocation.passed.size() - 1,
                                         .bytes = step.bytes});
            return;
        }
    }
}

void Walk::step(const Step &step, size_t index) {
    if (step.kind == DROPTRACE_STEP_DROP) {
        if (!live_.empty()) {
            all_[live_.back()].drops.push_back(index);
        }
        return;
    }
    if (step.point >= frames_.size()) {
        return;
    }
    switch (step.kind) {
    case DROPTRACE_STEP_ENTER:
        enter(step);
        all_.back().passed.push_back({.point = step.point, .step = index, .reg = {}});
        break;
    case DROPTRACE_STEP_BLOCK:
    case DROPTRACE_STEP_EXIT:
        pass(step, index);
        break;
    case DROPTRACE_STEP_VALUE:
        value(step);
        break;
    default:
        break;
    }
}

} // namespace

std::vector<Invocation> invocations(const std::vector<Step> &steps,
                                    const std::vector<uint16_t> &frames) {
    Walk walk(frames);
    for (size_t i = 0; i < steps.size(); ++i) {
        walk.step(steps[i], i);
    }
    return walk.take();
}

} // namespace dropctl::trace

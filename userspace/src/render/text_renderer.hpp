// SPDX-License-Identifier: GPL-2.0-only
// A stream of drops for people: drops on stdout; losses and the summary, which
// are no results, on stderr.
#pragma once

#include "packet/dissect.hpp"
#include "render/drop_text.hpp"
#include "render/renderer.hpp"
#include "util/output.hpp"

#include <chrono>

namespace dropctl::render {

class TextRenderer final : public Renderer {
  public:
    TextRenderer(util::Output &out, util::Output &err, Names &names, const TextOptions &options)
        : out_(out), err_(err), drops_(names, options) {}

    void begin() override;
    void drop(const Event &event) override;
    void loss(const Loss &now, const Loss &before) override;
    void summary(const Summary &summary) override;
    void idle() override;

  private:
    using Clock = std::chrono::steady_clock;

    void tell_loss(Clock::time_point now);

    util::Output &out_;
    util::Output &err_;
    DropText drops_;
    packet::Packet packet_; ///< used again for every event
    Loss lost_;             ///< by now
    Loss told_;             ///< of it, what the user knows
    Clock::time_point told_at_;
};

/// "0 lost", or how many by which cause: "5 lost (ring full 5)".
std::string loss_text(const Loss &loss);

/// "2 drops in 3.1 s, 0 lost", and what else there is to know of a stream's end.
std::string summary_text(const Summary &summary);

} // namespace dropctl::render

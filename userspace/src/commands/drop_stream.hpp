// SPDX-License-Identifier: GPL-2.0-only
// Between a session's stream and a renderer: counts, cuts at --count, and tells
// losses as what they have grown by since the stream began.
#pragma once

#include "nl/client.hpp"
#include "render/renderer.hpp"
#include "util/output.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace dropctl::commands {

class DropStream final : public nl::Stream {
  public:
    /// @param limit events to show, 0: all
    /// @param recursion recursions before the session began: the module counts them
    ///        for itself as a whole
    DropStream(render::Renderer &renderer, util::Output &out, uint64_t limit, uint64_t recursion)
        : renderer_(renderer), out_(out), limit_(limit), recursion_(recursion) {}

    bool event(const Event &event) override;
    void loss(const Loss &loss) override;
    void end(const nl::SessionEnd &end) override;
    void idle() override;

    /// Called after each idle(): for hints, which must not come in between.
    std::function<void()> on_idle;

    [[nodiscard]] uint64_t shown() const { return shown_; }
    [[nodiscard]] bool limit_reached() const { return limit_ != 0 && shown_ == limit_; }
    [[nodiscard]] const Loss &lost() const { return lost_; }
    /// The session's last message, once it came.
    [[nodiscard]] const std::optional<nl::SessionEnd> &ended() const { return end_; }

  private:
    [[nodiscard]] Loss since_start(Loss loss) const;

    render::Renderer &renderer_;
    util::Output &out_;
    uint64_t limit_;
    uint64_t recursion_;
    uint64_t shown_ = 0;
    Loss lost_;
    std::optional<nl::SessionEnd> end_;
};

} // namespace dropctl::commands

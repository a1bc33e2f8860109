// SPDX-License-Identifier: GPL-2.0-only
// What the streams of all commands have in common: they count what they show, end at
// --count, and tell losses as what they have grown by since the stream began.
#pragma once

#include "nl/client.hpp"
#include "util/output.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace dropctl::commands {

class CountedStream : public nl::Stream {
  public:
    /// @param limit things to show, 0: all
    /// @param recursion recursions before the session began: the module counts them
    ///        for itself as a whole
    CountedStream(util::Output &out, uint64_t limit, uint64_t recursion)
        : out_(out), limit_(limit), recursion_(recursion) {}

    void loss(const Loss &loss) final;
    void end(const nl::SessionEnd &end) final;
    void idle() final;

    /// Called after each idle(): for hints, which must not come in between.
    std::function<void()> on_idle;

    [[nodiscard]] uint64_t shown() const { return shown_; }
    [[nodiscard]] bool limit_reached() const { return limit_ != 0 && shown_ >= limit_; }
    [[nodiscard]] const Loss &lost() const { return lost_; }
    /// The session's last message, once it came.
    [[nodiscard]] const std::optional<nl::SessionEnd> &ended() const { return end_; }

  protected:
    void count() { ++shown_; }
    [[nodiscard]] bool closed() const { return out_.closed(); }
    /// Losses have grown from `before` to `now`.
    virtual void tell_loss(const Loss &now, const Loss &before) = 0;
    /// All that has arrived was shown.
    virtual void rest() = 0;

  private:
    [[nodiscard]] Loss since_start(Loss loss) const;

    util::Output &out_;
    uint64_t limit_;
    uint64_t recursion_;
    uint64_t shown_ = 0;
    Loss lost_;
    std::optional<nl::SessionEnd> end_;
};

} // namespace dropctl::commands

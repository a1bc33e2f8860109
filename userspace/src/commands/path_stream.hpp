// SPDX-License-Identifier: GPL-2.0-only
// Between a session's stream of paths and what shows them.
#pragma once

#include "commands/counted_stream.hpp"
#include "trace/assembler.hpp"
#include "trace/resolve.hpp"

#include <functional>

namespace dropctl::commands {

class PathStream final : public CountedStream {
  public:
    /// @param armed_ns when everything was armed, by CLOCK_REALTIME
    PathStream(trace::Resolver &resolver, util::Output &out, uint64_t limit, uint64_t recursion,
               uint64_t armed_ns)
        : CountedStream(out, limit, recursion), resolver_(resolver), armed_ns_(armed_ns) {}

    bool event(const Event &event) override;
    bool path(const PathChunk &chunk) override;
    void gone(const PointsGone &gone) override;

    std::function<void(trace::ReportedPath &)> show;
    std::function<void(const Loss &now, const Loss &before)> on_loss;
    std::function<void(const PointsGone &)> on_gone;
    std::function<void()> flush;

    /// Drops of matching packets outside of everything that was followed.
    [[nodiscard]] uint64_t elsewhere() const { return elsewhere_; }
    /// Where the last of them was.
    [[nodiscard]] uint64_t elsewhere_location() const { return elsewhere_location_; }
    /// Paths of which parts were lost.
    [[nodiscard]] uint64_t broken() const { return assembler_.broken(); }

  private:
    void tell_loss(const Loss &now, const Loss &before) override { on_loss(now, before); }
    void rest() override { flush(); }
    void whole(const trace::RawPath &path);

    trace::Resolver &resolver_;
    trace::Assembler assembler_{[this](trace::RawPath &&path) { whole(path); }};
    uint64_t armed_ns_;
    uint64_t elsewhere_ = 0;
    uint64_t elsewhere_location_ = 0;
};

} // namespace dropctl::commands

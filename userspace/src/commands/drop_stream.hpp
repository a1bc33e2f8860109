// SPDX-License-Identifier: GPL-2.0-only
// Between a session's stream of drops, and of paths beside them, and a renderer.
#pragma once

#include "commands/counted_stream.hpp"
#include "render/renderer.hpp"
#include "trace/assembler.hpp"

namespace dropctl::commands {

class DropStream final : public CountedStream {
  public:
    DropStream(render::Renderer &renderer, util::Output &out, uint64_t limit, uint64_t recursion)
        : CountedStream(out, limit, recursion), renderer_(renderer) {}

    bool event(const Event &event) override;
    bool path(const PathChunk &chunk) override;
    void gone(const PointsGone &gone) override;

    /// Shows a path, and returns how many packets that was of. Absent: paths are not asked for.
    std::function<uint64_t(const trace::RawPath &)> on_path;
    std::function<void(const PointsGone &)> on_gone;

    /// Paths of which parts were lost.
    [[nodiscard]] uint64_t broken() const { return assembler_.broken(); }
    /// Shown of them; among shown().
    [[nodiscard]] uint64_t paths() const { return paths_; }

  private:
    void tell_loss(const Loss &now, const Loss &before) override { renderer_.loss(now, before); }
    void rest() override { renderer_.idle(); }

    void whole(const trace::RawPath &path);

    render::Renderer &renderer_;
    trace::Assembler assembler_{[this](trace::RawPath &&path) { whole(path); }};
    uint64_t paths_ = 0;
};

} // namespace dropctl::commands

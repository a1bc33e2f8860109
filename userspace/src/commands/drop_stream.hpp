// SPDX-License-Identifier: GPL-2.0-only
// Between a session's stream of drops and a renderer.
#pragma once

#include "commands/counted_stream.hpp"
#include "render/renderer.hpp"

namespace dropctl::commands {

class DropStream final : public CountedStream {
  public:
    DropStream(render::Renderer &renderer, util::Output &out, uint64_t limit, uint64_t recursion)
        : CountedStream(out, limit, recursion), renderer_(renderer) {}

    bool event(const Event &event) override;

  private:
    void tell_loss(const Loss &now, const Loss &before) override { renderer_.loss(now, before); }
    void rest() override { renderer_.idle(); }

    render::Renderer &renderer_;
};

} // namespace dropctl::commands

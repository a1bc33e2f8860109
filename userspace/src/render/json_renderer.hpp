// SPDX-License-Identifier: GPL-2.0-only
// A stream of drops as JSON, one object a line; losses and the summary are
// objects of the same stream.
#pragma once

#include "packet/dissect.hpp"
#include "render/drop_json.hpp"
#include "render/renderer.hpp"
#include "util/output.hpp"
#include "util/writer.hpp"

namespace dropctl::render {

class JsonRenderer final : public Renderer {
  public:
    JsonRenderer(util::Output &out, Names &names, bool verbose)
        : out_(out), drops_(names, verbose) {}

    void begin() override {}
    void drop(const Event &event) override;
    void loss(const Loss &now, const Loss &before) override;
    void summary(const Summary &summary) override;
    void idle() override;

  private:
    void hand_over();

    util::Output &out_;
    DropJson drops_;
    util::Writer lines_{size_t{40} * 1024};
    packet::Packet packet_; ///< used again for every event
};

} // namespace dropctl::render

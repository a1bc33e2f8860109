// SPDX-License-Identifier: GPL-2.0-only
// What a stream of drops is shown through. Losses are part of the interface, so
// that no form of output can forget them.
#pragma once

#include "model.hpp"
#include "nl/client.hpp"

#include <cstdint>
#include <string>

namespace dropctl::render {

/// What a stream came to.
struct Summary {
    uint64_t paths = 0;  ///< of packets, that probes recorded
    uint64_t events = 0; ///< shown
    double seconds = 0;
    nl::SessionEnd end; ///< the module's totals
    uint64_t decode_errors = 0;
    bool complete = false; ///< the module's totals are there
};

class Renderer {
  public:
    virtual ~Renderer() = default;
    virtual void begin() = 0;
    virtual void drop(const Event &event) = 0;
    /// Losses have grown from `before` to `now`.
    virtual void loss(const Loss &now, const Loss &before) = 0;
    virtual void summary(const Summary &summary) = 0;
    /// All that has arrived was shown.
    virtual void idle() = 0;
};

} // namespace dropctl::render

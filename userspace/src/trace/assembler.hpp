// SPDX-License-Identifier: GPL-2.0-only
// Puts the chunks of each context together, and a context's drops with its path. What
// is incomplete (a chunk that found no room in the ring) is counted, never shown as whole.
#pragma once

#include "trace/steps.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace dropctl::trace {

/// All that was recorded in one context.
struct RawPath {
    uint32_t trace = 0;
    uint64_t context = 0;
    uint32_t flags = 0; ///< enum droptrace_path_flag
    uint64_t time_ns = 0;
    Event packet;             ///< when the context opened
    std::vector<Event> drops; ///< in it, in order
    std::vector<Step> steps;
};

class Assembler {
  public:
    /// @param whole called with each path once it is complete
    explicit Assembler(std::function<void(RawPath &&)> whole) : whole_(std::move(whole)) {}

    void drop(const Event &event);
    void chunk(const PathChunk &chunk);

    /// Paths of which a part is missing, and those still waiting for one.
    [[nodiscard]] uint64_t broken() const { return broken_; }
    [[nodiscard]] size_t waiting() const { return open_.size(); }

  private:
    struct Open {
        RawPath path;
        uint32_t next = 0; ///< chunk
        std::vector<uint8_t> bytes;
    };

    void forget_oldest();

    std::function<void(RawPath &&)> whole_;
    std::map<uint64_t, Open> open_; ///< by context: ids grow, so the first is the oldest
    uint64_t broken_ = 0;
};

} // namespace dropctl::trace

// SPDX-License-Identifier: GPL-2.0-only
// One round of a diagnosis: the stream until the flow's next drop, with or without the
// path that led to it.
#pragma once

#include "commands/counted_stream.hpp"
#include "trace/assembler.hpp"

#include <functional>
#include <optional>

namespace dropctl::commands {

/// Ends with the first drop (no trace armed yet), or the first path with a drop in it.
class RoundStream final : public CountedStream {
  public:
    /// @param trace whose path is waited for, 0: any drop
    /// @param armed_ns CLOCK_REALTIME; drops before that are not looked at
    RoundStream(util::Output &out, uint64_t recursion, uint32_t trace, uint64_t armed_ns)
        : CountedStream(out, 1, recursion), trace_(trace), armed_ns_(armed_ns) {}

    bool event(const Event &event) override;
    bool path(const PathChunk &chunk) override;

    [[nodiscard]] const std::optional<Event> &drop() const { return drop_; }
    [[nodiscard]] const std::optional<trace::RawPath> &raw() const { return path_; }
    /// The first path of a packet that was not dropped.
    [[nodiscard]] const std::optional<trace::RawPath> &passed() const { return passed_; }
    /// Go on past the end until a packet's path has come that was not dropped: the module
    /// holds these back for a while, since their drop may still come.
    void await_passed() { awaits_passed_ = true; }
    /// Drops that no path led to.
    [[nodiscard]] uint64_t elsewhere() const { return elsewhere_; }

  private:
    void tell_loss(const Loss & /*now*/, const Loss & /*before*/) override {}
    void rest() override {}

    uint32_t trace_;
    uint64_t armed_ns_;
    std::optional<Event> drop_;
    std::optional<trace::RawPath> path_;
    std::optional<trace::RawPath> passed_;
    bool awaits_passed_ = false;
    uint64_t elsewhere_ = 0;
    trace::Assembler assembler_{[this](trace::RawPath &&path) {
        if (!path_ && (path.flags & DROPTRACE_PATH_DROPPED) != 0) {
            path_ = std::move(path);
            count();
        } else if (!passed_ && (path.flags & DROPTRACE_PATH_DROPPED) == 0) {
            passed_ = std::move(path);
        }
    }};
};

} // namespace dropctl::commands

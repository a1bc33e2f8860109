// SPDX-License-Identifier: GPL-2.0-only
// One file descriptor that becomes readable when a stream is to end early: a
// signal has come, or whoever read our output has gone. The latter shows only on
// the next write otherwise, and for a rare drop that may be never.
#pragma once

#include "util/output.hpp"
#include "util/signals.hpp"

namespace dropctl::util {

class Wake {
  public:
    /// Both outlive it.
    Wake(const SignalFd &signals, const Output &out);
    ~Wake();
    Wake(const Wake &) = delete;
    Wake &operator=(const Wake &) = delete;

    [[nodiscard]] int fd() const { return fd_; }
    /// The output's reader has gone.
    [[nodiscard]] bool reader_gone() const;

  private:
    int fd_;
    int out_fd_;
};

} // namespace dropctl::util

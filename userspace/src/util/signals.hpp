// SPDX-License-Identifier: GPL-2.0-only
// Signals as something to poll for, so that nothing happens at odd moments.
#pragma once

#include <initializer_list>

namespace dropctl::util {

/// Takes the signals given for itself while it lives. SIGINT and SIGTERM also where
/// they were ignored: a script's background job has SIGINT so, and is ended by it
/// all the same. SIGHUP not: nohup(1) is to work.
class SignalFd {
  public:
    explicit SignalFd(std::initializer_list<int> signals);
    ~SignalFd();
    SignalFd(const SignalFd &) = delete;
    SignalFd &operator=(const SignalFd &) = delete;

    [[nodiscard]] int fd() const { return fd_; }
    /// The next signal that came, 0: none.
    int take();

  private:
    int fd_ = -1;
};

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
#include "util/signals.hpp"

#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>

namespace dropctl::util {

SignalFd::SignalFd(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) {
        struct sigaction now {};
        sigaction(signal, nullptr, &now);
        if (now.sa_handler == SIG_IGN && signal == SIGHUP) {
            continue;
        }
        // An ignored signal is thrown away even if it is blocked.
        std::signal(signal, SIG_DFL);
        sigaddset(&set, signal);
    }
    sigprocmask(SIG_BLOCK, &set, nullptr);
    fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

SignalFd::~SignalFd() {
    close(fd_);
}

int SignalFd::take() {
    signalfd_siginfo info{};
    const bool whole = read(fd_, &info, sizeof(info)) == sizeof(info);
    return whole ? static_cast<int>(info.ssi_signo) : 0;
}

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
#include "util/wake.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace dropctl::util {

Wake::Wake(const SignalFd &signals, const Output &out)
    : fd_(epoll_create1(EPOLL_CLOEXEC)), out_fd_(out.fd()) {
    epoll_event event{};
    event.events = EPOLLIN;
    epoll_ctl(fd_, EPOLL_CTL_ADD, signals.fd(), &event);
    if (out_fd_ >= 0) {
        // Errors are always told; a regular file is refused here, and needs none of this.
        event.events = 0;
        epoll_ctl(fd_, EPOLL_CTL_ADD, out_fd_, &event);
    }
}

Wake::~Wake() {
    close(fd_);
}

bool Wake::reader_gone() const {
    pollfd look{.fd = out_fd_, .events = 0, .revents = 0};
    return poll(&look, 1, 0) > 0 && (look.revents & POLLERR) != 0;
}

} // namespace dropctl::util

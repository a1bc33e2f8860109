// SPDX-License-Identifier: GPL-2.0-only
#include "util/output.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace dropctl::util {

namespace {
constexpr size_t block = size_t{64} * 1024;
} // namespace

void Output::write(std::string_view text) {
    buffer_.append(text);
    settle();
}

void Output::settle() {
    if (fd_ >= 0 && buffer_.size() >= block) {
        flush();
    }
}

bool Output::flush() {
    if (fd_ < 0) {
        return true;
    }
    size_t done = 0;
    while (error_ == 0 && done < buffer_.size()) {
        const ssize_t written = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
        if (written > 0) {
            done += static_cast<size_t>(written);
        } else if (errno == EAGAIN) {
            // stdout may be a pipe that somebody else made non-blocking
            pollfd wait{.fd = fd_, .events = POLLOUT, .revents = 0};
            ::poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            error_ = errno;
        }
    }
    buffer_.clear();
    return error_ == 0;
}

bool Output::is_terminal() const {
    return fd_ >= 0 && ::isatty(fd_) == 1;
}

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
#include "util/output.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace dropctl::util {

namespace {
constexpr size_t block = size_t{64} * 1024;
constexpr size_t large = size_t{16} * 1024;
} // namespace

void Output::write(std::string_view text) {
    if (fd_ >= 0 && text.size() >= large) {
        flush();
        write_out(text); // not copied first
        return;
    }
    buffer_.append(text);
    if (fd_ >= 0 && buffer_.size() >= block) {
        flush();
    }
}

void Output::write_out(std::string_view text) {
    while (error_ == 0 && !text.empty()) {
        const ssize_t written = ::write(fd_, text.data(), text.size());
        if (written > 0) {
            text.remove_prefix(static_cast<size_t>(written));
        } else if (errno == EAGAIN) {
            // stdout may be a pipe that somebody else made non-blocking
            pollfd wait{.fd = fd_, .events = POLLOUT, .revents = 0};
            ::poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            error_ = errno;
        }
    }
}

bool Output::flush() {
    if (fd_ >= 0) {
        write_out(buffer_);
        buffer_.clear();
    }
    return error_ == 0;
}

bool Output::is_terminal() const {
    return fd_ >= 0 && ::isatty(fd_) == 1;
}

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
#include "util/ready_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace dropctl::util {

Result<void> create_ready_file(const std::string &what, const std::string &name) {
    if (name.empty()) {
        return {};
    }
    const int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        return Error{what, "cannot create '" + name + "': " + std::strerror(errno)};
    }
    close(fd);
    return {};
}

} // namespace dropctl::util

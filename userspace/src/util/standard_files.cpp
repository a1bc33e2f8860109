// SPDX-License-Identifier: GPL-2.0-only
#include "util/standard_files.hpp"

#include <fcntl.h>
#include <initializer_list>
#include <unistd.h>

namespace dropctl::util {

bool fill_standard_files() {
    bool stdout_open = true;
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(fd, F_GETFD) >= 0) {
            continue;
        }
        stdout_open = stdout_open && fd != STDOUT_FILENO;
        // The lowest number that is free, which is this one: those below are open.
        ::open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
    }
    return stdout_open;
}

} // namespace dropctl::util

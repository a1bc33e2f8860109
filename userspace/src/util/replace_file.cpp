// SPDX-License-Identifier: GPL-2.0-only
#include "util/replace_file.hpp"

#include "util/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dropctl::util {

namespace {

Error failed(const char *what, const std::string &path) {
    return {what, fmt::format("cannot write {}: {}", path, std::strerror(errno))};
}

/// Something other than a file of its own is there.
bool is_special(const std::string &path) {
    struct stat file {};
    return stat(path.c_str(), &file) == 0 && !S_ISREG(file.st_mode) && !S_ISDIR(file.st_mode);
}

/// A new file beside it, by its descriptor; -1: errno has why.
int make_temporary(const std::string &path, std::string &name) {
    struct stat file {};
    if (stat(path.c_str(), &file) == 0 && S_ISDIR(file.st_mode)) {
        errno = EISDIR;
        return -1;
    }
    name = path + ".XXXXXX";
    return mkostemp(name.data(), O_CLOEXEC);
}

bool write_all(int fd, std::string_view text) {
    Output out(fd);
    out.write(text);
    const bool written = out.flush();
    errno = written ? 0 : out.error();
    return written;
}

} // namespace

Result<void> can_replace_file(const char *what, const std::string &path) {
    if (is_special(path)) {
        return access(path.c_str(), W_OK) == 0 ? Result<void>() : failed(what, path);
    }
    std::string name;
    const int fd = make_temporary(path, name);
    if (fd < 0) {
        return failed(what, path);
    }
    close(fd);
    unlink(name.c_str());
    return {};
}

Result<void> replace_file(const char *what, const std::string &path, std::string_view text) {
    std::string name;
    const bool special = is_special(path);
    const int fd = special ? open(path.c_str(), O_WRONLY | O_CLOEXEC) : make_temporary(path, name);
    if (fd < 0) {
        return failed(what, path);
    }
    bool done = write_all(fd, text);
    if (!special) {
        // As the umask has it for other files; mkstemp() is stricter.
        const mode_t mask = umask(0);
        umask(mask);
        constexpr mode_t for_all = 0666;
        done = done && fchmod(fd, for_all & ~mask) == 0;
    }
    const int error = errno;
    close(fd);
    errno = error;
    if (done && !special) {
        done = std::rename(name.c_str(), path.c_str()) == 0;
    }
    if (!done) {
        const Error why = failed(what, path);
        if (!special) {
            unlink(name.c_str());
        }
        return why;
    }
    return {};
}

} // namespace dropctl::util

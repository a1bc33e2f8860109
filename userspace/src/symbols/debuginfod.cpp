// SPDX-License-Identifier: GPL-2.0-only
// Calls libdebuginfod without linking to it: most machines never need it, and
// it draws in a whole HTTP client.
#include "symbols/debuginfod.hpp"

#include <cstdlib>
#include <dlfcn.h>
#include <memory>
#include <unistd.h>

namespace dropctl::symbols {

namespace {

// As declared in elfutils/debuginfod.h, which belongs to a package of its own.
using Begin = void *();
using End = void(void *);
using Find = int(void *, const unsigned char *, int, char **);

template <typename Function> Function *find_function(void *library, const char *name) {
    return reinterpret_cast<Function *>(::dlsym(library, name));
}

/// Ask the servers with an open client; the library stays loaded.
std::string ask(Find *find, void *client, const BuildId &id) {
    char *path = nullptr;
    const int fd = find(client, reinterpret_cast<const unsigned char *>(id.data()),
                        static_cast<int>(id.size()), &path);
    std::string result;
    if (fd >= 0) {
        ::close(fd);
        result = path == nullptr ? "" : path;
    }
    std::free(path); // NOLINT(cppcoreguidelines-no-malloc): malloc'ed by the library
    return result;
}

} // namespace

bool debuginfod_wanted() {
    const char *urls = std::getenv("DEBUGINFOD_URLS"); // NOLINT(concurrency-mt-unsafe)
    return urls != nullptr && *urls != '\0';
}

std::string find_by_debuginfod(const BuildId &id) {
    // Never closed: libcurl does not like to be unloaded.
    void *library = ::dlopen("libdebuginfod.so.1", RTLD_LAZY);
    if (library == nullptr) {
        return {};
    }
    auto *begin = find_function<Begin>(library, "debuginfod_begin");
    auto *end = find_function<End>(library, "debuginfod_end");
    auto *find = find_function<Find>(library, "debuginfod_find_debuginfo");
    if (begin == nullptr || end == nullptr || find == nullptr) {
        return {};
    }
    const std::unique_ptr<void, End *> client(begin(), end);
    return client ? ask(find, client.get(), id) : std::string();
}

} // namespace dropctl::symbols

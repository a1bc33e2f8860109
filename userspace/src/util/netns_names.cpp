// SPDX-License-Identifier: GPL-2.0-only
#include "util/netns_names.hpp"

#include <filesystem>
#include <sys/stat.h>

namespace dropctl::util {

std::map<uint32_t, std::string> netns_names(const std::string &directory) {
    std::map<uint32_t, std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        struct stat file {};
        if (stat(entry->path().c_str(), &file) == 0) {
            names[static_cast<uint32_t>(file.st_ino)] = entry->path().filename().string();
        }
    }
    return names;
}

uint32_t own_netns() {
    struct stat file {};
    return stat("/proc/self/ns/net", &file) == 0 ? static_cast<uint32_t>(file.st_ino) : 0;
}

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
#include "util/netns_process.hpp"

#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace dropctl::util {

std::optional<uint32_t> process_in_netns(uint32_t inode) {
    const std::string wanted = fmt::format("net:[{}]", inode);
    std::optional<uint32_t> lowest;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator("/proc", error)) {
        const auto number = parse_number(entry.path().filename().string());
        if (!number || std::filesystem::read_symlink(entry.path() / "ns/net", error) != wanted) {
            continue;
        }
        lowest = std::min(lowest.value_or(UINT32_MAX), static_cast<uint32_t>(*number));
    }
    return lowest;
}

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
#include "filter/netns.hpp"

#include "util/netns_names.hpp"
#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <vector>

namespace dropctl::filter {

namespace {

constexpr std::string_view inode_prefix = "inode:";

Error refused(const std::string &text, const std::string &why, const std::string &hint = {}) {
    return Error{"--netns", fmt::format("'{}' {}", text, why), hint, Exit::Usage};
}

Result<uint32_t> parse_inode(const std::string &text) {
    const auto number = util::parse_number(std::string_view(text).substr(inode_prefix.size()));
    if (!number || *number == 0 || *number > UINT32_MAX) {
        return refused(text, "is not an inode number", "`ls -L -i /run/netns` shows them");
    }
    return static_cast<uint32_t>(*number);
}

/// The namespaces that do have a name.
std::string known_names(const std::string &directory) {
    constexpr size_t most = 12;
    std::vector<std::string> names;
    for (const auto &[inode, name] : util::netns_names(directory)) {
        names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    std::string text;
    for (size_t i = 0; i < std::min(names.size(), most); ++i) {
        text += (i == 0 ? "" : ", ") + names[i];
    }
    return names.size() > most ? text + ", ..." : text;
}

Error not_found(const std::string &text, const std::string &directory) {
    const std::string names = known_names(directory);
    return refused(text, "is not the name of a network namespace",
                   names.empty() ? directory + " has none; a path (/proc/PID/ns/net) or inode:N "
                                               "will do too"
                                 : "there are " + names);
}

/// A file that a namespace is mounted on looks like any other until it is.
Result<uint32_t> inode_of(const std::string &text, int file) {
    struct statfs system {};
    struct stat status {};
    if (fstatfs(file, &system) != 0 || fstat(file, &status) != 0) {
        return refused(text, std::strerror(errno));
    }
    if (static_cast<unsigned long>(system.f_type) != NSFS_MAGIC ||
        ioctl(file, NS_GET_NSTYPE) != CLONE_NEWNET) {
        return refused(text, "is not a network namespace");
    }
    return static_cast<uint32_t>(status.st_ino);
}

} // namespace

Result<uint32_t> resolve_netns(const std::string &text, const std::string &directory) {
    if (text.starts_with(inode_prefix)) {
        return parse_inode(text);
    }
    const bool is_path = text.find('/') != std::string::npos;
    const std::string path = is_path ? text : directory + "/" + text;
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return is_path || errno != ENOENT
                   ? refused(text, std::string("cannot be opened: ") + std::strerror(errno))
                   : not_found(text, directory);
    }
    auto inode = inode_of(text, file);
    close(file);
    return inode;
}

} // namespace dropctl::filter

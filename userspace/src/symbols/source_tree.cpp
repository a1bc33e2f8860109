// SPDX-License-Identifier: GPL-2.0-only
// Finds the kernel tree that a compilation unit was built from, out of the
// file names in its line table. Forms met: Debian "net/ipv4/route.c" with the
// directory "debian/build/build_amd64_none_amd64" (prefixes mapped away), or
// "../../../net/ipv4/route.c" there; Fedora, Ubuntu "/build/linux-6.8/net/...";
// self-built "net/ipv4/route.c" in "/home/me/linux", or absolute with O=.
#include "symbols/source_tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>

namespace dropctl::symbols {

namespace {

constexpr std::string_view headers = "include/linux/";
constexpr std::string_view generated = "include/generated/";

/// Whether `part` stands at `at` in `path` as whole components.
bool starts_component(std::string_view path, size_t at) {
    return at == 0 || path[at - 1] == '/';
}

/// What stands before the first "include/linux/FILE" in `path`; false if nothing does.
bool before_headers(std::string_view path, std::string &prefix) {
    const size_t at = path.find(headers);
    if (at == std::string_view::npos || !starts_component(path, at) ||
        path.find('/', at + headers.size()) != std::string_view::npos) {
        return false;
    }
    prefix = path.substr(0, at);
    // tools/ has copies of kernel headers of its own.
    return !prefix.ends_with("tools/");
}

/// The same for "include/generated/" and "arch/x86/include/generated/".
bool before_generated(std::string_view path, std::string &prefix) {
    const size_t at = path.find(generated);
    if (at == std::string_view::npos || !starts_component(path, at)) {
        return false;
    }
    prefix = path.substr(0, at);
    const size_t arch = prefix.rfind("arch/");
    if (arch != std::string::npos && starts_component(prefix, arch) &&
        std::count(prefix.begin() + static_cast<ptrdiff_t>(arch), prefix.end(), '/') == 2) {
        prefix.resize(arch);
    }
    return true;
}

/// The prefix that most names have: other people's modules may bring an
/// include/linux of their own.
std::string most_frequent(const std::map<std::string, size_t> &votes) {
    const auto most =
        std::max_element(votes.begin(), votes.end(),
                         [](const auto &a, const auto &b) { return a.second < b.second; });
    return most == votes.end() ? std::string() : most->first;
}

bool is_top_directory(std::string_view path) {
    static constexpr std::array<std::string_view, 22> names{
        "arch",    "block",    "certs",  "crypto", "drivers", "fs",  "include", "init",
        "ipc",     "io_uring", "kernel", "lib",    "mm",      "net", "rust",    "samples",
        "scripts", "security", "sound",  "tools",  "usr",     "virt"};
    const size_t slash = path.find('/');
    return slash != std::string_view::npos &&
           std::find(names.begin(), names.end(), path.substr(0, slash)) != names.end();
}

} // namespace

std::string normal_path(std::string_view path) {
    std::vector<std::string_view> parts;
    const bool absolute = path.starts_with('/');
    while (!path.empty()) {
        const size_t slash = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (part.empty() || part == ".") {
            continue;
        }
        if (part == ".." && !parts.empty() && parts.back() != "..") {
            parts.pop_back();
        } else if (part != ".." || !absolute) {
            parts.push_back(part);
        }
    }
    std::string result = absolute ? "/" : "";
    for (const std::string_view part : parts) {
        if (!result.empty() && result.back() != '/') {
            result += '/';
        }
        result += part;
    }
    return result;
}

SourceTree::SourceTree(std::string_view directory, std::string_view name,
                       const std::vector<std::string_view> &files)
    : directory_(normal_path(directory)) {
    learn(files);
    if (source_.empty()) {
        guess(name);
    }
}

std::string SourceTree::relative(std::string_view file) const {
    std::string path = resolve(file);
    const std::string_view view = path;
    // The longer one first: either may lie within the other.
    const bool object_inside = object_.size() > source_.size();
    for (const std::string *root :
         {object_inside ? &object_ : &source_, object_inside ? &source_ : &object_}) {
        if (!root->empty() && view.starts_with(*root)) {
            return path.substr(root->size());
        }
    }
    // Mapped prefixes may leave "../../../net/ipv4/route.c" without a start.
    while (path.starts_with("../")) {
        path.erase(0, 3);
    }
    return path;
}

/// As a path from the root, or from the tree where prefixes were mapped away.
std::string SourceTree::resolve(std::string_view file) const {
    if (file.starts_with('/') || !directory_.starts_with('/')) {
        return normal_path(file);
    }
    return normal_path(directory_ + "/" + std::string(file));
}

void SourceTree::learn(const std::vector<std::string_view> &files) {
    std::map<std::string, size_t> sources;
    std::map<std::string, size_t> objects;
    std::string prefix;
    for (const std::string_view file : files) {
        // Most names are neither; look before doing any work.
        if (file.find(headers) == std::string_view::npos &&
            file.find(generated) == std::string_view::npos) {
            continue;
        }
        const std::string path = resolve(file);
        if (before_headers(path, prefix)) {
            sources[prefix]++;
        } else if (before_generated(path, prefix)) {
            objects[prefix]++;
        }
    }
    source_ = most_frequent(sources);
    object_ = most_frequent(objects);
}

/// Units in assembly often include nothing that tells.
void SourceTree::guess(std::string_view name) {
    if (!directory_.starts_with('/')) {
        object_ = directory_.empty() ? "" : directory_ + "/";
    }
    if (is_top_directory(name) && directory_.starts_with('/')) {
        source_ = directory_ + "/";
        return;
    }
    const size_t debian = directory_.find("/debian");
    const std::string path = resolve(name);
    if (debian != std::string::npos && path.starts_with(directory_.substr(0, debian + 1))) {
        source_ = directory_.substr(0, debian + 1);
        return;
    }
    // "/build/linux-6.8/arch/x86/kernel/head_64.S"
    for (size_t at = path.rfind("/linux"); at != std::string::npos && at > 0;
         at = path.rfind("/linux", at - 1)) {
        const size_t slash = path.find('/', at + 1);
        if (slash != std::string::npos && is_top_directory(path.substr(slash + 1))) {
            source_ = path.substr(0, slash + 1);
            return;
        }
    }
}

} // namespace dropctl::symbols

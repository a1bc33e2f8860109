// SPDX-License-Identifier: GPL-2.0-only
// Knows the names of distributions' packages of kernel debug information.
#include "symbols/debug_hint.hpp"

#include "symbols/debuginfod.hpp"

#include <fstream>

namespace dropctl::symbols {

namespace {

/// " debian " from ID=debian, with what ID_LIKE adds, in order.
std::string distributions(const std::string &path) {
    std::ifstream file(path);
    std::string id;
    std::string like;
    for (std::string line; std::getline(file, line);) {
        std::erase(line, '"');
        if (line.starts_with("ID=")) {
            id = line.substr(3);
        } else if (line.starts_with("ID_LIKE=")) {
            like = line.substr(8);
        }
    }
    return " " + id + " " + like + " ";
}

/// "6.1.0-56-cloud-amd64", as Debian names its kernels.
bool ends_in_architecture(const std::string &release) {
    const std::string last = release.substr(release.rfind('-') + 1);
    return last == "amd64" || last == "arm64" || last == "686" || last == "armmp" ||
           last == "powerpc64le" || last == "s390x" || last == "riscv64" || last == "loongson";
}

std::string command(const std::string &names, const std::string &release) {
    const auto is = [&](const char *name) {
        return names.find(" " + std::string(name) + " ") != std::string::npos;
    };
    // A kernel that somebody built himself is in nobody's package.
    const bool packaged = release.find('-') != std::string::npos;
    if (is("ubuntu") && packaged) {
        return "apt install linux-image-unsigned-" + release + "-dbgsym (from ddebs.ubuntu.com)";
    }
    if (is("debian") && ends_in_architecture(release)) {
        return "apt install linux-image-" + release + "-dbg";
    }
    if (is("fedora") || is("rhel") || is("centos")) {
        return "dnf debuginfo-install kernel-core-" + release;
    }
    if (is("suse") || is("opensuse")) {
        return "zypper install kernel-default-debuginfo";
    }
    return "put its vmlinux, built with CONFIG_DEBUG_INFO, at /usr/lib/debug/lib/modules/" +
           release + "/vmlinux";
}

} // namespace

std::string how_to_get_debug_info(const std::string &release, const std::string &os_release) {
    return command(distributions(os_release), release) +
           (debuginfod_wanted() ? "" : ", or name a server in DEBUGINFOD_URLS");
}

} // namespace dropctl::symbols

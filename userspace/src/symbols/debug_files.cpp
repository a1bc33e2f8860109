// SPDX-License-Identifier: GPL-2.0-only
// Finds debug files by release and by build id. Nothing is opened beyond the
// headers and notes that show whether a file is the right one.
#include "symbols/debug_files.hpp"

#include "symbols/debuginfod.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/utsname.h>
#include <unistd.h>

namespace dropctl::symbols {

namespace {

std::string running_release() {
    utsname names{};
    return ::uname(&names) == 0 ? names.release : std::string();
}

/// "kernel/net/ipv4/ip-gre.ko.xz" to "ip_gre".
std::string module_of_path(std::string_view path) {
    const size_t slash = path.rfind('/');
    std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
    name.resize(std::min(name.find(".ko"), name.size()));
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

} // namespace

DebugFiles::DebugFiles(const SymboliserOptions &options)
    : options_(options), release_(options.release.empty() ? running_release() : options.release) {}

DebugFileSearch DebugFiles::kernel() const {
    const BuildId id = build_id_of_notes_file(options_.kernel_notes);
    return first_of({options_.debug_root + "/lib/modules/" + release_ + "/vmlinux",
                     options_.debug_root + "/boot/vmlinux-" + release_, by_build_id(id),
                     options_.debug_root + "/lib/modules/" + release_ + "/vmlinux.debug",
                     options_.debug_root + "/boot/vmlinux-" + release_ + ".debug",
                     options_.module_root + "/" + release_ + "/build/vmlinux",
                     options_.module_root + "/" + release_ + "/vmlinux",
                     "/boot/vmlinux-" + release_},
                    id);
}

DebugFileSearch DebugFiles::module(const std::string &name) const {
    const BuildId id =
        build_id_of_notes_file(options_.sys_module + "/" + name + "/notes/.note.gnu.build-id");
    std::vector<std::string> candidates;
    const std::string path = path_in_tree(name);
    if (!path.empty()) {
        const std::string plain = path.substr(0, path.find(".ko") + 3);
        const std::string debug = options_.debug_root + "/lib/modules/" + release_ + "/";
        candidates = {debug + plain, debug + plain + ".debug", debug + path, by_build_id(id),
                      options_.module_root + "/" + release_ + "/" + path};
    } else {
        candidates = {by_build_id(id)};
    }
    return first_of(candidates, id);
}

DebugFileSearch DebugFiles::first_of(const std::vector<std::string> &candidates,
                                     const BuildId &id) const {
    DebugFileSearch result;
    for (const std::string &path : candidates) {
        if (path.empty() || ::access(path.c_str(), R_OK) != 0) {
            continue;
        }
        const ElfFacts facts = facts_of_elf(path);
        if (!facts.has_debug_info) {
            continue;
        }
        // Without an id to compare with, the release in the path has to do.
        if (id.empty() || facts.id == id) {
            result.path = path;
            return result;
        }
        if (result.refused.empty()) {
            result.refused = path;
        }
    }
    result.path = download(id);
    return result;
}

std::string DebugFiles::by_build_id(const BuildId &id) const {
    if (id.size() < 2) {
        return {};
    }
    const std::string hex = to_hex(id);
    return options_.debug_root + "/.build-id/" + hex.substr(0, 2) + "/" + hex.substr(2) + ".debug";
}

/// Where depmod found the module, relative to /lib/modules/RELEASE: lines are
/// "kernel/net/ipv4/gre.ko: kernel/..." What depmod does not know has no path.
std::string DebugFiles::path_in_tree(const std::string &module) const {
    std::ifstream file(options_.module_root + "/" + release_ + "/modules.dep", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::string_view rest = text;
    while (!rest.empty()) {
        const size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view path = rest.substr(0, std::min(rest.find(':'), end));
        if (module_of_path(path) == module) {
            return std::string(path);
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

std::string DebugFiles::download(const BuildId &id) const {
    if (id.empty() || !debuginfod_wanted()) {
        return {};
    }
    if (options_.progress) {
        options_.progress("asking debuginfod for debug information, build id " + to_hex(id));
    }
    const std::string path = find_by_debuginfod(id);
    return !path.empty() && facts_of_elf(path).id == id ? path : std::string();
}

} // namespace dropctl::symbols

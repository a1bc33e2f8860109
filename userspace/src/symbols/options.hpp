// SPDX-License-Identifier: GPL-2.0-only
// Where the symboliser looks. The defaults are the running kernel's; tests and
// the analysis of another machine's addresses put other paths in.
#pragma once

#include <functional>
#include <string>

namespace dropctl::symbols {

struct SymboliserOptions {
    std::string kallsyms = "/proc/kallsyms";
    std::string modules = "/proc/modules";
    std::string kernel_notes = "/sys/kernel/notes";
    std::string sys_module = "/sys/module"; ///< notes and section addresses of modules
    std::string debug_root = "/usr/lib/debug";
    std::string module_root = "/lib/modules"; ///< modules.dep, and modules not stripped
    std::string os_release = "/etc/os-release";
    std::string release; ///< of the kernel; empty: the running one's
    /// Told before something slow is done (a download), for a line on stderr.
    std::function<void(const std::string &)> progress;
};

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
// Finds the files that hold debug information of the kernel and its modules
// where distributions put them, refuses those of another build, and asks
// debuginfod last, and only where DEBUGINFOD_URLS is set.
#pragma once

#include "symbols/build_id.hpp"
#include "symbols/options.hpp"

#include <string>
#include <vector>

namespace dropctl::symbols {

/// The outcome of a search.
struct DebugFileSearch {
    std::string path;    ///< empty: there is none
    std::string refused; ///< a file of another build that was passed over
};

class DebugFiles {
  public:
    explicit DebugFiles(const SymboliserOptions &options);

    /// vmlinux with debug information.
    [[nodiscard]] DebugFileSearch kernel() const;
    /// The file of a module, by its name as /proc/modules has it.
    [[nodiscard]] DebugFileSearch module(const std::string &name) const;
    /// Release of the kernel that is looked for.
    [[nodiscard]] const std::string &release() const { return release_; }

  private:
    [[nodiscard]] DebugFileSearch first_of(const std::vector<std::string> &candidates,
                                           const BuildId &id) const;
    [[nodiscard]] std::string by_build_id(const BuildId &id) const;
    [[nodiscard]] std::string path_in_tree(const std::string &module) const;
    [[nodiscard]] std::string download(const BuildId &id) const;

    const SymboliserOptions &options_; ///< outlives this
    std::string release_;
};

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
// Names of source files relative to the kernel tree, whatever the build wrote
// into the debug information: paths absolute or relative to the build
// directory, sources beside the objects or apart from them (O=), mapped
// prefixes. Files outside the tree, as of other people's modules, keep theirs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dropctl::symbols {

class SourceTree {
  public:
    /// Learn where the tree lies from one compilation unit: its directory, its
    /// own name and the names of all its files. Nearly every unit includes
    /// headers of include/linux and include/generated, which give it away.
    SourceTree(std::string_view directory, std::string_view name,
               const std::vector<std::string_view> &files);

    /// The name to show for a file of this unit.
    [[nodiscard]] std::string relative(std::string_view file) const;

  private:
    [[nodiscard]] std::string resolve(std::string_view file) const;
    void learn(const std::vector<std::string_view> &files);
    void guess(std::string_view name);

    std::string directory_; ///< absolute or, with mapped prefixes, not
    std::string source_;    ///< where the sources lie, with a slash; empty: unknown or mapped away
    std::string object_;    ///< where the build wrote to, likewise
};

/// `path` without "." and "dir/..", and without doubled slashes.
std::string normal_path(std::string_view path);

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
// The text of the kernel's source, where it is installed: a directory that was given, or
// one of the usual places that holds the source of the very version that runs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::symbols {

class SourceText {
  public:
    /// @param directory of a kernel's source, whatever its version; empty: look in
    ///        /usr/src and /lib/modules. Nothing is opened before the first line is asked for.
    explicit SourceText(std::string directory = {});

    /// A line of a file, named relative to the kernel tree; empty: not to be had. Holds as
    /// long as this object.
    std::string_view line(const std::string &file, uint32_t number);
    /// All lines of a file; empty: not to be had.
    const std::vector<std::string> &lines(const std::string &file);

    /// The directory in use; empty: none was found.
    const std::string &directory();

  private:
    std::string directory_;
    bool searched_ = false;
    std::map<std::string, std::vector<std::string>> files_;
};

} // namespace dropctl::symbols

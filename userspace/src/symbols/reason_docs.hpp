// SPDX-License-Identifier: GPL-2.0-only
// What drop reasons mean: the kernel's own documentation, from its headers where
// they are installed, else a sentence of ours for the common ones.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::symbols {

struct ReasonDoc {
    std::string text;
    bool from_kernel = false;
};

class ReasonDocs {
  public:
    /// Read the headers of the running kernel. Where there are none, only our own
    /// sentences remain.
    static ReasonDocs load();
    /// Read the headers dropreason*.h in the first of these directories that has any.
    static ReasonDocs load(const std::vector<std::string> &directories);

    /// The explanation of a reason; its text is empty if there is none.
    [[nodiscard]] ReasonDoc find(const std::string &name) const;

    /// Take in the kernel-doc comments "@SKB_DROP_REASON_NAME: text" of a header.
    void read_header(std::string_view header);

  private:
    std::map<std::string, std::string> texts_;
};

/// Our own sentence; empty if there is none.
std::string_view built_in_reason_text(std::string_view name);

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
// Reads the explanations of drop reasons out of kernel headers.
#include "symbols/reason_docs.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/utsname.h>

namespace dropctl::symbols {

namespace {

/// The directories in which distributions put include/net of a kernel.
std::vector<std::string> header_directories() {
    utsname names{};
    if (::uname(&names) != 0) {
        return {};
    }
    const std::string release = names.release;
    const std::string modules = "/lib/modules/" + release;
    std::vector<std::string> directories{modules + "/build/include/net",
                                         modules + "/source/include/net",
                                         "/usr/src/linux-headers-" + release + "/include/net"};
    // Debian: ...-6.1.0-56-amd64 goes with ...-6.1.0-56-common.
    const size_t flavour = release.rfind('-');
    if (flavour != std::string::npos) {
        directories.push_back("/usr/src/linux-headers-" + release.substr(0, flavour) +
                              "-common/include/net");
    }
    return directories;
}

/// A comment as one line, without its stars.
std::string flow(std::string_view comment) {
    std::string text;
    bool line_start = false;
    for (const char c : comment) {
        if (c == '\n') {
            line_start = true;
            continue;
        }
        const bool blank = c == ' ' || c == '\t';
        if (line_start && (blank || c == '*')) {
            continue;
        }
        if ((line_start || blank) && !text.empty() && text.back() != ' ') {
            text += ' ';
        }
        line_start = false;
        if (!blank) {
            text += c;
        }
    }
    text.resize(std::min(text.find_last_not_of(' ') + 1, text.size()));
    return text;
}

} // namespace

ReasonDocs ReasonDocs::load() {
    return load(header_directories());
}

ReasonDocs ReasonDocs::load(const std::vector<std::string> &directories) {
    ReasonDocs docs;
    for (const std::string &directory : directories) {
        std::error_code error;
        for (const auto &entry : std::filesystem::directory_iterator(directory, error)) {
            if (entry.path().filename().string().starts_with("dropreason")) {
                std::ifstream file(entry.path());
                docs.read_header(std::string{std::istreambuf_iterator<char>(file), {}});
            }
        }
        if (!docs.texts_.empty()) {
            break;
        }
    }
    return docs;
}

void ReasonDocs::read_header(std::string_view header) {
    constexpr std::string_view prefix = "SKB_DROP_REASON_";
    for (size_t at = 0; (at = header.find("/**", at)) != std::string_view::npos;) {
        const size_t end = header.find("*/", at);
        const std::string_view comment = header.substr(at + 3, end - at - 3);
        at = std::min(end, header.size());
        const size_t mark = comment.find_first_not_of(" \t\n*");
        const size_t colon = comment.find(':');
        if (mark == std::string_view::npos || comment[mark] != '@' ||
            colon == std::string_view::npos) {
            continue;
        }
        std::string_view name = comment.substr(mark + 1, colon - mark - 1);
        if (name.starts_with(prefix)) {
            name.remove_prefix(prefix.size());
        }
        texts_.emplace(name, flow(comment.substr(colon + 1)));
    }
}

ReasonDoc ReasonDocs::find(const std::string &name) const {
    const auto known = texts_.find(name);
    if (known != texts_.end() && !known->second.empty()) {
        return {.text = known->second, .from_kernel = true};
    }
    return {.text = std::string(built_in_reason_text(name)), .from_kernel = false};
}

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
#include "symbols/source_text.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sys/utsname.h>

namespace dropctl::symbols {

namespace fs = std::filesystem;

namespace {

/// "6.1.192" of the Makefile at the top of a kernel tree; empty: there is none.
std::string version_of(const fs::path &tree) {
    std::ifstream makefile(tree / "Makefile");
    std::string parts[3];
    constexpr std::string_view names[] = {"VERSION = ", "PATCHLEVEL = ", "SUBLEVEL = "};
    std::string line;
    for (int lines = 0; lines < 16 && std::getline(makefile, line); ++lines) {
        for (size_t i = 0; i < 3; ++i) {
            if (line.starts_with(names[i])) {
                parts[i] = line.substr(names[i].size());
            }
        }
    }
    return parts[0].empty() ? std::string() : parts[0] + "." + parts[1] + "." + parts[2];
}

/// The running kernel is of this version: distributions put it into the release or,
/// where that has a number of their own, into the version's text.
bool is_running(const std::string &version, const utsname &system) {
    const auto holds = [&version](std::string_view text) {
        for (size_t at = text.find(version); at != std::string_view::npos;
             at = text.find(version, at + 1)) {
            const size_t end = at + version.size();
            const bool digit_before = at != 0 && text[at - 1] >= '0' && text[at - 1] <= '9';
            const bool digit_behind = end < text.size() && text[end] >= '0' && text[end] <= '9';
            if (!digit_before && !digit_behind) {
                return true;
            }
        }
        return false;
    };
    return !version.empty() && (holds(system.release) || holds(system.version));
}

std::string find_tree() {
    utsname system{};
    uname(&system);
    std::vector<fs::path> trees{fs::path("/lib/modules") / system.release / "source",
                                fs::path("/usr/src/kernels") / system.release};
    std::error_code failed;
    for (const auto &entry : fs::directory_iterator("/usr/src", failed)) {
        trees.push_back(entry.path());
    }
    for (const fs::path &tree : trees) {
        // Headers alone come with a Makefile, too.
        if (fs::exists(tree / "net/core/dev.c", failed) && is_running(version_of(tree), system)) {
            return tree.string();
        }
    }
    return {};
}

} // namespace

SourceText::SourceText(std::string directory)
    : directory_(std::move(directory)), searched_(!directory_.empty()) {}

const std::string &SourceText::directory() {
    if (!searched_) {
        searched_ = true;
        directory_ = find_tree();
    }
    return directory_;
}

const std::vector<std::string> &SourceText::lines(const std::string &file) {
    const auto found = files_.find(file);
    if (found != files_.end()) {
        return found->second;
    }
    std::vector<std::string> &lines = files_[file];
    if (file.empty() || file[0] == '/' || directory().empty()) {
        return lines;
    }
    std::ifstream text(fs::path(directory()) / file);
    for (std::string line; std::getline(text, line);) {
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string_view SourceText::line(const std::string &file, uint32_t number) {
    const std::vector<std::string> &all = lines(file);
    return number == 0 || number > all.size() ? std::string_view() : all[number - 1];
}

} // namespace dropctl::symbols

// SPDX-License-Identifier: GPL-2.0-only
#include "rules/base.hpp"

#include "rules/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace dropctl::rules {

namespace fs = std::filesystem;

std::string Base::directory() {
    if (const char *given = std::getenv("DROPCTL_RULES"); given != nullptr) {
        return given;
    }
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    const fs::path above = program.parent_path().parent_path();
    for (const char *below :
         {"share/dropctl/rules", "userspace/share/rules", "../userspace/share/rules"}) {
        const fs::path path = (above / below).lexically_normal();
        if (fs::is_directory(path, error)) {
            return path;
        }
    }
    return {};
}

Base Base::load(const std::string &directory, std::vector<Error> &complaints) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto &entry : fs::directory_iterator(directory, error)) {
        if (entry.path().extension() == ".yaml") {
            files.push_back(entry.path());
        }
    }
    if (error) {
        complaints.push_back({"rules", fmt::format("{}: {}", directory, error.message())});
    }
    std::sort(files.begin(), files.end());
    Base base;
    std::set<std::string> names;
    for (const fs::path &file : files) {
        std::ifstream in(file);
        auto rules = parse({std::istreambuf_iterator<char>(in), {}}, file.filename());
        if (!rules) {
            complaints.push_back(rules.error());
            continue;
        }
        for (Rule &rule : *rules) {
            if (!names.insert(rule.name).second) {
                complaints.push_back({"rules", fmt::format("{}: rule '{}' is in another file, too",
                                                           rule.place, rule.name)});
                continue;
            }
            base.rules_.push_back(std::move(rule));
        }
    }
    return base;
}

const Rule *Base::find(const Facts &facts) const {
    const auto found = std::find_if(rules_.begin(), rules_.end(),
                                    [&facts](const Rule &rule) { return matches(rule, facts); });
    return found == rules_.end() ? nullptr : &*found;
}

} // namespace dropctl::rules

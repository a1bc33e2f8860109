// SPDX-License-Identifier: GPL-2.0-only
// The functions that an expression may call.
#include "values/syntax.hpp"

#include <algorithm>
#include <array>

namespace dropctl::values {

namespace {

constexpr std::array<Builtin, 15> builtins{{
    {"this_cpu", 1, 1, -1},
    {"this_cpu_ptr", 1, 1, -1},
    {"container_of", 3, 3, 1},
    {"list", 2, 3, -1},
    {"list_head", 3, 4, 1},
    {"hlist", 3, 4, 1},
    {"ntohs", 1, 1, -1},
    {"ntohl", 1, 1, -1},
    {"htons", 1, 1, -1},
    {"htonl", 1, 1, -1},
    {"be16_to_cpu", 1, 1, -1},
    {"be32_to_cpu", 1, 1, -1},
    {"be64_to_cpu", 1, 1, -1},
    {"cpu_to_be16", 1, 1, -1},
    {"cpu_to_be32", 1, 1, -1},
}};

} // namespace

const Builtin *find_builtin(std::string_view name) {
    const auto *found = std::find_if(builtins.begin(), builtins.end(),
                                     [&](const Builtin &each) { return each.name == name; });
    return found == builtins.end() ? nullptr : found;
}

std::vector<std::string_view> builtin_names() {
    std::vector<std::string_view> names;
    names.reserve(builtins.size());
    for (const Builtin &each : builtins) {
        names.push_back(each.name);
    }
    return names;
}

} // namespace dropctl::values

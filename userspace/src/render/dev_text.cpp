// SPDX-License-Identifier: GPL-2.0-only
#include "render/dev_text.hpp"

#include "util/escape.hpp"

#include <fmt/format.h>

namespace dropctl::render {

std::string DevText::text(const std::string &name, uint32_t ifindex, uint32_t netns) {
    std::string text = util::printable(name);
    if (text.empty()) {
        text = ifindex == 0 ? "-" : fmt::format("#{}", ifindex);
    }
    if (netns == 0 || netns == names_.own_netns()) {
        return text;
    }
    auto known = netns_.find(netns);
    if (known == netns_.end()) {
        const std::string given = util::printable(names_.netns(netns));
        known = netns_.emplace(netns, given.empty() ? std::to_string(netns) : given).first;
    }
    return text + "@" + known->second;
}

} // namespace dropctl::render

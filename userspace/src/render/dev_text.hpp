// SPDX-License-Identifier: GPL-2.0-only
// A network device as a word: its name, and the namespace it is in if that is
// another one than ours, as "b0@blue".
#pragma once

#include "render/names.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace dropctl::render {

class DevText {
  public:
    explicit DevText(Names &names) : names_(names) {}

    /// @param name empty: unknown
    /// @param ifindex 0: unknown
    /// @param netns inode number, 0: unknown
    std::string text(const std::string &name, uint32_t ifindex, uint32_t netns);

  private:
    Names &names_;
    std::unordered_map<uint32_t, std::string> netns_;
};

} // namespace dropctl::render

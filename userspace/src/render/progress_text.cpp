// SPDX-License-Identifier: GPL-2.0-only
#include "render/progress_text.hpp"

#include "util/escape.hpp"
#include "util/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::render {

std::string progress_text(const std::string &what, double seconds, unsigned drops, size_t columns) {
    constexpr size_t most = 72;
    constexpr size_t least = 20;
    const std::string numbers =
        fmt::format("  {:5.1f} s  {:2} {}", seconds, drops, drops == 1 ? "drop" : "drops");
    const size_t room = columns > numbers.size() + 1 ? columns - numbers.size() - 1 : 0;
    const size_t width = std::max(std::min(room, most), least);
    return util::pad_right(util::cut(util::printable(what), width), width) + numbers;
}

} // namespace dropctl::render

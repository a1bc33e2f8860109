// SPDX-License-Identifier: GPL-2.0-only
#include "util/terminal.hpp"

#include "util/parse.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <sys/ioctl.h>

namespace dropctl::util {

namespace {

/// A size from the environment, or `otherwise`.
size_t from_environment(const char *name, size_t otherwise) {
    const char *text = std::getenv(name);
    const auto value = text == nullptr ? std::nullopt : parse_number(text);
    return value && *value > 0 && *value < 10000 ? static_cast<size_t>(*value) : otherwise;
}

bool continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80;
}

} // namespace

TerminalSize terminal_size(const Output &out) {
    winsize window{};
    if (out.fd() >= 0 && ioctl(out.fd(), TIOCGWINSZ, &window) == 0 && window.ws_col > 0) {
        return {.columns = window.ws_col, .rows = window.ws_row > 0 ? window.ws_row : size_t{24}};
    }
    return {.columns = from_environment("COLUMNS", 80), .rows = from_environment("LINES", 24)};
}

bool want_colour(Colour asked, const Output &out) {
    if (asked != Colour::Auto) {
        return asked == Colour::Always;
    }
    const char *refused = std::getenv("NO_COLOR");
    const char *term = std::getenv("TERM");
    return out.is_terminal() && (refused == nullptr || *refused == '\0') && term != nullptr &&
           std::string_view(term) != "dumb";
}

std::string Paint::with(const char *code, std::string_view text) const {
    return on_ && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

size_t display_width(std::string_view text) {
    size_t width = 0;
    for (const char byte : text) {
        width += continues(byte) ? 0 : 1;
    }
    return width;
}

std::string pad_right(std::string text, size_t width) {
    const size_t used = display_width(text);
    text.append(used < width ? width - used : 0, ' ');
    return text;
}

std::string pad_left(std::string text, size_t width) {
    const size_t used = display_width(text);
    text.insert(0, used < width ? width - used : 0, ' ');
    return text;
}

std::string cut(std::string_view text, size_t width) {
    if (display_width(text) <= width) {
        return std::string(text);
    }
    if (width == 0) {
        return {};
    }
    size_t at = 0;
    for (size_t used = 0; at < text.size(); ++at) {
        used += continues(text[at]) ? 0 : 1;
        if (used == width) {
            break;
        }
    }
    return std::string(text.substr(0, at)) + "…";
}

} // namespace dropctl::util

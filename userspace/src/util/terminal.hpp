// SPDX-License-Identifier: GPL-2.0-only
// What the terminal can show: its size, and colours if they are wanted. Colour
// adds, it never carries meaning alone.
#pragma once

#include "cli.hpp"
#include "util/output.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace dropctl::util {

struct TerminalSize {
    size_t columns = 80;
    size_t rows = 24;
};

/// Size of the terminal behind an output; COLUMNS and LINES, else 80x24, if there
/// is none or it does not tell.
TerminalSize terminal_size(const Output &out);

/// Whether to colour an output: as asked, else on a terminal without NO_COLOR.
bool want_colour(Colour asked, const Output &out);

/// Puts SGR sequences around text, or nothing.
class Paint {
  public:
    explicit Paint(bool on) : on_(on) {}

    [[nodiscard]] std::string bold(std::string_view text) const { return with("1", text); }
    [[nodiscard]] std::string dim(std::string_view text) const { return with("2", text); }
    [[nodiscard]] std::string red(std::string_view text) const { return with("31", text); }
    [[nodiscard]] std::string yellow(std::string_view text) const { return with("33", text); }
    [[nodiscard]] std::string cyan(std::string_view text) const { return with("36", text); }

  private:
    [[nodiscard]] std::string with(const char *code, std::string_view text) const;

    bool on_;
};

/// Columns that text takes; bytes of UTF-8 sequences after the first take none.
size_t display_width(std::string_view text);

/// Text filled up with blanks to a width; longer text stays as it is.
std::string pad_right(std::string text, size_t width);
std::string pad_left(std::string text, size_t width);
/// Text cut to a width, with an ellipsis in place of what is missing.
std::string cut(std::string_view text, size_t width);

} // namespace dropctl::util

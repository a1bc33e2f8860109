// SPDX-License-Identifier: GPL-2.0-only
#include "util/screen.hpp"

#include <unistd.h>

namespace dropctl::util {

Screen::Screen(Output &out) : out_(out) {
    // In the background (below timeout(1), say) a change of the terminal would stop us.
    keys_ = tcgetpgrp(STDIN_FILENO) == getpgrp() && tcgetattr(STDIN_FILENO, &before_) == 0;
    if (keys_) {
        // Ctrl-C stays a signal.
        termios raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    out_.write("\x1b[?1049h\x1b[?25l"); // alternate screen, no cursor
    out_.flush();
}

Screen::~Screen() {
    out_.write("\x1b[?25h\x1b[?1049l");
    out_.flush();
    if (keys_) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
}

void Screen::draw(const std::vector<std::string> &lines) {
    // Each line is written over the one before and its rest cleared, so that nothing flickers.
    out_.write("\x1b[H");
    for (const std::string &line : lines) {
        out_.write(&line == lines.data() ? "" : "\r\n");
        out_.write(line);
        out_.write("\x1b[K");
    }
    out_.write("\x1b[J");
    out_.flush();
}

char Screen::key() {
    char letter = 0;
    return keys_ && read(STDIN_FILENO, &letter, 1) == 1 ? letter : '\0';
}

} // namespace dropctl::util

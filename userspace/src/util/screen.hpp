// SPDX-License-Identifier: GPL-2.0-only
// A terminal taken over for a picture that is drawn again and again, and given
// back as it was.
#pragma once

#include "util/output.hpp"

#include <string>
#include <termios.h>
#include <vector>

namespace dropctl::util {

class Screen {
  public:
    /// Enter the alternate screen; keys come one by one from stdin if that is a terminal.
    explicit Screen(Output &out);
    ~Screen();
    Screen(const Screen &) = delete;
    Screen &operator=(const Screen &) = delete;

    /// Show these lines from the top, and nothing else.
    void draw(const std::vector<std::string> &lines);

    /// To poll for keys, -1: there are none.
    [[nodiscard]] int key_fd() const { return keys_ ? 0 : -1; }
    /// The next key that was pressed, 0: none.
    char key();

  private:
    Output &out_;
    bool keys_ = false;
    termios before_{};
};

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
// Where text goes: a buffer in front of a file descriptor. Commands append to it
// and flush when they have caught up, so that a slow stream is seen line by line
// and a fast one costs a write(2) per block.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dropctl::util {

class Output {
  public:
    /// Write to `fd`, which stays the caller's.
    explicit Output(int fd) : fd_(fd) {}
    /// Keep everything in the buffer; for tests.
    Output() = default;
    ~Output() { flush(); }
    Output(const Output &) = delete;
    Output &operator=(const Output &) = delete;

    /// Append text; flushes when a large block has come together.
    void write(std::string_view text);
    /// What was written and not flushed; tests read it.
    std::string &buffer() { return buffer_; }
    /// Write out all there is. False once the reader has gone (EPIPE) or the
    /// write failed otherwise; output is thrown away from then on.
    bool flush();

    [[nodiscard]] bool closed() const { return error_ != 0; }
    /// errno of the write that failed, 0: none. EPIPE: the reader has gone.
    [[nodiscard]] int error() const { return error_; }
    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] bool is_terminal() const;

  private:
    void write_out(std::string_view text);

    int fd_ = -1;
    int error_ = 0;
    std::string buffer_;
};

} // namespace dropctl::util

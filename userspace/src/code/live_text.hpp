// SPDX-License-Identifier: GPL-2.0-only
// Memory of the running kernel, modules too, through /proc/kcore: code as
// alternatives, static branches and ftrace have made it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dropctl::code {

class LiveText {
  public:
    /// Nothing is opened before the first read.
    explicit LiveText(std::string path = "/proc/kcore");
    ~LiveText();
    LiveText(const LiveText &) = delete;
    LiveText &operator=(const LiveText &) = delete;

    /// Fill `bytes` with what lies at `address`; false if it cannot all be read.
    bool read(uint64_t address, std::span<uint8_t> bytes);
    /// Why nothing can be read; empty if that is not known to be so.
    [[nodiscard]] const std::string &trouble() const { return trouble_; }

  private:
    struct Segment {
        uint64_t start;
        uint64_t end;
        uint64_t offset; ///< in the file
    };
    void open();

    std::string path_;
    int fd_ = -1;
    bool tried_ = false;
    std::string trouble_;
    std::vector<Segment> segments_;
};

} // namespace dropctl::code

// SPDX-License-Identifier: GPL-2.0-only
// The time of an event as text: of day, since the one before, or of the epoch.
#pragma once

#include "cli.hpp"

#include <cstdint>
#include <ctime>
#include <string>

namespace dropctl::render {

class ClockText {
  public:
    explicit ClockText(TimeFormat format) : format_(format) {}

    /// Columns that every time takes.
    [[nodiscard]] size_t width() const;
    /// @param time_ns CLOCK_REALTIME
    std::string text(uint64_t time_ns);

  private:
    std::string wall(uint64_t time_ns);

    TimeFormat format_;
    uint64_t last_ns_ = 0; ///< of the event before
    int64_t second_ = -1;  ///< that time_of_day_ is the text of
    std::string time_of_day_;
};

/// "3h12m", "2d4h", "45s", "1.5s": the two largest units, or tenths of a few seconds.
std::string duration_text(uint64_t nanoseconds);

/// "1 284 033": groups of three digits.
std::string grouped(uint64_t number);

} // namespace dropctl::render

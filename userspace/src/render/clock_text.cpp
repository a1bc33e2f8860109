// SPDX-License-Identifier: GPL-2.0-only
#include "render/clock_text.hpp"

#include <fmt/format.h>

#include <array>

namespace dropctl::render {

namespace {
constexpr uint64_t second_ns = 1'000'000'000;
} // namespace

size_t ClockText::width() const {
    return format_ == TimeFormat::Epoch ? 20 : 12;
}

std::string ClockText::wall(uint64_t time_ns) {
    const auto second = static_cast<int64_t>(time_ns / second_ns);
    if (second != second_) {
        // The time zone's rules are looked up once a second, not once an event.
        const time_t plain = second;
        tm local{};
        localtime_r(&plain, &local);
        time_of_day_ = fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
        second_ = second;
    }
    return fmt::format("{}.{:03}", time_of_day_, time_ns % second_ns / 1'000'000);
}

std::string ClockText::text(uint64_t time_ns) {
    switch (format_) {
    case TimeFormat::Wall:
        return wall(time_ns);
    case TimeFormat::Epoch:
        return fmt::format("{}.{:09}", time_ns / second_ns, time_ns % second_ns);
    case TimeFormat::Delta:
        break;
    }
    // Events of several CPUs may come a little out of order: never before the last one.
    const uint64_t since = last_ns_ == 0 || time_ns < last_ns_ ? 0 : time_ns - last_ns_;
    last_ns_ = time_ns;
    return fmt::format("{:>5}.{:06}", fmt::format("+{}", since / second_ns),
                       since % second_ns / 1000);
}

std::string duration_text(uint64_t nanoseconds) {
    const uint64_t seconds = nanoseconds / second_ns;
    struct Unit {
        const char *name;
        uint64_t seconds;
    };
    constexpr std::array<Unit, 4> units{{{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}};
    for (size_t unit = 0; unit + 1 < units.size(); ++unit) {
        if (seconds >= units[unit].seconds) {
            const uint64_t rest = seconds % units[unit].seconds / units[unit + 1].seconds;
            return fmt::format("{}{}{}{}", seconds / units[unit].seconds, units[unit].name, rest,
                               units[unit + 1].name);
        }
    }
    return seconds < 10 ? fmt::format("{:.1f}s", static_cast<double>(nanoseconds) / 1e9)
                        : fmt::format("{}s", seconds);
}

std::string grouped(uint64_t number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (size_t at = 0; at < digits.size(); ++at) {
        if (at != 0 && (digits.size() - at) % 3 == 0) {
            text += ' ';
        }
        text += digits[at];
    }
    return text;
}

} // namespace dropctl::render

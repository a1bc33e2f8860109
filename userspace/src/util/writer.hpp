// SPDX-License-Identifier: GPL-2.0-only
// Text put together from many small pieces: a buffer that grows, with appends
// that the compiler turns into a few stores. Rendering an event is some eighty of
// them; std::string spends about thirty instructions on each.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace dropctl::util {

class Writer {
  public:
    explicit Writer(size_t capacity = 4096)
        : begin_(new char[capacity]), at_(begin_.get()), end_(at_ + capacity) {}

    [[nodiscard]] std::string_view view() const {
        return {begin_.get(), static_cast<size_t>(at_ - begin_.get())};
    }
    void clear() { at_ = begin_.get(); }

    void put(char letter) {
        make_room(1);
        *at_++ = letter;
    }

    void text(std::string_view text) {
        make_room(text.size());
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }

    /// A string literal, whose length the compiler knows.
    template <size_t Size> void literal(const char (&text)[Size]) {
        make_room(Size - 1);
        std::memcpy(at_, text, Size - 1);
        at_ += Size - 1;
    }

    void number(uint64_t value) {
        std::array<char, 20> digits; // NOLINT: all of it that is read is written before
        char *first = digits.data() + digits.size();
        while (value >= 100) {
            first -= 2;
            std::memcpy(first, pairs.data() + (value % 100 * 2), 2);
            value /= 100;
        }
        if (value >= 10) {
            first -= 2;
            std::memcpy(first, pairs.data() + (value * 2), 2);
        } else {
            *--first = static_cast<char>('0' + value);
        }
        text({first, static_cast<size_t>(digits.data() + digits.size() - first)});
    }

    /// Lower case, without 0x, at least one digit.
    void hex(uint64_t value) {
        int digits = value == 0 ? 1 : (67 - __builtin_clzll(value)) / 4;
        make_room(static_cast<size_t>(digits));
        for (; digits > 0; --digits) {
            *at_++ = "0123456789abcdef"[(value >> (4 * (digits - 1))) & 15];
        }
    }

  private:
    void make_room(size_t size) {
        if (static_cast<size_t>(end_ - at_) < size) {
            grow(size);
        }
    }
    void grow(size_t size);

    static constexpr std::array<char, 200> pairs = [] {
        std::array<char, 200> all{};
        for (size_t value = 0; value < 100; ++value) {
            all[2 * value] = static_cast<char>('0' + value / 10);
            all[2 * value + 1] = static_cast<char>('0' + value % 10);
        }
        return all;
    }();

    std::unique_ptr<char[]> begin_;
    char *at_;
    char *end_;
};

} // namespace dropctl::util

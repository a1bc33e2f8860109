// SPDX-License-Identifier: GPL-2.0-only
// Text put together from many small pieces: a buffer that grows, with one check
// of its room for any number of pieces, which the compiler then turns into a few
// stores each. Rendering an event is some eighty of them; std::string spends about
// thirty instructions on each.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace dropctl::util {

/// A piece of text for Writer::add(): a number in decimal.
struct Decimal {
    uint64_t value;
};

/// A number in hexadecimal: lower case, without 0x, at least one digit.
struct Hex {
    uint64_t value;
};

class Writer {
  public:
    explicit Writer(size_t capacity = 4096)
        : begin_(new char[capacity]), at_(begin_.get()), end_(at_ + capacity) {}

    [[nodiscard]] std::string_view view() const { return {begin_.get(), size()}; }
    [[nodiscard]] size_t size() const { return static_cast<size_t>(at_ - begin_.get()); }
    void clear() { at_ = begin_.get(); }

    /// Append pieces: string literals, std::string_view, char, Decimal, Hex.
    template <typename... Pieces> void add(const Pieces &...pieces) {
        make_room((room(pieces) + ...));
        char *at = at_;
        ((at = write(at, pieces)), ...);
        at_ = at;
    }

    void put(char letter) { add(letter); }
    void text(std::string_view text) { add(text); }
    void number(uint64_t value) { add(Decimal{value}); }
    void hex(uint64_t value) { add(Hex{value}); }

  private:
    // Digits are copied as a block of this size, of which as many count as there are.
    static constexpr size_t digits_block = 24;
    static constexpr size_t hex_block = 16;

    /// Bytes that write() may touch.
    template <size_t Size> static constexpr size_t room(const char (&)[Size]) { return Size - 1; }
    static constexpr size_t room(char) { return 1; }
    static size_t room(std::string_view text) { return text.size(); }
    static constexpr size_t room(Decimal) { return digits_block; }
    static constexpr size_t room(Hex) { return hex_block; }

    template <size_t Size> static char *write(char *at, const char (&text)[Size]) {
        std::memcpy(at, text, Size - 1);
        return at + Size - 1;
    }

    static char *write(char *at, char letter) {
        *at = letter;
        return at + 1;
    }

    static char *write(char *at, std::string_view text) {
        const size_t size = text.size();
        if (size >= 4 && size <= 16) {
            // Most are as short as this: two copies that overlap, and no call.
            const size_t half = size >= 8 ? 8 : 4;
            copy(at, text.data(), half);
            copy(at + size - half, text.data() + size - half, half);
        } else {
            std::memcpy(at, text.data(), size);
        }
        return at + size;
    }

    static void copy(char *to, const char *from, size_t four_or_eight) {
        if (four_or_eight == 8) {
            std::memcpy(to, from, 8);
        } else {
            std::memcpy(to, from, 4);
        }
    }

    static char *write(char *at, Decimal number) {
        uint64_t value = number.value;
        if (value < 10) {
            return write(at, static_cast<char>('0' + value));
        }
        std::array<char, 2 * digits_block> digits; // NOLINT: what is read of it and counts is set
        char *const end = digits.data() + digits_block;
        char *first = end;
        for (; value >= 100; value /= 100) {
            first -= 2;
            std::memcpy(first, pairs.data() + (value % 100 * 2), 2);
        }
        first -= 2;
        std::memcpy(first, pairs.data() + (value * 2), 2);
        first += value < 10 ? 1 : 0;
        std::memcpy(at, first, digits_block);
        return at + (end - first);
    }

    static char *write(char *at, Hex number) {
        std::array<char, 2 * hex_block> digits; // NOLINT: as above
        uint64_t value = number.value;
        for (size_t pair = hex_block; pair > 0; value >>= 8U) {
            pair -= 2;
            std::memcpy(digits.data() + pair, hex_pairs.data() + ((value & 255) * 2), 2);
        }
        const auto used =
            static_cast<size_t>(number.value == 0 ? 1 : (67 - __builtin_clzll(number.value)) / 4);
        std::memcpy(at, digits.data() + hex_block - used, hex_block);
        return at + used;
    }

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

    static constexpr std::array<char, 512> hex_pairs = [] {
        constexpr std::string_view letters = "0123456789abcdef";
        std::array<char, 512> all{};
        for (size_t value = 0; value < 256; ++value) {
            all[2 * value] = letters[value / 16];
            all[2 * value + 1] = letters[value % 16];
        }
        return all;
    }();

    std::unique_ptr<char[]> begin_;
    char *at_;
    char *end_;
};

} // namespace dropctl::util

// SPDX-License-Identifier: GPL-2.0-only
// Written by hand: inet_ntop() and fmt take several times as long, and this runs
// four times for every event of a stream.
#include "packet/address.hpp"

#include <array>
#include <cstring>

namespace dropctl::packet {

namespace {

constexpr const char *hex_digits = "0123456789abcdef";

/// An octet with the dot before it, and how much of that is used.
struct Octet {
    std::array<char, 4> text;
    uint8_t size;
};

constexpr std::array<Octet, 256> octets = [] {
    std::array<Octet, 256> all{};
    for (unsigned value = 0; value < all.size(); ++value) {
        Octet &octet = all[value];
        octet.text[octet.size++] = '.';
        for (unsigned power = value >= 100 ? 100 : value >= 10 ? 10 : 1; power != 0; power /= 10) {
            octet.text[octet.size++] = static_cast<char>('0' + value / power % 10);
        }
    }
    return all;
}();

constexpr size_t ipv4_room = 20; ///< for 15 characters, the dot before and what is copied behind

/// Leaves a dot before the address: the text begins one character further on.
char *put_dotted_ipv4(char *at, Bytes address) {
    for (size_t i = 0; i < 4; ++i) {
        const Octet &octet = octets[address[i]];
        std::memcpy(at, octet.text.data(), octet.text.size());
        at += octet.size;
    }
    return at;
}

/// Each digit is written; one that leads and is 0 is written over by the next.
char *put_group(char *at, unsigned group) {
    *at = hex_digits[group >> 12];
    at += group >= 0x1000 ? 1 : 0;
    *at = hex_digits[group >> 8 & 0xf];
    at += group >= 0x100 ? 1 : 0;
    *at = hex_digits[group >> 4 & 0xf];
    at += group >= 0x10 ? 1 : 0;
    *at++ = hex_digits[group & 0xf];
    return at;
}

/// Groups to be written as "::": the longest run of two or more, the first of equals.
struct Gap {
    size_t start = 8;
    size_t size = 1; ///< one group alone is not shortened
};

Gap find_gap(const std::array<uint16_t, 8> &groups) {
    Gap gap;
    size_t start = 0;
    for (size_t i = 0; i <= groups.size(); ++i) {
        if (i == groups.size() || groups[i] != 0) {
            if (i - start > gap.size) {
                gap = {start, i - start};
            }
            start = i + 1;
        }
    }
    return gap;
}

} // namespace

void append_number(std::string &text, uint32_t number) {
    std::array<char, 10> digits{};
    char *at = digits.data() + digits.size();
    do {
        *--at = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    text.append(at, digits.data() + digits.size());
}

void append_hex(std::string &text, uint32_t number) {
    std::array<char, 8> digits{};
    char *at = digits.data() + digits.size();
    do {
        *--at = hex_digits[number & 0xf];
        number >>= 4;
    } while (number != 0);
    text.append(at, digits.data() + digits.size());
}

void append_ipv4(std::string &text, Bytes address) {
    std::array<char, ipv4_room> buffer; // NOLINT: all of it that is read is written before
    text.append(buffer.data() + 1, put_dotted_ipv4(buffer.data(), address));
}

void append_ipv6(std::string &text, Bytes address) {
    std::array<uint16_t, 8> groups{};
    for (size_t i = 0; i < groups.size(); ++i) {
        groups[i] = be16(address, 2 * i);
    }
    const Gap gap = find_gap(groups);
    const bool is_mapped = gap.start == 0 && gap.size == 5 && groups[5] == 0xffff;
    std::array<char, 40 + ipv4_room> buffer; // NOLINT: as above
    char *at = buffer.data();
    for (size_t i = 0; i < groups.size(); ++i) {
        if (i == gap.start) {
            *at++ = ':';
            *at++ = ':';
            i += gap.size - 1;
            continue;
        }
        if (is_mapped && i == 6) {
            at = put_dotted_ipv4(at, address.subspan(12));
            buffer[sizeof("::ffff") - 1] = ':'; // where the dot was
            break;
        }
        if (i != 0 && i != gap.start + gap.size) {
            *at++ = ':';
        }
        at = put_group(at, groups[i]);
    }
    text.append(buffer.data(), at);
}

void append_mac(std::string &text, Bytes address) {
    for (size_t i = 0; i < 6; ++i) {
        if (i != 0) {
            text += ':';
        }
        text += hex_digits[address[i] >> 4];
        text += hex_digits[address[i] & 0xf];
    }
}

} // namespace dropctl::packet

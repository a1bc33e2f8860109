// SPDX-License-Identifier: GPL-2.0-only
// Written by hand: inet_ntop() and fmt take several times as long, and this runs
// four times for every event of a stream.
#include "packet/address.hpp"

#include <array>

namespace dropctl::packet {

namespace {

constexpr const char *hex_digits = "0123456789abcdef";

char *put_octet(char *at, unsigned octet) {
    if (octet >= 100) {
        *at++ = static_cast<char>('0' + octet / 100);
    }
    if (octet >= 10) {
        *at++ = static_cast<char>('0' + octet / 10 % 10);
    }
    *at++ = static_cast<char>('0' + octet % 10);
    return at;
}

char *put_ipv4(char *at, Bytes address) {
    for (size_t i = 0; i < 4; ++i) {
        if (i != 0) {
            *at++ = '.';
        }
        at = put_octet(at, address[i]);
    }
    return at;
}

char *put_group(char *at, unsigned group) {
    bool begun = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        const unsigned digit = group >> shift & 0xf;
        begun |= digit != 0 || shift == 0;
        if (begun) {
            *at++ = hex_digits[digit];
        }
    }
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
    std::array<char, 16> buffer; // NOLINT: all of it that is read is written before
    text.append(buffer.data(), put_ipv4(buffer.data(), address));
}

void append_ipv6(std::string &text, Bytes address) {
    std::array<uint16_t, 8> groups{};
    for (size_t i = 0; i < groups.size(); ++i) {
        groups[i] = be16(address, 2 * i);
    }
    const Gap gap = find_gap(groups);
    const bool is_mapped = gap.start == 0 && gap.size == 5 && groups[5] == 0xffff;
    std::array<char, 48> buffer; // NOLINT: as above
    char *at = buffer.data();
    for (size_t i = 0; i < groups.size(); ++i) {
        if (i == gap.start) {
            *at++ = ':';
            *at++ = ':';
            i += gap.size - 1;
            continue;
        }
        if (i != 0 && i != gap.start + gap.size) {
            *at++ = ':';
        }
        if (is_mapped && i == 6) {
            at = put_ipv4(at, address.subspan(12));
            break;
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

// SPDX-License-Identifier: GPL-2.0-only
#include "util/escape.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace dropctl::util {

namespace {

/// Bytes of the UTF-8 sequence that `text` begins with; 0 if it is none. Control
/// characters of the second block (U+0080 to U+009F) count as none: terminals obey them.
size_t sequence(std::string_view text) {
    const auto byte = [text](size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(0);
    const size_t length = first < 0x80                    ? 1
                          : first >= 0xc2 && first < 0xe0 ? 2
                          : first >= 0xe0 && first < 0xf0 ? 3
                          : first >= 0xf0 && first < 0xf5 ? 4
                                                          : 0;
    if (length == 0 || length > text.size()) {
        return 0;
    }
    for (size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xc0) != 0x80) {
            return 0;
        }
    }
    const bool too_long = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool not_a_character =
        (first == 0xed && byte(1) >= 0xa0) || (first == 0xf4 && byte(1) >= 0x90);
    const bool control = first == 0xc2 && byte(1) < 0xa0;
    return too_long || not_a_character || control ? 0 : length;
}

bool harmless(unsigned char byte) {
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

} // namespace

std::string printable(std::string_view text) {
    std::string safe;
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text[0]);
        size_t length = sequence(text);
        if (length == 0 || byte < 0x20 || byte == 0x7f) {
            length = 1;
            safe += fmt::format("\\x{:02x}", byte);
        } else {
            safe += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return safe;
}

namespace {

/// The slow way: from the first character on that cannot stand as it is.
void append_escaped(Writer &out, std::string_view text) {
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text[0]);
        size_t length = sequence(text);
        if (byte == '"' || byte == '\\') {
            out.add('\\', text[0]);
        } else if (length == 0 || byte < 0x20 || byte == 0x7f) {
            length = 1;
            out.text(fmt::format("\\u{:04x}", byte));
        } else {
            out.text(text.substr(0, length));
        }
        text.remove_prefix(length);
    }
}

} // namespace

void append_json_string(Writer &out, std::string_view text) {
    size_t plain = 0;
    while (plain < text.size() && harmless(static_cast<unsigned char>(text[plain]))) {
        ++plain;
    }
    if (plain == text.size()) {
        out.add('"', text, '"');
        return;
    }
    out.add('"', text.substr(0, plain));
    append_escaped(out, text.substr(plain));
    out.add('"');
}

std::string json_string(std::string_view text) {
    Writer out(text.size() + 16);
    append_json_string(out, text);
    return std::string(out.view());
}

std::string shell_word(const std::string &text) {
    const auto harmless = [](char character) {
        return std::isalnum(static_cast<unsigned char>(character)) != 0 ||
               std::string_view("_-./:@%+=,").find(character) != std::string_view::npos;
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), harmless)) {
        return text;
    }
    std::string out = "'";
    for (const char character : text) {
        out += character == '\'' ? std::string("'\\''") : std::string(1, character);
    }
    return out + "'";
}

} // namespace dropctl::util

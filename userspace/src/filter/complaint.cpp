// SPDX-License-Identifier: GPL-2.0-only
// libpcap says "syntax error" and not where. But its scanner reports some words
// that are wrong by themselves, and the first complaint is the one it gives: so
// when a malformed address is put behind the first n words, the message tells
// whether the parser got that far.
#include "filter/complaint.hpp"

#include "filter/pcap_parser.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace dropctl::filter {

namespace {

/// A part of the expression.
struct Word {
    size_t start;
    size_t size;
};

constexpr std::string_view operators = "()[]!&|=<>+*^%~";

/// Words as libpcap's scanner has them, except that "1:2" and "10/8" stay whole.
std::vector<Word> split(std::string_view text) {
    std::vector<Word> words;
    size_t at = 0;
    while ((at = text.find_first_not_of(" \t", at)) != std::string_view::npos) {
        size_t end = at + 1;
        if (operators.find(text[at]) == std::string_view::npos) {
            end = std::min(text.find_first_of(" \t()[]!&|=<>+*^%~", at), text.size());
        } else if (end < text.size()) {
            constexpr std::array<std::string_view, 7> pairs{
                "&&", "||", "<=", ">=", "!=", "==", "<<"};
            const auto pair = text.substr(at, 2);
            end += (pair == ">>" || std::find(pairs.begin(), pairs.end(), pair) != pairs.end());
        }
        words.push_back({at, end - at});
        at = end;
    }
    return words;
}

/// Does the parser get past so much of the expression?
bool is_accepted(std::string_view text) {
    return !parse(std::string(text) + " ::999.1.1.1").is_syntax_error();
}

/// The first word that the parser does not take; words.size() if it is the end.
std::optional<size_t> find_culprit(std::string_view text, const std::vector<Word> &words) {
    if (!is_accepted("")) { // another libpcap, with another scanner
        return std::nullopt;
    }
    size_t accepted = 0;
    size_t refused = words.size() + 1;
    while (refused - accepted > 1) {
        const size_t middle = (accepted + refused) / 2;
        const Word &last = words[middle - 1];
        (is_accepted(text.substr(0, last.start + last.size)) ? accepted : refused) = middle;
    }
    return refused - 1;
}

/// The word that a message quotes: unknown host 'foo'.
std::optional<size_t> find_quoted(std::string_view text, const std::vector<Word> &words,
                                  std::string_view message) {
    for (size_t i = 0; i < words.size(); ++i) {
        const std::string word(text.substr(words[i].start, words[i].size));
        if (message.find("'" + word + "'") != std::string_view::npos ||
            message.find("\"" + word + "\"") != std::string_view::npos) {
            return i;
        }
    }
    return std::nullopt;
}

constexpr std::array<std::string_view, 24> keywords{
    "and", "or",    "not",   "host", "net",  "port",    "portrange", "src",
    "dst", "proto", "ether", "vlan", "mpls", "arp",     "icmp",      "icmp6",
    "ip6", "tcp",   "udp",   "sctp", "igmp", "greater", "less",      "multicast"};

bool is_keyword(std::string_view word) {
    return std::find(keywords.begin(), keywords.end(), word) != keywords.end();
}

/// A keyword that is one letter away from a word.
std::string_view likely_keyword(std::string_view word) {
    const auto is_near = [&](std::string_view keyword) {
        const size_t same = static_cast<size_t>(
            std::mismatch(word.begin(), word.end(), keyword.begin(), keyword.end()).first -
            word.begin());
        const auto rest = [same](std::string_view text, size_t skip) {
            return text.substr(std::min(same + skip, text.size()));
        };
        return rest(word, 1) == rest(keyword, 1) || rest(word, 1) == rest(keyword, 0) ||
               rest(word, 0) == rest(keyword, 1) ||
               (word.size() == keyword.size() && rest(word, 2) == rest(keyword, 2) &&
                word.substr(same, 1) == keyword.substr(same + 1, 1) &&
                word.substr(same + 1, 1) == keyword.substr(same, 1));
    };
    const auto found = std::find_if(keywords.begin(), keywords.end(), is_near);
    return word.size() < 2 || found == keywords.end() ? std::string_view{} : *found;
}

/// On one line, whatever was typed, so that carets can be put below.
std::string printable(std::string text) {
    for (char &c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
            c = ' ';
        }
    }
    return text;
}

std::string with_carets(const std::string &text, const Word &word) {
    return "\n  " + text + "\n  " + std::string(word.start, ' ') + std::string(word.size, '^');
}

} // namespace

Error complain(const std::string &expression, const std::string &message) {
    const std::string text = printable(expression);
    const auto words = split(text);
    const bool is_syntax = message == "syntax error";
    const auto culprit = is_syntax ? find_culprit(text, words) : find_quoted(text, words, message);
    Error error{"filter", "cannot parse the expression: " + message,
                "pcap-filter(7) has the syntax"};
    if (!culprit) {
        error.why += "\n  " + text;
    } else if (*culprit == words.size()) {
        error.why += " at its end" + with_carets(text, {text.size(), 1});
    } else {
        const Word &word = words[*culprit];
        const auto written = text.substr(word.start, word.size);
        error.why += (is_syntax ? " near '" + written + "'" : "") + with_carets(text, word);
        if (is_syntax && is_keyword(written)) {
            error.hint += "; something is missing before '" + written + "'";
        } else if (const auto keyword = likely_keyword(written); is_syntax && !keyword.empty()) {
            error.hint += "; did you mean '" + std::string(keyword) + "'?";
        } else if (is_syntax) {
            error.hint += "; 'and' joins two conditions";
        }
    }
    return error;
}

} // namespace dropctl::filter

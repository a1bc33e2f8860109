// SPDX-License-Identifier: GPL-2.0-only
#include "explain/generic.hpp"

#include "explain/facts_of.hpp"
#include "util/escape.hpp"
#include "util/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace dropctl::explain {

namespace {

using diagnose::Link;
using diagnose::NamedOperand;

constexpr std::string_view blanks = " \t";

/// "== 3" of "skb->len == 3", with the value of the other side where that is known.
std::string outcome(const Link &link) {
    const NamedOperand &left = link.values.front();
    if (!link.condition.starts_with(left.expression + " ")) {
        return {};
    }
    std::string rest = link.condition.substr(left.expression.size() + 1);
    const std::string right = link.values.size() > 1 ? value_text(link.values[1]) : std::string();
    if (!right.empty()) {
        rest = rest.substr(0, rest.find(' ') + 1) + right;
    }
    return rest;
}

/// Whether a number relates to another as the text says, by one of the ways in which
/// processors compare.
bool relates(uint64_t left, std::string_view relation, uint64_t right) {
    const auto one = static_cast<int64_t>(left);
    const auto other = static_cast<int64_t>(right);
    return (relation == "==" && left == right) || (relation == "!=" && left != right) ||
           (relation == "<" && (left < right || one < other)) ||
           (relation == "<=" && (left <= right || one <= other)) ||
           (relation == ">" && (left > right || one > other)) ||
           (relation == ">=" && (left >= right || one >= other));
}

/// The comparison with numbers, as "37 < 900"; empty if they do not bear it out: the value is
/// then what came before some arithmetic.
std::string in_numbers(const NamedOperand &left, const std::string &rest) {
    const size_t blank = rest.find(' ');
    const auto right = util::parse_number(rest.substr(std::min(blank + 1, rest.size())));
    if (blank == std::string::npos || !right ||
        left.value != util::parse_number(value_text(left))) {
        return {};
    }
    const std::string relation = rest.substr(0, blank);
    const size_t ampersand = left.expression.rfind(" & ");
    if (ampersand == std::string::npos) {
        return relates(*left.value, relation, *right) ? fmt::format("{} {}", *left.value, rest)
                                                      : "";
    }
    const std::string mask = left.expression.substr(ampersand + 3);
    return relates(*left.value & util::parse_number(mask).value_or(0), relation, *right)
               ? fmt::format("{} & {} {}", *left.value, mask, rest)
               : "";
}

/// "skb->len was 37 (37 < 900)".
std::string comparison(const Link &link) {
    if (link.values.empty() || !link.values.front().value) {
        return link.condition.empty() ? std::string() : "it held that " + link.condition;
    }
    const NamedOperand &left = link.values.front();
    const std::string value = value_text(left);
    const std::string rest = outcome(link);
    const std::string numbers = rest == "== " + value ? "" : in_numbers(left, rest);
    if (!is_named(left)) {
        return numbers.empty() ? "the value tested was " + value : "it held that " + numbers;
    }
    // Of a part of a field the value is not that of what is named.
    if (left.expression.find(" & ") != std::string::npos && !numbers.empty()) {
        return "it held that " + numbers;
    }
    return fmt::format("{} was {}{}", left.expression, value,
                       numbers.empty() ? "" : " (" + numbers + ")");
}

std::string at_statement(const Link &cause, const std::string &statement) {
    return statement.empty() ? fmt::format("in {}(), ", cause.function)
                             : fmt::format("{}() decided at `{}`: ", cause.function, statement);
}

std::string search(const Link &cause, const std::string &statement) {
    std::string text =
        statement.empty() ? fmt::format("{}() went through all there was", cause.function)
                          : fmt::format("{}() went through all of `{}`", cause.function, statement);
    return text + " and found nothing that matches";
}

/// What the statement that decided looked at.
std::string decision(const Link &cause, const std::string &statement) {
    if (!cause.callee.empty() && cause.retval) {
        return fmt::format("{}() returned {} to {}()", cause.callee, cause.retval_full,
                           cause.function);
    }
    if (cause.loop_ended) {
        return search(cause, statement);
    }
    if (!cause.callee.empty() && cause.why == "return") {
        return at_statement(cause, statement) + "what " + cause.callee + "() returned decided";
    }
    if (cause.why == "store") {
        return at_statement(cause, statement) + "this stored the value that was acted on later";
    }
    const std::string tested = comparison(cause);
    if (!tested.empty()) {
        return at_statement(cause, statement) + tested;
    }
    return fmt::format("{}() drops whatever gets here", cause.function);
}

/// What that was handed up as, from the deepest function to the one that freed.
std::string consequence(const diagnose::Diagnosis &diagnosis) {
    std::string text;
    for (size_t i = diagnosis.chain.size(); i-- > 0;) {
        const Link &link = diagnosis.chain[i];
        if (i + 1 == diagnosis.chain.size() || link.callee.empty() || !link.retval) {
            continue;
        }
        text += fmt::format("{}{}() returned {}", text.empty() ? "; so " : ", ", link.callee,
                            link.retval_full);
    }
    return text;
}

} // namespace

std::string statement_text(const std::string &line) {
    std::string text;
    for (const char character : line) {
        if (blanks.find(character) == std::string_view::npos) {
            text += character;
        } else if (!text.empty() && text.back() != ' ') {
            text += ' ';
        }
    }
    while (text.ends_with(' ') || text.ends_with('{')) {
        text.pop_back();
    }
    return util::printable(text);
}

bool is_named(const NamedOperand &operand) {
    constexpr std::array registers{"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "rip"};
    const std::string word = operand.expression.substr(0, operand.expression.find(' '));
    const bool numbered = word.size() >= 2 && word[0] == 'r' && word[1] >= '0' && word[1] <= '9';
    return !word.empty() && word[0] != '[' && !numbered &&
           std::find(registers.begin(), registers.end(), word) == registers.end();
}

std::string sentence(const diagnose::Diagnosis &diagnosis, const render::SourceLine &source) {
    const Link *cause = diagnosis.cause();
    if (cause == nullptr) {
        return "nothing was recorded that led to the drop";
    }
    const std::string statement =
        cause->line == 0 ? std::string() : statement_text(source(cause->file, cause->line));
    return decision(*cause, statement) + consequence(diagnosis);
}

std::vector<diagnose::Advice> trace_command(const diagnose::Diagnosis &diagnosis,
                                            const std::string &expression) {
    const Link *cause = diagnosis.cause();
    if (cause == nullptr) {
        return {};
    }
    const std::string function =
        cause->function + (cause->module.empty() ? "" : "@" + cause->module);
    return {{fmt::format("dropctl trace {} --values @args{}", function,
                         expression.empty() ? "" : " -- " + expression),
             true}};
}

} // namespace dropctl::explain

// SPDX-License-Identifier: GPL-2.0-only
#include "render/diagnosis_text.hpp"

#include "explain/facts_of.hpp"
#include "explain/generic.hpp"
#include "render/packet_text.hpp"
#include "render/place_text.hpp"
#include "util/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace dropctl::render {

namespace {

/// Columns of "BECAUSE" and what separates it from the text.
constexpr size_t head_width = 9;
constexpr size_t name_most = 36;
constexpr size_t place_most = 40;
/// What a statement needs at least, to stand in the same line as its place.
constexpr size_t statement_least = 40;
constexpr size_t gap = 2;

std::string place_of(const diagnose::Link &link) {
    return link.line == 0 ? fmt::format("{:#x}", link.address)
                          : fmt::format("{}:{}", link.file, link.line);
}

std::string name_of(const diagnose::Link &link, size_t depth) {
    return (depth == 0 ? "" : std::string(2 * (depth - 1), ' ') + "└ ") +
           util::printable(link.function) +
           (link.module.empty() ? "" : " [" + util::printable(link.module) + "]");
}

/// Text in lines of at most `width` columns, broken at blanks.
std::vector<std::string> wrap(std::string_view text, size_t width) {
    std::vector<std::string> lines(1);
    while (!text.empty()) {
        const size_t blank = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, blank);
        text.remove_prefix(std::min(blank + 1, text.size()));
        std::string &line = lines.back();
        if (!line.empty() && util::display_width(line) + 1 + util::display_width(word) > width) {
            lines.emplace_back(word);
        } else {
            line += (line.empty() ? "" : " ") + std::string(word);
        }
    }
    return lines;
}

/// The value that its callee returned is told already.
bool is_returned(const diagnose::Link &link, const diagnose::NamedOperand &value) {
    return link.retval && value.expression.ends_with("()");
}

} // namespace

std::string DiagnosisText::packet(const diagnose::Diagnosis &diagnosis) {
    packet::Packet packet;
    packet::dissect(diagnosis.drop, packet);
    std::string text = addresses(packet);
    for (const std::string &part : {protocol(packet), details(packet)}) {
        text.append(part.empty() ? "" : "  ").append(part);
    }
    text += fmt::format("  {} bytes", diagnosis.drop.len);
    const std::string dev =
        devs_.text(diagnosis.drop.dev, diagnosis.drop.ifindex, diagnosis.drop.netns);
    return text + (dev.empty() ? "" : "  " + dev);
}

/// Text beside a head, its lines below each other.
std::string DiagnosisText::headed(std::string_view head, const std::string &text) {
    std::string out;
    const size_t width = std::max(options_.columns, 2 * statement_least) - head_width;
    for (const std::string &line : wrap(util::printable(text), width)) {
        const std::string padding(head_width - util::display_width(head), ' ');
        out.append(paint_.bold(head)).append(padding).append(line).append("\n");
        head = "";
    }
    return out;
}

std::string DiagnosisText::verdict(const diagnose::Diagnosis &diagnosis) {
    const diagnose::Link *cause = diagnosis.cause();
    std::string text = headed(diagnosis.complete ? "BECAUSE" : "PERHAPS", diagnosis.explanation);
    if (diagnosis.decision != diagnosis.explanation) {
        text += headed("", diagnosis.decision);
    }
    if (cause != nullptr) {
        text +=
            std::string(head_width, ' ') + paint_.bold(util::printable(place_of(*cause))) + "\n";
    }
    if (!diagnosis.complete) {
        text += paint_.yellow(headed("", "not certain: " + diagnosis.why_incomplete));
    }
    return text;
}

std::string DiagnosisText::attempts(const diagnose::Diagnosis &diagnosis) {
    std::string text;
    std::string_view head = "TRY";
    for (const diagnose::Advice &advice : diagnosis.advice) {
        // Commands are to be copied: no line of ours breaks them.
        text += advice.command
                    ? util::pad_right(paint_.bold(head), head_width + paint_.bold(head).size() -
                                                             util::display_width(head)) +
                          paint_.cyan(util::printable(advice.text)) + "\n"
                    : headed(head, advice.text);
        head = "";
    }
    return text;
}

std::string DiagnosisText::statement(const diagnose::Link &link) {
    std::string source =
        link.line == 0 ? "" : explain::statement_text(source_(link.file, link.line));
    if (!source.empty()) {
        return source;
    }
    return util::printable(!link.condition.empty() ? link.condition
                           : !link.callee.empty()  ? link.callee + "()"
                                                   : link.why);
}

std::string DiagnosisText::values(const diagnose::Link &link, size_t depth, bool last) {
    std::string text;
    for (const diagnose::NamedOperand &value : link.values) {
        const bool worth =
            options_.verbose || (last ? !is_returned(link, value)
                                      : explain::is_named(value) && !is_returned(link, value));
        if (value.value && worth) {
            text += std::string((2 * depth) + 4, ' ') +
                    paint_.cyan(
                        util::printable(value.expression + " = " + explain::value_text(value))) +
                    "\n";
        }
    }
    return text;
}

std::string DiagnosisText::link(const diagnose::Link &link, size_t depth, const Widths &widths) {
    std::string returned;
    if (link.retval && !link.callee.empty()) {
        returned = util::printable(link.callee + " = " + link.retval_full);
    }
    const std::string head = util::pad_right(name_of(link, depth), widths.name) + "  " +
                             util::pad_right(util::printable(place_of(link)), widths.place);
    const size_t begin = widths.one_line ? util::display_width(head) + gap : (2 * depth) + 4;
    const size_t behind = returned.empty() ? 0 : util::display_width(returned) + gap + 1;
    const size_t room = options_.columns > begin + behind ? options_.columns - begin - behind : 0;
    std::string text = widths.one_line ? head + "  " : head;
    if (!widths.one_line) {
        while (text.ends_with(' ')) {
            text.pop_back();
        }
        text += "\n" + std::string(begin, ' ');
    }
    text += util::cut(statement(link), std::max(room, statement_least / 2));
    return text + (returned.empty() ? "" : "   " + paint_.bold(returned)) + "\n";
}

DiagnosisText::Widths DiagnosisText::widths(const std::vector<diagnose::Link> &links,
                                            size_t depth) const {
    Widths widths;
    for (const diagnose::Link &each : links) {
        widths.name = std::max(widths.name, util::display_width(name_of(each, depth++)));
        widths.place = std::max(widths.place, util::display_width(place_of(each)));
    }
    widths.name = std::min(widths.name, name_most);
    widths.place = std::min(widths.place, place_most);
    widths.one_line = widths.name + widths.place + 2 * gap + statement_least <= options_.columns;
    return widths;
}

std::string DiagnosisText::chain(const diagnose::Diagnosis &diagnosis) {
    std::string text;
    const Widths wide = widths(diagnosis.chain, 0);
    for (size_t i = 0; i < diagnosis.chain.size(); ++i) {
        const bool last = i + 1 == diagnosis.chain.size();
        text += link(diagnosis.chain[i], i, wide) + values(diagnosis.chain[i], i, last);
    }
    return text;
}

/// The other tests, each line of source once. Only doubt makes them worth reading.
std::string DiagnosisText::also(const diagnose::Diagnosis &diagnosis) {
    if (diagnosis.complete && !options_.verbose) {
        return {};
    }
    std::vector<diagnose::Link> others;
    std::set<std::string> seen;
    if (const diagnose::Link *cause = diagnosis.cause(); cause != nullptr) {
        seen.insert(place_of(*cause));
    }
    for (const diagnose::Link &each : diagnosis.also) {
        if (options_.verbose || seen.insert(place_of(each)).second) {
            others.push_back(each);
        }
    }
    if (others.empty()) {
        return {};
    }
    std::string text = paint_.dim("each of these could have avoided it as well:") + "\n";
    Widths wide;
    for (const diagnose::Link &each : others) {
        const Widths one = widths({each}, 1);
        wide.name = std::max(wide.name, one.name);
        wide.place = std::max(wide.place, one.place);
    }
    wide.one_line = wide.name + wide.place + 2 * gap + statement_least <= options_.columns;
    for (const diagnose::Link &each : others) {
        text += link(each, 1, wide) + values(each, 1, false);
    }
    return text;
}

std::string DiagnosisText::footer(const diagnose::Diagnosis &diagnosis) {
    const PlaceText place = place_text(names_.location(diagnosis.drop.location));
    std::string text = "freed by " + place.function + (place.line.empty() ? "" : "  " + place.line);
    if (diagnosis.drop.reason) {
        text += "  reason " + util::printable(names_.reason(*diagnosis.drop.reason));
    }
    text += "\n";
    if (!diagnosis.reason_doc.empty()) {
        for (const std::string &line :
             wrap(util::printable("the kernel says: " + diagnosis.reason_doc), options_.columns)) {
            text += paint_.dim(line) + "\n";
        }
    }
    return text + fmt::format("{} {} looked at · {} points, {} not traceable · {} lost\n",
                              diagnosis.rounds, diagnosis.rounds == 1 ? "drop" : "drops",
                              diagnosis.points, diagnosis.unprobed, diagnosis.lost.total());
}

std::string DiagnosisText::text(const diagnose::Diagnosis &diagnosis) {
    return headed("DROPPED", packet(diagnosis)) + verdict(diagnosis) + attempts(diagnosis) + "\n" +
           chain(diagnosis) + also(diagnosis) + footer(diagnosis);
}

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
#include "render/diagnosis_text.hpp"

#include "render/packet_text.hpp"
#include "render/place_text.hpp"
#include "util/escape.hpp"

#include <fmt/format.h>

namespace dropctl::render {

namespace {

constexpr size_t name_width = 28;
constexpr size_t place_width = 28;

std::string place_of(const diagnose::Link &link) {
    return link.line == 0 ? fmt::format("{:#x}", link.address)
                          : fmt::format("{}:{}", link.file, link.line);
}

std::string trimmed(const std::string &source) {
    const size_t first = source.find_first_not_of(" \t");
    return first == std::string::npos ? std::string() : util::printable(source.substr(first));
}

} // namespace

std::string DiagnosisText::packet(const diagnose::Diagnosis &diagnosis) {
    packet::Packet packet;
    packet::dissect(diagnosis.drop, packet);
    std::string text = addresses(packet);
    for (const std::string &part : {protocol(packet), details(packet)}) {
        text += part.empty() ? "" : "  " + part;
    }
    text += fmt::format("  {} bytes", diagnosis.drop.len);
    const std::string dev =
        devs_.text(diagnosis.drop.dev, diagnosis.drop.ifindex, diagnosis.drop.netns);
    return text + (dev.empty() ? "" : "  " + dev);
}

std::string DiagnosisText::link(const diagnose::Link &link, size_t depth) {
    const std::string tree = depth == 0 ? "" : std::string(2 * (depth - 1), ' ') + "└ ";
    const std::string name =
        tree + link.function + (link.module.empty() ? "" : " [" + link.module + "]");
    std::string statement = trimmed(source_(link.file, link.line));
    if (statement.empty()) {
        statement = !link.condition.empty() ? link.condition
                    : !link.callee.empty()  ? link.callee + "()"
                                            : link.why;
    }
    std::string line = util::pad_right(name, name_width) + "  " +
                       util::pad_right(place_of(link), place_width) + "  " + statement;
    if (link.retval) {
        line += "   " + paint_.bold(link.callee + " = " + link.retval_full);
    }
    line += "\n";
    for (const diagnose::NamedOperand &value : link.values) {
        if (value.value) {
            line +=
                std::string((2 * depth) + 2, ' ') +
                paint_.cyan(value.expression + " = " +
                            (value.text.empty() ? fmt::format("{}", *value.value) : value.text)) +
                "\n";
        }
    }
    return line;
}

std::string DiagnosisText::chain(const diagnose::Diagnosis &diagnosis) {
    std::string text;
    for (size_t i = 0; i < diagnosis.chain.size(); ++i) {
        text += link(diagnosis.chain[i], i);
    }
    return text;
}

std::string DiagnosisText::footer(const diagnose::Diagnosis &diagnosis) {
    const PlaceText place = place_text(names_.location(diagnosis.drop.location));
    std::string text = "freed by " + place.function + (place.line.empty() ? "" : "  " + place.line);
    if (diagnosis.drop.reason) {
        text += "  reason " + names_.reason(*diagnosis.drop.reason);
    }
    text +=
        fmt::format("\n{} drops looked at · {} points, {} not traceable · {} lost\n",
                    diagnosis.rounds, diagnosis.points, diagnosis.unprobed, diagnosis.lost.total());
    return text;
}

std::string DiagnosisText::text(const diagnose::Diagnosis &diagnosis) {
    const diagnose::Link *cause = diagnosis.cause();
    std::string text = paint_.bold("DROPPED") + "  " + packet(diagnosis) + "\n";
    text += paint_.bold(diagnosis.complete ? "BECAUSE" : "PERHAPS") + "  " + diagnosis.explanation +
            (cause != nullptr ? "   " + place_of(*cause) : "") + "\n";
    if (!diagnosis.complete) {
        text += "         " + paint_.yellow("not certain: " + diagnosis.why_incomplete) + "\n";
    }
    const char *head = "TRY";
    for (const std::string &advice : diagnosis.advice) {
        text += util::pad_right(paint_.bold(head), 9) + util::printable(advice) + "\n";
        head = "";
    }
    text += "\n" + chain(diagnosis);
    if (!diagnosis.also.empty()) {
        text += paint_.dim("each of these could have avoided it as well:") + "\n";
        for (const diagnose::Link &each : diagnosis.also) {
            text += link(each, 1);
        }
    }
    return text + footer(diagnosis);
}

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
#include "render/diagnosis_html.hpp"

#include "explain/facts_of.hpp"
#include "explain/generic.hpp"
#include "render/html.hpp"
#include "render/packet_text.hpp"
#include "render/place_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::render {

namespace {

std::string times(uint64_t count) {
    return count == 0 ? "" : fmt::format("{}×", count);
}

std::string paragraph(std::string_view classes, const std::string &text) {
    return text.empty() ? "" : html_element("p", classes, html_text(text)) + "\n";
}

std::string value_items(const diagnose::Link &link) {
    std::string items;
    for (const diagnose::NamedOperand &value : link.values) {
        if (value.value && !(link.retval && value.expression.ends_with("()"))) {
            items += fmt::format("<li title=\"{}\">{}</li>",
                                 html_text(fmt::format("{} {:#x}", value.type, *value.value)),
                                 html_text(value.expression + " = " + explain::value_text(value)));
        }
    }
    return items.empty() ? "" : html_element("ul", "values", items) + "\n";
}

std::string row_class(const LineMark &mark, bool passed) {
    std::string classes = mark.cause          ? "cause"
                          : mark.dropped == 0 ? (mark.passed != 0 ? "only-passed" : "")
                          : !passed           ? "ran"
                          : mark.passed != 0  ? "both"
                                              : "ran";
    return classes + (mark.chain ? " chain" : "");
}

bool has_link(const FileMarks &marks) {
    return std::any_of(marks.lines.begin(), marks.lines.end(),
                       [](const auto &line) { return line.second.chain; });
}

/// White space as it is; the rest as text.
std::string code_text(const std::string &line) {
    std::string out;
    for (size_t at = 0; at < line.size();) {
        const size_t tab = std::min(line.find('\t', at), line.size());
        out += html_text(line.substr(at, tab - at)) + (tab < line.size() ? "\t" : "");
        at = tab + 1;
    }
    return out;
}

} // namespace

std::string DiagnosisHtml::anchor(const std::string &file, uint32_t line) const {
    return html_text(fmt::format("d{}-{}-{}", added_, file, line));
}

std::string DiagnosisHtml::packet(const diagnose::Diagnosis &diagnosis) {
    packet::Packet packet;
    packet::dissect(diagnosis.drop, packet);
    std::string text = addresses(packet);
    for (const std::string &part : {protocol(packet), details(packet)}) {
        text += part.empty() ? "" : "  " + part;
    }
    return text + fmt::format("  {} bytes  ", diagnosis.drop.len) +
           devs_.text(diagnosis.drop.dev, diagnosis.drop.ifindex, diagnosis.drop.netns);
}

std::string DiagnosisHtml::verdict(const diagnose::Diagnosis &diagnosis) {
    const std::string what = packet(diagnosis);
    if (title_.empty()) {
        title_ = "dropped: " + what;
    }
    std::string text = "<section>\n<p><span class=\"badge\">DROPPED</span><span class=\"packet\">" +
                       html_text(what) + "</span></p>\n";
    text += html_element("h1", "", html_text(diagnosis.explanation)) + "\n";
    if (diagnosis.decision != diagnosis.explanation) {
        text += paragraph("", diagnosis.decision);
    }
    text += diagnosis.complete
                ? "<p><span class=\"badge sure\">CERTAIN</span></p>\n"
                : "<p><span class=\"badge doubt\">NOT CERTAIN</span><span class=\"soft\">" +
                      html_text(diagnosis.why_incomplete) + "</span></p>\n";
    std::string attempts;
    for (const diagnose::Advice &advice : diagnosis.advice) {
        const std::string inside = html_text(advice.text);
        attempts +=
            html_element("li", "", advice.command ? html_element("code", "", inside) : inside) +
            "\n";
    }
    if (!attempts.empty()) {
        text += "<h2>Try</h2>\n" + html_element("ul", "try", attempts) + "\n";
    }
    return text;
}

std::string DiagnosisHtml::link(const diagnose::Link &link, bool cause) {
    std::string place;
    std::string statement;
    if (link.line == 0) {
        place = html_element("span", "place soft", fmt::format("{:#x}", link.address));
    } else {
        place = fmt::format("<a href=\"#{}\">{}</a>", anchor(link.file, link.line),
                            html_text(fmt::format("{}:{}", link.file, link.line)));
        const auto &lines = source_(link.file);
        statement = link.line <= lines.size() ? explain::statement_text(lines[link.line - 1]) : "";
    }
    if (statement.empty()) {
        statement = link.condition;
    }
    std::string text = "<div class=\"head\"><b>" + html_text(link.function) +
                       (link.module.empty() ? "" : " [" + html_text(link.module) + "]") + "</b>" +
                       place + (link.inlined ? "<span class=\"soft place\">inlined</span>" : "") +
                       "</div>\n";
    if (!statement.empty()) {
        text += html_element("code", "", html_text(statement)) + "\n";
    }
    if (link.retval && !link.callee.empty()) {
        text +=
            html_element("code", "got", html_text(link.callee + "() = " + link.retval_full)) + "\n";
    }
    return html_element("div", cause ? "link cause" : "link", text + value_items(link));
}

/// Each link inside of the one that it explains.
std::string DiagnosisHtml::chain(const std::vector<diagnose::Link> &links, size_t at) {
    if (at == links.size()) {
        return {};
    }
    return "<ol class=\"chain\"><li>" + link(links[at], at + 1 == links.size()) +
           chain(links, at + 1) + "</li></ol>\n";
}

std::string DiagnosisHtml::row(uint32_t line, const std::string &text, const LineMark *mark,
                               bool passed, const std::string &id) const {
    std::string code = text;
    if (mark != nullptr && !mark->notes.empty()) {
        std::string notes;
        for (const std::string &note : mark->notes) {
            notes += (notes.empty() ? "" : "\n") + html_text(note);
        }
        const size_t begin = text.find_first_not_of("\t ");
        const size_t indent = begin == std::string::npos ? 0 : begin;
        code = text.substr(0, indent) + "<span class=\"has\" tabindex=\"0\">" +
               text.substr(indent) + "<span class=\"tip\">" + notes + "</span></span>";
    }
    const std::string classes = mark == nullptr ? "" : row_class(*mark, passed);
    return fmt::format(
        "<tr{}{}><td class=\"n\">{}</td><td class=\"c\">{}</td>{}<td class=\"t\">{}{}</td></tr>\n",
        classes.empty() ? "" : fmt::format(" class=\"{}\"", classes),
        mark != nullptr && mark->chain ? fmt::format(" id=\"{}\"", id) : "", line,
        mark == nullptr ? "" : times(mark->dropped),
        passed ? "<td class=\"c\">" + (mark == nullptr ? "" : times(mark->passed)) + "</td>" : "",
        code, mark != nullptr && mark->freed ? " <span class=\"got\">← freed</span>" : "");
}

std::string DiagnosisHtml::file(const FileMarks &marks, bool passed) {
    const auto &lines = source_(marks.file);
    std::string text = html_element("h3", "", html_text(marks.file)) + "\n<table class=\"code\">\n";
    uint32_t before = 0;
    for (const Stretch &stretch : stretches(marks, static_cast<uint32_t>(lines.size()))) {
        if (before != 0) {
            text +=
                fmt::format("<tr class=\"gap\"><td colspan=\"{}\">⋯</td></tr>\n", passed ? 4 : 3);
        }
        for (uint32_t line = stretch.first; line <= stretch.last; ++line) {
            const auto mark = marks.lines.find(line);
            if (mark == marks.lines.end() && lines.empty()) {
                continue;
            }
            text += row(line, line <= lines.size() ? code_text(lines[line - 1]) : "",
                        mark == marks.lines.end() ? nullptr : &mark->second, passed,
                        anchor(marks.file, line));
        }
        before = stretch.last;
    }
    return text + "</table>\n";
}

std::string DiagnosisHtml::sources(const diagnose::Diagnosis &diagnosis) {
    const bool passed = diagnosis.passed.has_value();
    std::string text = "<h2>The way it took</h2>\n<p class=\"key soft\">"
                       "<span style=\"--swatch:var(--mark)\">run by the packet that was dropped"
                       "</span><span style=\"--swatch:var(--bad-paper)\">decided</span>";
    if (passed) {
        text += "<span style=\"--swatch:var(--good-paper)\">run only by one that passed</span>"
                "<span>bold: by both; first count dropped, second passed</span>";
    }
    text += "</p>\n<p class=\"soft\">Hover or tap an underlined line for the values seen there."
            "</p>\n";
    std::string others;
    for (const FileMarks &marks : source_marks(diagnosis)) {
        const bool header = marks.file.ends_with(".h") && !has_link(marks);
        (header ? others : text) += file(marks, passed);
    }
    return others.empty()
               ? text
               : text + "<details><summary>In headers</summary>\n" + others + "</details>\n";
}

std::string DiagnosisHtml::footer(const diagnose::Diagnosis &diagnosis) {
    const PlaceText place = place_text(names_.location(diagnosis.drop.location));
    std::string freed =
        "Freed by " + place.function + (place.line.empty() ? "" : ", " + place.line);
    if (diagnosis.drop.reason) {
        freed += "; reason " + names_.reason(*diagnosis.drop.reason);
    }
    return "<footer>" + paragraph("", freed) +
           paragraph(
               "", diagnosis.reason_doc.empty() ? "" : "The kernel says: " + diagnosis.reason_doc) +
           paragraph("",
                     fmt::format("{} {} looked at · {} points, {} not traceable · {} lost",
                                 diagnosis.rounds, diagnosis.rounds == 1 ? "drop" : "drops",
                                 diagnosis.points, diagnosis.unprobed, diagnosis.lost.total())) +
           "</footer>\n</section>\n";
}

void DiagnosisHtml::add(const diagnose::Diagnosis &diagnosis) {
    ++added_;
    body_ += verdict(diagnosis);
    if (!diagnosis.chain.empty()) {
        body_ += "<h2>From the function that freed it to the statement that decided</h2>\n" +
                 chain(diagnosis.chain, 0);
    }
    body_ += sources(diagnosis) + footer(diagnosis);
}

std::string DiagnosisHtml::page() const {
    return html_page(title_, body_);
}

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
#include "render/source_marks.hpp"

#include "explain/facts_of.hpp"

#include <algorithm>

namespace dropctl::render {

namespace {

constexpr uint32_t context_lines = 2;
/// A gap of so many lines costs less room than saying that there is one.
constexpr uint32_t small_gap = 4;

class Collector {
  public:
    LineMark &at(const std::string &file, uint32_t line) {
        const auto known = std::find_if(files_.begin(), files_.end(),
                                        [&](const FileMarks &each) { return each.file == file; });
        FileMarks &marks =
            known != files_.end() ? *known : files_.emplace_back(FileMarks{file, {}});
        return marks.lines[line];
    }
    void path(const trace::ReportedPath &path, bool dropped);
    void link(const diagnose::Link &link, bool cause);
    std::vector<FileMarks> take() { return std::move(files_); }

  private:
    void item(const trace::ReportedItem &item, bool dropped);

    std::vector<FileMarks> files_;
};

void note(LineMark &mark, const std::string &text) {
    if (std::find(mark.notes.begin(), mark.notes.end(), text) == mark.notes.end()) {
        mark.notes.push_back(text);
    }
}

void Collector::item(const trace::ReportedItem &item, bool dropped) {
    if (const auto *line = std::get_if<trace::ReportedLine>(&item); line != nullptr) {
        if (line->line == 0) {
            return;
        }
        LineMark &mark = at(line->file, line->line);
        (dropped ? mark.dropped : mark.passed) += line->count;
        mark.freed = mark.freed || (dropped && line->dropped);
        for (const trace::NamedValue &value : line->values) {
            note(mark, value.expression + " = " + value.value.text);
        }
    } else if (const auto *call = std::get_if<trace::ReportedCall>(&item); call != nullptr) {
        if (call->line != 0 && call->retval && !call->callee.empty()) {
            note(at(call->file, call->line),
                 call->callee + "() = " +
                     (call->retval_full.empty() ? std::to_string(*call->retval)
                                                : call->retval_full) +
                     (dropped ? "" : " (of the packet that passed)"));
        }
    }
}

void Collector::path(const trace::ReportedPath &path, bool dropped) {
    for (const trace::ReportedFrame &frame : path.frames) {
        for (const trace::ReportedItem &each : frame.items) {
            item(each, dropped);
        }
    }
}

void Collector::link(const diagnose::Link &link, bool cause) {
    if (link.line == 0) {
        return;
    }
    LineMark &mark = at(link.file, link.line);
    mark.chain = true;
    mark.cause = mark.cause || cause;
    if (link.retval && !link.callee.empty()) {
        note(mark, link.callee + "() = " + link.retval_full);
    }
    for (const diagnose::NamedOperand &value : link.values) {
        if (value.value) {
            note(mark, value.expression + " = " + explain::value_text(value));
        }
    }
}

} // namespace

std::vector<FileMarks> source_marks(const diagnose::Diagnosis &diagnosis) {
    Collector collector;
    if (diagnosis.path) {
        collector.path(*diagnosis.path, true);
    }
    if (diagnosis.passed) {
        collector.path(*diagnosis.passed, false);
    }
    for (const diagnose::Link &link : diagnosis.chain) {
        collector.link(link, &link == diagnosis.cause());
    }
    return collector.take();
}

std::vector<Stretch> stretches(const FileMarks &marks, uint32_t lines_in_file) {
    std::vector<Stretch> found;
    for (const auto &[line, mark] : marks.lines) {
        const uint32_t first = line > context_lines ? line - context_lines : 1;
        const uint32_t last =
            lines_in_file == 0 ? line : std::min(line + context_lines, lines_in_file);
        if (!found.empty() && first <= found.back().last + small_gap) {
            found.back().last = std::max(found.back().last, last);
        } else {
            found.push_back({lines_in_file == 0 ? line : first, last});
        }
    }
    return found;
}

} // namespace dropctl::render

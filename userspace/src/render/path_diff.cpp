// SPDX-License-Identifier: GPL-2.0-only
#include "render/path_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace dropctl::render {

namespace {

constexpr size_t context = 3;
// Beyond this the table of the comparison would take too much memory.
constexpr size_t most_rows = 4000;

struct Row {
    std::string place; ///< what two rows are compared by
    std::string text;
    std::string result; ///< what calls returned; differs without the way being another one
};

void add_frame(const trace::ReportedPath &path, size_t index, size_t indent,
               const SourceLine &source, std::vector<bool> &shown, std::vector<Row> &rows) {
    const trace::ReportedFrame &frame = path.frames[index];
    shown[index] = true;
    const std::string before(indent, ' ');
    if (!frame.carrier) {
        rows.push_back({.place = "call " + frame.symbol,
                        .text = before + frame.function + "()",
                        .result = {}});
    }
    for (const trace::ReportedItem &item : frame.items) {
        if (rows.size() > most_rows) {
            return;
        }
        if (const auto *line = std::get_if<trace::ReportedLine>(&item)) {
            std::string text = line->line == 0 ? "" : source(line->file, line->line);
            text.erase(0, text.find_first_not_of(" \t"));
            rows.push_back(
                {.place = fmt::format("{}:{} {}", line->file, line->line,
                                      line->inlined.empty() ? "" : line->inlined.front()),
                 .text = fmt::format("{}{:>6}  {}", before, line->line, text),
                 .result = {}});
        } else if (const auto *call = std::get_if<trace::ReportedCall>(&item)) {
            if (call->retval && !rows.empty()) {
                rows.back().result +=
                    fmt::format("  {} = {}", call->callee,
                                call->retval_full.empty() ? fmt::format("{}", *call->retval)
                                                          : call->retval_full);
            }
            if (call->frame && !shown[*call->frame]) {
                add_frame(path, *call->frame, indent + 2, source, shown, rows);
            }
        }
    }
    for (size_t child = index + 1;
         child < path.frames.size() && path.frames[child].depth > frame.depth; ++child) {
        if (!shown[child] && path.frames[child].depth == frame.depth + 1) {
            add_frame(path, child, indent + 2, source, shown, rows);
        }
    }
}

std::vector<Row> rows_of(const trace::ReportedPath &path, const SourceLine &source) {
    std::vector<Row> rows;
    std::vector<bool> shown(path.frames.size());
    for (size_t i = 0; i < path.frames.size(); ++i) {
        if (!shown[i]) {
            add_frame(path, i, 0, source, shown, rows);
        }
    }
    return rows;
}

/// Lengths of the longest common runs of what is left from each pair of rows on.
std::vector<std::vector<uint16_t>> common_lengths(const std::vector<Row> &one,
                                                  const std::vector<Row> &other) {
    std::vector<std::vector<uint16_t>> length(one.size() + 1,
                                              std::vector<uint16_t>(other.size() + 1));
    for (size_t i = one.size(); i-- > 0;) {
        for (size_t j = other.size(); j-- > 0;) {
            length[i][j] = one[i].place == other[j].place
                               ? static_cast<uint16_t>(length[i + 1][j + 1] + 1)
                               : std::max(length[i + 1][j], length[i][j + 1]);
        }
    }
    return length;
}

struct Marked {
    char mark; ///< ' ', '-', '+', or '!': both, with other results
    std::string text;
};

std::vector<Marked> compare(const std::vector<Row> &dropped, const std::vector<Row> &passed) {
    const auto length = common_lengths(dropped, passed);
    std::vector<Marked> marked;
    size_t i = 0;
    size_t j = 0;
    while (i < dropped.size() || j < passed.size()) {
        if (i < dropped.size() && j < passed.size() && dropped[i].place == passed[j].place) {
            if (dropped[i].result == passed[j].result) {
                marked.push_back({.mark = ' ', .text = dropped[i].text + dropped[i].result});
            } else {
                marked.push_back({.mark = '!',
                                  .text = dropped[i].text + dropped[i].result + "   (passed:" +
                                          (passed[j].result.empty() ? "  -" : passed[j].result) +
                                          ")"});
            }
            ++i;
            ++j;
        } else if (j == passed.size() ||
                   (i < dropped.size() && length[i + 1][j] >= length[i][j + 1])) {
            marked.push_back({.mark = '-', .text = dropped[i].text + dropped[i].result});
            ++i;
        } else {
            marked.push_back({.mark = '+', .text = passed[j].text + passed[j].result});
            ++j;
        }
    }
    return marked;
}

std::string painted(const Marked &row, const util::Paint &paint) {
    std::string text = std::string(1, row.mark) + " " + row.text;
    switch (row.mark) {
    case '-':
        return paint.red(text);
    case '+':
        return paint.cyan(text);
    case '!':
        return paint.yellow(text);
    default:
        return text;
    }
}

} // namespace

std::string path_diff(const trace::ReportedPath &dropped, const trace::ReportedPath &passed,
                      const SourceLine &source, const util::Paint &paint) {
    const std::vector<Marked> rows = compare(rows_of(dropped, source), rows_of(passed, source));
    std::string text = paint.red("- dropped") + "   " + paint.cyan("+ passed") + "\n";
    const bool same =
        std::all_of(rows.begin(), rows.end(), [](const Marked &row) { return row.mark == ' '; });
    if (same) {
        return text + "  both took the same way through what was followed\n";
    }
    bool parted = false;
    size_t skipped = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
        bool near = false;
        for (size_t k = i > context ? i - context : 0; k <= i + context && k < rows.size(); ++k) {
            near = near || rows[k].mark != ' ';
        }
        if (!near) {
            ++skipped;
            continue;
        }
        if (skipped != 0) {
            text += paint.dim(fmt::format("  … {} lines that both took", skipped)) + "\n";
            skipped = 0;
        }
        if (!parted && (rows[i].mark == '-' || rows[i].mark == '+')) {
            text += paint.bold("  they part here") + "\n";
            parted = true;
        }
        text += painted(rows[i], paint) + "\n";
    }
    return text;
}

} // namespace dropctl::render

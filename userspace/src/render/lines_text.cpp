// SPDX-License-Identifier: GPL-2.0-only
#include "render/lines_view.hpp"
#include "util/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace dropctl::render {

namespace {

using code::CallKind;
using code::LineState;
using code::ListedLine;

char mark_of(LineState state) {
    switch (state) {
    case LineState::Traced:
        return '*';
    case LineState::InDoubt:
        return '?';
    case LineState::Unreached:
        return '-';
    }
    return ' ';
}

/// Tabs as blanks, so that what stands before the text does not shift it.
std::string expanded(std::string_view text) {
    constexpr size_t stop = 8;
    std::string result;
    for (const char letter : text) {
        if (letter == '\t') {
            result.append(stop - result.size() % stop, ' ');
        } else {
            result.push_back(letter);
        }
    }
    return util::printable(result);
}

std::string call_text(const code::Call &call) {
    const std::string module = call.module.empty() ? "" : " [" + call.module + "]";
    const std::string through = call.through == code::no_register
                                    ? std::string("memory")
                                    : std::string(code::register_name(call.through));
    switch (call.kind) {
    case CallKind::Direct:
        return fmt::format("calls {}(){}{}", call.callee, module,
                           call.returns ? "" : ", which does not return");
    case CallKind::Indirect:
        return "calls through " + through;
    case CallKind::Tail:
        return fmt::format("goes on in {}(){}", call.callee, module);
    case CallKind::IndirectTail:
        return "goes on through " + through;
    }
    return {};
}

class LinesText {
  public:
    LinesText(const LinesReport &report, const util::Paint &paint)
        : report_(report), paint_(paint) {}

    std::string run() {
        head();
        const auto [own, others] = split();
        uint32_t last = own.empty() ? 0 : own.back()->frames.back().line;
        const code::Function &function = report_.function;
        const bool has_text = !report_.source.lines(function.declared_in).empty();
        if (has_text) {
            last = closing_brace(last);
            for (uint32_t number = function.declared_line; number <= last; number++) {
                numbered(number, own);
            }
        }
        for (const ListedLine *line : own) {
            const uint32_t number = line->frames.back().line;
            if (!has_text || number < function.declared_line || number > last) {
                show(*line);
            }
        }
        for (const ListedLine *line : others) {
            show(*line);
        }
        return std::move(text_);
    }

  private:
    using Lines = std::vector<const ListedLine *>;

    void head() {
        const code::Function &function = report_.function;
        const code::Placement &placement = report_.placement;
        const auto jumps = std::count_if(placement.points.begin(), placement.points.end(),
                                         [](const code::Point &p) { return p.optimisable; });
        std::string name = paint_.bold(function.function);
        if (!function.module.empty()) {
            name += " [" + function.module + "]";
        }
        if (!function.declared_in.empty()) {
            name += fmt::format("  {}:{}", function.declared_in, function.declared_line);
        }
        text_ +=
            fmt::format("{}\n{}: {} blocks, {} points, {} of them jumps\n", name, function.symbol,
                        function.cfg.blocks.size(), placement.points.size(), jumps);
    }

    /// Lines of the function's own file, with what is inlined there, and the rest.
    [[nodiscard]] std::pair<Lines, Lines> split() const {
        std::pair<Lines, Lines> parts;
        for (const ListedLine &line : report_.lines) {
            const bool own = line.frames.back().file == report_.function.declared_in;
            (own ? parts.first : parts.second).push_back(&line);
        }
        return parts;
    }

    /// The end of the function in the source: a brace at the beginning of a line.
    [[nodiscard]] uint32_t closing_brace(uint32_t line) const {
        constexpr uint32_t furthest = 50;
        for (uint32_t number = line; number < line + furthest; number++) {
            if (report_.source.line(report_.function.declared_in, number).starts_with('}')) {
                return number;
            }
        }
        return line;
    }

    /// A line of the source, with code or not, and what is inlined there.
    void numbered(uint32_t number, const Lines &own) {
        const auto first = std::find_if(own.begin(), own.end(), [&](const ListedLine *line) {
            return line->frames.back().line == number;
        });
        const auto end = std::find_if(first, own.end(), [&](const ListedLine *line) {
            return line->frames.back().line != number;
        });
        if (first == end || (*first)->frames.size() > 1) {
            open_.clear();
            put(0, number, ' ', report_.function.declared_in);
        }
        for (auto line = first; line != end; ++line) {
            show(**line);
        }
    }

    /// One line with code, behind the names of the inlined functions it is in.
    void show(const ListedLine &line) {
        const size_t depth = line.frames.size() - 1;
        std::vector<std::string> chain;
        for (size_t level = 1; level <= depth; level++) {
            const Frame &around = line.frames[depth - level + 1];
            const Frame &inlined = line.frames[depth - level];
            chain.push_back(fmt::format("{}:{}:{}", around.file, around.line, inlined.function));
            if (level > open_.size() || open_[level - 1] != chain.back()) {
                open_.assign(chain.begin(), chain.end());
                bar(level);
                text_ +=
                    paint_.dim(fmt::format("{} (inlined)  {}", inlined.function, inlined.file)) +
                    "\n";
            }
        }
        open_ = chain;
        put(depth, line.place().line, mark_of(line.state), line.place().file);
        for (const uint32_t call : line.calls) {
            bar(depth + 1);
            text_ += paint_.cyan(call_text(report_.function.cfg.calls[call])) + "\n";
        }
    }

    void bar(size_t depth) {
        text_ += "         ";
        for (size_t i = 0; i < depth; i++) {
            text_ += "│ ";
        }
    }

    void put(size_t depth, uint32_t number, char mark, const std::string &file) {
        std::string line;
        if (depth == 0) {
            line = fmt::format("{:>6} {} ", number, mark);
        } else {
            bar(depth);
            line = fmt::format("{:>4} {} ", number, mark);
        }
        line += expanded(report_.source.line(file, number));
        line.erase(line.find_last_not_of(' ') + 1);
        text_ += (mark == ' ' && depth == 0 ? paint_.dim(line) : line) + "\n";
    }

    const LinesReport &report_;
    const util::Paint &paint_;
    std::string text_;
    std::vector<std::string> open_; ///< inlined functions that the last line was in
};

} // namespace

std::string lines_text(const LinesReport &report, const util::Paint &paint) {
    return LinesText(report, paint).run();
}

} // namespace dropctl::render

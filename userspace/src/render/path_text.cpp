// SPDX-License-Identifier: GPL-2.0-only
#include "render/path_text.hpp"

#include "render/location.hpp"
#include "render/packet_text.hpp"
#include "render/place_text.hpp"
#include "util/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace dropctl::render {

namespace {

// Where results stand, if what is before them leaves the room.
constexpr size_t widest = 112;
constexpr size_t least_source = 24;
constexpr size_t number_width = 6;
constexpr int tab = 4;

/// Source as it is shown: the indentation gone, tabs as blanks.
std::string tidy(const std::string &source) {
    std::string text;
    for (const char letter : source) {
        if (letter == '\t') {
            text.append(text.empty() ? 0 : tab, ' ');
        } else if (letter != ' ' || !text.empty()) {
            text += letter;
        }
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) {
        text.pop_back();
    }
    return util::printable(text);
}

} // namespace

/// Writes the frames of one path, each where its caller calls it.
class PathText::Frames {
  public:
    Frames(PathText &owner, const trace::ReportedPath &path)
        : owner_(owner), path_(path), shown_(path.frames.size()) {}

    std::string write();

  private:
    using Functions = std::vector<std::string>; ///< innermost first

    void frame(size_t index, size_t indent);
    void items(const trace::ReportedFrame &frame, size_t indent);
    void line(const trace::ReportedLine &line, size_t indent);
    void enter_inlined(const Functions &functions, size_t indent);
    std::string results(const std::vector<trace::ReportedItem> &items, size_t &at) const;
    std::string bars() const;
    void row(const std::string &left, const std::string &right);
    void values(const std::vector<trace::NamedValue> &values, size_t indent,
                const std::string &before);
    [[nodiscard]] size_t width() const;

    PathText &owner_;
    const trace::ReportedPath &path_;
    std::vector<bool> shown_;
    std::string text_;
    Functions inlined_; ///< of the line before
    size_t own_ = 1;    ///< levels of it that are the frame's own
};

size_t PathText::Frames::width() const {
    const size_t columns = owner_.options_.columns;
    return columns == 0 ? widest : std::min(columns - 1, widest + 20);
}

/// Two parts of a line, the second at the right where there is room.
void PathText::Frames::row(const std::string &left, const std::string &right) {
    std::string line = left;
    if (!right.empty()) {
        const size_t used = util::display_width(left) + util::display_width(right) + 2;
        const size_t gap = used < width() ? width() - used + 2 : 2;
        line += std::string(gap, ' ') + owner_.paint_.bold(right);
    }
    text_ += line + "\n";
}

std::string PathText::Frames::bars() const {
    std::string text;
    for (size_t i = own_; i < inlined_.size(); ++i) {
        text += "│ ";
    }
    return text;
}

/// Say which functions were inlined where the lines go on.
void PathText::Frames::enter_inlined(const Functions &functions, size_t indent) {
    // Both from the outermost: what they have in common stays open.
    size_t common = 0;
    while (common < functions.size() && common < inlined_.size() &&
           functions[functions.size() - 1 - common] == inlined_[inlined_.size() - 1 - common]) {
        ++common;
    }
    for (size_t level = std::max(common, size_t{1}); level < functions.size(); ++level) {
        inlined_.assign(functions.end() - static_cast<long>(level) - 1, functions.end());
        text_ += std::string(indent + number_width + 2, ' ') + bars() +
                 owner_.paint_.dim(functions[functions.size() - 1 - level] + " (inlined)") + "\n";
    }
    inlined_ = functions;
}

void PathText::Frames::values(const std::vector<trace::NamedValue> &values, size_t indent,
                              const std::string &before) {
    for (const trace::NamedValue &value : values) {
        std::string text = before + value.expression + " = " + value.value.text;
        if (!value.value.note.empty()) {
            text += value.value.text.empty() ? value.value.note : " (" + value.value.note + ")";
        }
        text_ += std::string(indent + number_width + 2, ' ') + owner_.paint_.cyan(text) + "\n";
    }
}

/// What the calls behind a line returned, up to the next line or frame shown; moves
/// `at` behind them.
std::string PathText::Frames::results(const std::vector<trace::ReportedItem> &items,
                                      size_t &at) const {
    std::string text;
    for (; at < items.size(); ++at) {
        const auto *call = std::get_if<trace::ReportedCall>(&items[at]);
        if (call == nullptr || call->frame) {
            break;
        }
        if (!call->retval) {
            continue;
        }
        text += (text.empty() ? "" : ", ") +
                (call->callee.empty() ? "indirect call" : call->callee) + " = " +
                (call->retval_full.empty() ? fmt::format("{}", *call->retval) : call->retval_full);
    }
    return text;
}

void PathText::Frames::line(const trace::ReportedLine &line, size_t indent) {
    ++owner_.lines_;
    enter_inlined(line.inlined, indent);
    const std::string source =
        line.line == 0 ? std::string() : tidy(owner_.source_(line.file, line.line));
    const std::string number =
        line.line != 0 ? fmt::format("{}", line.line) : fmt::format("+{:#x}", line.offset);
    std::string left =
        std::string(indent, ' ') + util::pad_left(number, number_width) + "  " + bars();
    const size_t used = util::display_width(left);
    left += util::cut(source, std::max(width() > used ? width() - used : 0, least_source));
    if (line.count > 1) {
        left += owner_.paint_.dim(fmt::format("  ×{}", line.count));
    }
    if (line.dropped) {
        left += "  " + owner_.paint_.red("← dropped here");
    }
    text_ += left;
}

void PathText::Frames::items(const trace::ReportedFrame &frame, size_t indent) {
    for (size_t at = 0; at < frame.items.size();) {
        const trace::ReportedItem &item = frame.items[at];
        if (const auto *line = std::get_if<trace::ReportedLine>(&item)) {
            const size_t start = text_.size();
            this->line(*line, indent);
            ++at;
            const std::string right = results(frame.items, at);
            // The line itself is the last one written; functions inlined stand before it.
            const size_t last = text_.rfind('\n');
            const size_t from = last == std::string::npos || last < start ? start : last + 1;
            const std::string left = text_.substr(from);
            text_.resize(from);
            row(left, right);
            values(line->values, indent, bars());
        } else if (const auto *call = std::get_if<trace::ReportedCall>(&item)) {
            ++at;
            if (call->frame && !shown_[*call->frame]) {
                const Functions open = inlined_;
                this->frame(*call->frame, indent + number_width + 2 + 2 * (open.size() - own_));
                inlined_ = open;
            }
        } else {
            text_ += std::string(indent + number_width + 2, ' ') +
                     owner_.paint_.yellow("? " + std::get<trace::Doubt>(item).why) + "\n";
            ++at;
        }
    }
}

void PathText::Frames::frame(size_t index, size_t indent) {
    const trace::ReportedFrame &frame = path_.frames[index];
    shown_[index] = true;
    const bool hidden = frame.carrier && !owner_.options_.verbose;
    if (!hidden) {
        const std::string name =
            frame.call + (frame.module.empty() ? "" : " [" + frame.module + "]");
        row(std::string(indent, ' ') + owner_.paint_.bold(util::printable(name)), frame.file);
        values(frame.values, indent, "");
    }
    inlined_ = {frame.function};
    if (!frame.carrier) {
        items(frame, indent);
    }
    for (size_t child = index + 1;
         child < path_.frames.size() && path_.frames[child].depth > frame.depth; ++child) {
        if (!shown_[child] && path_.frames[child].depth == frame.depth + 1) {
            this->frame(child, hidden ? indent : indent + number_width + 2);
        }
    }
    if (hidden) {
        return;
    }
    const std::string before(indent, ' ');
    if (frame.truncated) {
        text_ += before + owner_.paint_.yellow("  … the record ends here") + "\n";
    } else if (frame.retval) {
        text_ +=
            before + "  = " +
            (frame.retval_full.empty() ? fmt::format("{}", *frame.retval) : frame.retval_full) +
            "\n";
    }
    if (!frame.unprobed.empty()) {
        std::string lines;
        for (const uint32_t line : frame.unprobed) {
            lines += (lines.empty() ? "" : ", ") + std::to_string(line);
        }
        text_ += before + owner_.paint_.dim("  not traceable: " + lines) + "\n";
    }
}

std::string PathText::Frames::write() {
    for (size_t i = 0; i < path_.frames.size(); ++i) {
        if (!shown_[i]) {
            frame(i, 2);
        }
    }
    return std::move(text_);
}

PathText::PathText(Names &names, SourceLine source, const PathTextOptions &options)
    : names_(names), source_(std::move(source)), options_(options), paint_(options.colour),
      devs_(names) {}

std::string PathText::head(const trace::ReportedPath &path, uint64_t number) {
    packet::Packet packet;
    packet::dissect(path.packet, packet);
    std::string text =
        path.probe.empty() ? fmt::format("packet {}", number) : "probe " + path.probe;
    text += "  " + addresses(packet);
    for (const std::string &part : {protocol(packet), details(packet)}) {
        text += part.empty() ? "" : "  " + part;
    }
    text += fmt::format("  {} bytes", path.packet.len);
    const std::string dev = devs_.text(path.packet.dev, path.packet.ifindex, path.packet.netns);
    if (!dev.empty()) {
        text += "  " + dev;
    }
    text = paint_.bold(text);
    if (!path.dropped) {
        return text + "  passed";
    }
    const Location &location = names_.location(path.location);
    const PlaceText place = place_text(location);
    std::string reason = path.drop && path.drop->reason ? names_.reason(*path.drop->reason) : "";
    reason = reason.empty() ? "" : reason_text(reason) == "-" ? "" : " " + reason;
    text += "  " + paint_.red(path.dropped_later ? "dropped later" : "dropped") + reason + " in " +
            place.function + (place.line.empty() ? "" : "  " + place.line);
    return text;
}

std::string PathText::text(const trace::ReportedPath &path, uint64_t number) {
    std::string text = head(path, number) + "\n" + Frames(*this, path).write();
    if (path.truncated) {
        text += "  " + paint_.yellow("the path is longer than its room: --path-size") + "\n";
    }
    if (path.missed) {
        text += "  " + paint_.yellow("some points may have been passed unseen") + "\n";
    }
    return text;
}

} // namespace dropctl::render

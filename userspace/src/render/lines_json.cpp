// SPDX-License-Identifier: GPL-2.0-only
#include "render/json.hpp"
#include "render/lines_view.hpp"

#include <algorithm>

namespace dropctl::render {

namespace {

std::string_view kind_name(code::CallKind kind) {
    switch (kind) {
    case code::CallKind::Direct:
        return "call";
    case code::CallKind::Indirect:
        return "indirect";
    case code::CallKind::Tail:
        return "tail";
    case code::CallKind::IndirectTail:
        return "indirect_tail";
    }
    return {};
}

std::string_view state_name(code::LineState state) {
    switch (state) {
    case code::LineState::Traced:
        return "traced";
    case code::LineState::InDoubt:
        return "in_doubt";
    case code::LineState::Unreached:
        return "unreached";
    }
    return {};
}

/// Write the elements of an array, `write` doing each.
template <typename List, typename Write>
void append_array(util::Writer &out, const List &list, Write write) {
    out.put('[');
    bool first = true;
    for (const auto &element : list) {
        if (!first) {
            out.put(',');
        }
        first = false;
        write(element);
    }
    out.put(']');
}

void append_call(util::Writer &out, const code::Call &call) {
    JsonObject object(out);
    object.text("kind", kind_name(call.kind));
    object.text_or_null("callee", call.callee).text_or_null("symbol", call.symbol);
    object.text_or_null("module", call.module).boolean("returns", call.returns);
    object.close();
}

void append_line(util::Writer &out, const LinesReport &report, const code::ListedLine &line) {
    const code::Function &function = report.function;
    JsonObject object(out);
    object.text_or_null("file", line.place().file).number("line", line.place().line);
    object.key("inline");
    append_array(out, line.frames,
                 [&](const Frame &frame) { util::append_json_string(out, frame.function); });
    object.key("frames");
    append_array(out, line.frames, [&](const Frame &frame) {
        JsonObject place(out);
        place.text("function", frame.function).text_or_null("file", frame.file);
        place.number("line", frame.line).close();
    });
    object.boolean("traceable", line.state == code::LineState::Traced);
    object.text("state", state_name(line.state)).boolean("is_stmt", line.is_stmt);
    object.key("addresses");
    append_array(out, line.addresses, [&](uint64_t address) { out.number(address); });
    object.key("calls");
    append_array(out, line.calls,
                 [&](uint32_t call) { append_call(out, function.cfg.calls[call]); });
    object.text_or_null("source", report.source.line(line.place().file, line.place().line));
    object.close();
}

} // namespace

void append_json(util::Writer &out, const LinesReport &report) {
    const code::Function &function = report.function;
    const code::Placement &placement = report.placement;
    const auto jumps = std::count_if(placement.points.begin(), placement.points.end(),
                                     [](const code::Point &point) { return point.optimisable; });
    JsonObject object(out, "lines");
    object.text("function", function.function).text("symbol", function.symbol);
    object.text_or_null("module", function.module);
    object.text_or_null("file", function.declared_in).number("line", function.declared_line);
    object.number("address", function.address);
    object.number("blocks", function.cfg.blocks.size());
    object.number("points", placement.points.size());
    object.number("optimisable", static_cast<uint64_t>(jumps));
    object.key("lines");
    append_array(out, report.lines,
                 [&](const code::ListedLine &line) { append_line(out, report, line); });
    object.end_line();
}

} // namespace dropctl::render

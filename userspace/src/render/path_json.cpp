// SPDX-License-Identifier: GPL-2.0-only
#include "render/path_json.hpp"

#include "render/json.hpp"
#include "util/escape.hpp"

namespace dropctl::render {

namespace {

using util::Writer;

void append_retval(JsonObject &object, Writer &out, const std::optional<int64_t> &retval,
                   const std::string &text) {
    if (!retval) {
        object.null("retval").null("retval_text");
        return;
    }
    object.key("retval");
    if (*retval < 0) {
        out.put('-');
    }
    // The most negative number has no positive one.
    out.number(*retval < 0 ? 0 - static_cast<uint64_t>(*retval) : static_cast<uint64_t>(*retval));
    object.text_or_null("retval_text", text);
}

/// Of an expression that was read more than once, the last value.
std::vector<const trace::NamedValue *> last_of_each(const std::vector<trace::NamedValue> &values) {
    std::vector<const trace::NamedValue *> last;
    for (size_t i = 0; i < values.size(); ++i) {
        bool again = false;
        for (size_t later = i + 1; later < values.size(); ++later) {
            again = again || values[later].expression == values[i].expression;
        }
        if (!again) {
            last.push_back(&values[i]);
        }
    }
    return last;
}

std::string escaped(const std::string &key) {
    const std::string quoted = util::json_string(key);
    return quoted.substr(1, quoted.size() - 2);
}

/// {"expression": value}, and beside it what is wrong with values of which not all is well.
void append_values(JsonObject &object, Writer &out, const std::vector<trace::NamedValue> &values) {
    const auto last = last_of_each(values);
    object.key("values");
    JsonObject map(out);
    bool notes = false;
    for (const trace::NamedValue *value : last) {
        map.key(escaped(value->expression));
        values::append_json(out, value->value);
        notes = notes || !value->value.note.empty();
    }
    map.close();
    if (!notes) {
        return;
    }
    object.key("notes");
    JsonObject texts(out);
    for (const trace::NamedValue *value : last) {
        if (!value->value.note.empty()) {
            texts.text(escaped(value->expression), value->value.note);
        }
    }
    texts.close();
}

void append_line(Writer &out, const trace::ReportedLine &line) {
    JsonObject object(out);
    object.text_or_null("file", line.file);
    if (line.line == 0) {
        object.null("line");
    } else {
        object.number("line", line.line);
    }
    if (line.line == 0) {
        object.number("offset", line.offset);
    }
    object.key("inline");
    out.put('[');
    for (size_t i = 0; i < line.inlined.size(); ++i) {
        out.add(i == 0 ? "" : std::string_view(","));
        util::append_json_string(out, line.inlined[i]);
    }
    out.put(']');
    object.number("count", line.count);
    append_values(object, out, line.values);
    if (line.dropped) {
        object.boolean("dropped", true);
    }
    object.close();
}

void append_call(Writer &out, const trace::ReportedCall &call) {
    JsonObject object(out);
    object.text_or_null("file", call.file);
    object.number("line", call.line).text_or_null("callee", call.callee);
    append_retval(object, out, call.retval, call.retval_text);
    if (call.frame) {
        object.number("frame", *call.frame);
    }
    object.close();
}

template <typename Item, typename Append>
void append_items(JsonObject &object, Writer &out, std::string_view key,
                  const std::vector<trace::ReportedItem> &items, Append append) {
    object.key(key);
    out.put('[');
    bool first = true;
    for (const trace::ReportedItem &item : items) {
        if (const auto *wanted = std::get_if<Item>(&item)) {
            if (!first) {
                out.put(',');
            }
            first = false;
            append(out, *wanted);
        }
    }
    out.put(']');
}

void append_frame(Writer &out, const trace::ReportedFrame &frame) {
    JsonObject object(out);
    object.text("function", frame.function)
        .text("symbol", frame.symbol)
        .text_or_null("module", frame.module)
        .number("depth", frame.depth);
    append_retval(object, out, frame.retval, frame.retval_text);
    append_items<trace::ReportedLine>(object, out, "lines", frame.items, append_line);
    append_items<trace::ReportedCall>(object, out, "calls", frame.items, append_call);
    append_values(object, out, frame.values);
    object.boolean("truncated", frame.truncated).boolean("certain", frame.certain);
    object.key("unprobed");
    out.put('[');
    for (size_t i = 0; i < frame.unprobed.size(); ++i) {
        out.add(i == 0 ? "" : std::string_view(","), util::Decimal{frame.unprobed[i]});
    }
    out.put(']');
    object.close();
}

} // namespace

void PathJson::append(Writer &out, const trace::ReportedPath &path) {
    JsonObject object(out, "path");
    if (!path.probe.empty()) {
        object.text("probe", path.probe);
    }
    packet::dissect(path.packet, packet_);
    drops_.append_packet(out, path.packet, packet_);
    object.boolean("dropped", path.dropped);
    object.key("drop");
    if (path.drop) {
        packet::dissect(*path.drop, packet_);
        drops_.append(out, *path.drop, packet_);
    } else {
        out.text("null");
    }
    object.boolean("dropped_later", path.dropped_later)
        .boolean("truncated", path.truncated)
        .boolean("missed", path.missed);
    object.key("frames");
    out.put('[');
    for (size_t i = 0; i < path.frames.size(); ++i) {
        if (i != 0) {
            out.put(',');
        }
        append_frame(out, path.frames[i]);
    }
    out.put(']');
    object.end_line();
}

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
#include "render/diagnosis_json.hpp"

#include "render/json.hpp"
#include "util/escape.hpp"

namespace dropctl::render {

namespace {

using util::Writer;

void append_signed(Writer &out, int64_t value) {
    if (value < 0) {
        out.put('-');
    }
    out.number(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
}

void append_operand(Writer &out, const diagnose::NamedOperand &operand) {
    JsonObject object(out);
    object.text("expr", operand.expression).text_or_null("type", operand.type);
    if (!operand.text.empty()) {
        object.text("value", operand.text);
    } else if (operand.value) {
        object.number("value", *operand.value);
    } else {
        object.null("value");
    }
    object.close();
}

template <typename Item, typename Append>
void append_list(Writer &out, const std::vector<Item> &items, Append append) {
    out.put('[');
    for (size_t i = 0; i < items.size(); ++i) {
        if (i != 0) {
            out.put(',');
        }
        append(items[i]);
    }
    out.put(']');
}

} // namespace

void DiagnosisJson::append_link(Writer &out, const diagnose::Link &link) {
    JsonObject object(out);
    object.text("function", link.function)
        .text_or_null("module", link.module)
        .boolean("inlined", link.inlined)
        .text_or_null("file", link.file);
    if (link.line != 0) {
        object.number("line", link.line);
    } else {
        object.null("line");
    }
    object.text_or_null("source", link.line != 0 ? source_(link.file, link.line) : std::string())
        .text("why", link.why)
        .text_or_null("callee", link.callee);
    if (link.retval) {
        object.key("retval");
        append_signed(out, *link.retval);
        object.text_or_null("retval_text", link.retval_text);
    } else {
        object.null("retval").null("retval_text");
    }
    object.text_or_null("condition", link.condition);
    object.key("values");
    append_list(out, link.values,
                [&out](const diagnose::NamedOperand &each) { append_operand(out, each); });
    object.close();
}

void DiagnosisJson::append(Writer &out, const diagnose::Diagnosis &diagnosis) {
    const auto link = [&](const diagnose::Link &each) { append_link(out, each); };
    JsonObject object(out, "diagnosis");
    packet::dissect(diagnosis.drop, packet_);
    object.key("drop");
    drops_.append(out, diagnosis.drop, packet_);
    object.boolean("complete", diagnosis.complete)
        .text_or_null("why_incomplete", diagnosis.why_incomplete)
        .number("rounds", diagnosis.rounds);
    object.key("chain");
    append_list(out, diagnosis.chain, link);
    object.key("cause");
    if (diagnosis.cause() != nullptr) {
        append_link(out, *diagnosis.cause());
    } else {
        out.text("null");
    }
    object.key("also");
    append_list(out, diagnosis.also, link);
    const bool same = diagnosis.decision == diagnosis.explanation || diagnosis.decision.empty();
    object
        .text("explanation",
              same ? diagnosis.explanation : diagnosis.explanation + " " + diagnosis.decision)
        .text_or_null("rule", diagnosis.rule)
        .text_or_null("reason_doc", diagnosis.reason_doc);
    object.key("advice");
    append_list(out, diagnosis.advice,
                [&out](const diagnose::Advice &each) { util::append_json_string(out, each.text); });
    object.key("coverage");
    JsonObject(out)
        .number("points", diagnosis.points)
        .number("unprobed", diagnosis.unprobed)
        .close();
    object.key("lost");
    append_json(out, diagnosis.lost);
    object.end_line();
}

} // namespace dropctl::render

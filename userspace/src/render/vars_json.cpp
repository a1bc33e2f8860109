// SPDX-License-Identifier: GPL-2.0-only
#include "render/json.hpp"
#include "render/vars_view.hpp"

namespace dropctl::render {

namespace {

void append_variable(util::Writer &out, const values::Variable &variable) {
    JsonObject object(out);
    object.text("name", variable.name);
    object.text_or_null("type", variable.type == nullptr ? std::string() : variable.type->text());
    object.text("kind", variable.kind == values::VariableKind::Parameter ? "parameter" : "local");
    object.text("function", variable.function).number("level", variable.level);
    object.boolean("hidden", variable.hidden).boolean("readable", variable.readable);
    object.text("where", variable.where).text_or_null("readable_at", variable.readable_at);
    object.close();
}

} // namespace

void append_json(util::Writer &out, const VarsReport &report) {
    JsonObject object(out, "vars");
    object.text("function", report.function).text("symbol", report.symbol);
    object.text_or_null("module", report.module);
    object.text_or_null("file", report.frames.empty() ? std::string() : report.frames[0].file);
    object.number("line", report.frames.empty() ? 0 : report.frames[0].line);
    object.number("address", report.address).number("offset", report.offset);
    object.text_or_null("returns", report.returns);
    object.key("inline");
    out.put('[');
    for (size_t i = 0; i < report.frames.size(); i++) {
        out.text(i == 0 ? "" : ",");
        util::append_json_string(out, report.frames[i].function);
    }
    out.put(']');
    object.key("variables");
    out.put('[');
    for (size_t i = 0; i < report.variables.size(); i++) {
        out.text(i == 0 ? "" : ",");
        append_variable(out, report.variables[i]);
    }
    out.put(']');
    object.end_line();
}

} // namespace dropctl::render

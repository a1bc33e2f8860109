// SPDX-License-Identifier: GPL-2.0-only
#include "render/vars_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::render {

namespace {

constexpr size_t widest_declaration = 40; ///< longer ones push the rest of their line

std::string head(const VarsReport &report, const util::Paint &paint) {
    std::string text = paint.bold(report.function);
    if (!report.module.empty()) {
        text += " [" + report.module + "]";
    }
    if (!report.frames.empty() && !report.frames.front().file.empty()) {
        text += fmt::format("  {}:{}", report.frames.front().file, report.frames.front().line);
    }
    text += "  " + paint.dim(fmt::format("{}+{:#x}", report.symbol, report.offset));
    if (!report.returns.empty() && report.returns != "void") {
        text += paint.dim(fmt::format("  returns {}", report.returns));
    }
    return text + "\n";
}

std::string declaration(const values::Variable &variable) {
    return variable.type == nullptr ? variable.name : variable.type->declaration(variable.name);
}

std::string where(const values::Variable &variable, const util::Paint &paint) {
    std::string text = variable.where;
    if (variable.readable && variable.hidden) {
        text += fmt::format(", as {}::{}", variable.function, variable.name);
    }
    if (!variable.readable_at.empty()) {
        text += fmt::format("; readable at {}", variable.readable_at);
    }
    return variable.readable ? text : paint.dim(text);
}

} // namespace

std::string vars_text(const VarsReport &report, const util::Paint &paint) {
    std::string text = head(report, paint);
    size_t width = 0;
    for (const values::Variable &variable : report.variables) {
        width = std::max(width, std::min(declaration(variable).size(), widest_declaration));
    }
    const values::Variable *last = nullptr;
    for (const values::Variable &variable : report.variables) {
        const bool inlined = report.variables.back().level > 0;
        if (inlined && (last == nullptr || last->level != variable.level)) {
            const bool outermost = variable.function == report.function;
            text += fmt::format("  {}{}\n", variable.function, outermost ? "" : " (inlined)");
        }
        last = &variable;
        text +=
            fmt::format("{}{} {:<{}}  {}\n", inlined ? "    " : "  ", variable.readable ? '*' : '-',
                        declaration(variable), width, where(variable, paint));
    }
    if (report.variables.empty()) {
        text += paint.dim(report.frames.empty() ? "  no debug information\n" : "  no variables\n");
    }
    return text;
}

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
#include "commands/path_view.hpp"

#include "render/path_diff.hpp"
#include "util/terminal.hpp"

namespace dropctl::commands {

PathView::PathView(Context &context, render::Names &names, const std::string &source)
    : context_(context), source_(source) {
    if (context.options.json) {
        json_ = std::make_unique<render::PathJson>(names, context.options.verbose);
        return;
    }
    render::PathTextOptions text;
    text.columns = context.out.is_terminal() ? util::terminal_size(context.out).columns : 0;
    text.colour = util::want_colour(context.options.colour, context.out);
    text.verbose = context.options.verbose;
    text_ = std::make_unique<render::PathText>(
        names, [this](const std::string &file, uint32_t line) { return source_line(file, line); },
        text);
}

std::string PathView::source_line(const std::string &file, uint32_t line) {
    return std::string(source_.line(file, line));
}

void PathView::show(const trace::ReportedPath &path, uint64_t number) {
    if (text_) {
        context_.out.write(text_->text(path, number) + "\n");
        return;
    }
    json_->append(lines_, path);
    context_.out.write(lines_.view());
    lines_.clear();
}

void PathView::compare(const trace::ReportedPath &dropped, const trace::ReportedPath &passed) {
    const util::Paint paint(util::want_colour(context_.options.colour, context_.out));
    const auto source = [this](const std::string &file, uint32_t line) {
        return source_line(file, line);
    };
    context_.out.write(render::path_diff(dropped, passed, source, paint));
}

} // namespace dropctl::commands

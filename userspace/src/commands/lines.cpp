// SPDX-License-Identifier: GPL-2.0-only
// dropctl lines: the source of functions, marked where it can be traced, with what
// is inlined and called there. Needs no module.
#include "commands/lines.hpp"

#include "render/lines_view.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace dropctl::commands {

namespace {

constexpr const char *no_source = "for the text of the lines, unpack this kernel's source below "
                                  "/usr/src, or name a directory: --source DIR";

void print(const code::Function &function, Context &context, symbols::SourceText &source) {
    const code::Placement placement = code::place_points(function);
    const std::vector<code::ListedLine> lines = code::list_lines(function, placement);
    const render::LinesReport report{
        .function = function, .placement = placement, .lines = lines, .source = source};
    if (context.options.json) {
        util::Writer json;
        render::append_json(json, report);
        context.out.write(json.view());
        return;
    }
    const util::Paint paint(util::want_colour(context.options.colour, context.out));
    context.out.write(render::lines_text(report, paint));
}

void hint(const std::string &text, Context &context) {
    if (!text.empty()) {
        context.out.flush();
        context.err.write("hint: " + text + "\n");
        context.err.flush();
    }
}

} // namespace

Result<Exit> lines(const LinesOptions &options, Context &context, code::KernelCode &kernel,
                   symbols::SourceText &source) {
    bool first = true;
    for (const std::string &name : options.functions) {
        const code::FunctionSearch search = kernel.find(name);
        if (!search) {
            return code::KernelCode::failure("lines", search);
        }
        for (const code::Instance &instance : search.instances) {
            const auto function = kernel.function(instance);
            if (!function) {
                return function.error();
            }
            if (!first && !context.options.json) {
                context.out.write("\n");
            }
            first = false;
            print(*function, context, source);
        }
    }
    const std::string trouble = kernel.hint();
    const bool no_text = source.directory().empty() && !context.options.json;
    hint(trouble.empty() && no_text ? no_source : trouble, context);
    return Exit::Done;
}

Result<Exit> lines(const LinesOptions &options, Context &context) {
    std::error_code error;
    if (!options.source.empty() && !std::filesystem::is_directory(options.source, error)) {
        return Error{.what = "lines",
                     .why = fmt::format("--source: {} is no directory", options.source),
                     .status = Exit::Usage};
    }
    code::CodeOptions settings;
    settings.symbols.progress = [&context](const std::string &what) {
        context.err.write("dropctl: " + what + "\n");
        context.err.flush();
    };
    code::KernelCode kernel(std::move(settings));
    symbols::SourceText source(options.source);
    return lines(options, context, kernel, source);
}

} // namespace dropctl::commands

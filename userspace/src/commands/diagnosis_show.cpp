// SPDX-License-Identifier: GPL-2.0-only
#include "commands/diagnosis_show.hpp"

#include "explain/explainer.hpp"
#include "render/diagnosis_json.hpp"
#include "render/diagnosis_text.hpp"
#include "render/progress_text.hpp"
#include "util/replace_file.hpp"
#include "util/terminal.hpp"
#include "util/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::commands {

namespace {

constexpr const char *verb = "diagnose";
/// What is not a terminal has room for a line of the chain.
constexpr size_t columns_of_a_file = 120;

} // namespace

void DiagnosisShow::progress(const std::string &what, double seconds, unsigned drops) {
    if (context_.err.is_terminal() || context_.options.verbose) {
        const size_t columns = util::terminal_size(context_.err).columns;
        context_.err.write(render::progress_text(what, seconds, drops, columns) + "\n");
        context_.err.flush();
    }
}

/// Explanations are generic without them: that is worth a hint, no failure.
void DiagnosisShow::load_rules() {
    if (loaded_) {
        return;
    }
    loaded_ = true;
    reason_docs_ = symbols::ReasonDocs::load();
    std::vector<Error> complaints;
    if (const std::string directory = rules::Base::directory(); !directory.empty()) {
        rules_ = rules::Base::load(directory, complaints);
    } else {
        complaints.push_back({"rules", "none are installed: explanations are generic"});
    }
    for (const Error &complaint : complaints) {
        context_.err.write(fmt::format("dropctl: {}: {}\n", complaint.what, complaint.why));
    }
    context_.err.flush();
}

Result<void> DiagnosisShow::prepare() const {
    return options_.html.empty() ? Result<void>() : util::can_replace_file(verb, options_.html);
}

bool DiagnosisShow::wants_paths() const {
    return !options_.html.empty() || (context_.options.verbose && !context_.options.json);
}

void DiagnosisShow::show_text(const diagnose::Diagnosis &diagnosis,
                              const render::SourceLine &source) {
    const size_t columns = util::terminal_size(context_.out).columns;
    const render::DiagnosisTextOptions options{
        .columns = context_.out.is_terminal() ? columns : std::max(columns, columns_of_a_file),
        .colour = util::want_colour(context_.options.colour, context_.out),
        .verbose = context_.options.verbose};
    context_.out.write(render::DiagnosisText(names_, source, options).text(diagnosis));
    if (context_.options.verbose && diagnosis.path) {
        const render::PathTextOptions path{.columns = options.columns, .colour = options.colour};
        context_.out.write("\n" + render::PathText(names_, source, path).text(*diagnosis.path, 1));
    }
}

Result<void> DiagnosisShow::show(diagnose::Diagnosis &diagnosis, const std::string &hint) {
    const auto source = [this](const std::string &file, uint32_t line) {
        return std::string(source_.line(file, line));
    };
    load_rules();
    explain::Explainer(rules_, reason_docs_, names_, source)
        .explain(diagnosis, util::expression(options_.filters));
    if (context_.options.json) {
        util::Writer out;
        render::DiagnosisJson(names_, source).append(out, diagnosis);
        context_.out.write(out.view());
    } else {
        show_text(diagnosis, source);
    }
    context_.out.flush();
    const std::string names_hint = names_.hint();
    const std::string &told = names_hint.empty() ? hint : names_hint;
    if (!told.empty()) {
        context_.err.write("hint: " + told + "\n");
        context_.err.flush();
    }
    if (options_.html.empty()) {
        return {};
    }
    html_.add(diagnosis);
    return util::replace_file(verb, options_.html, html_.page());
}

} // namespace dropctl::commands

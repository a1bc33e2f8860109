// SPDX-License-Identifier: GPL-2.0-only
#include "commands/diagnosis_show.hpp"

#include "explain/generic.hpp"
#include "render/diagnosis_json.hpp"
#include "render/diagnosis_text.hpp"
#include "util/terminal.hpp"
#include "util/words.hpp"

#include <fmt/format.h>

namespace dropctl::commands {

void DiagnosisShow::progress(const std::string &what, double seconds, unsigned drops) {
    if (context_.err.is_terminal() || context_.options.verbose) {
        context_.err.write(fmt::format("{:<64} {:5.1f} s   {} {}\n", what, seconds, drops,
                                       drops == 1 ? "drop" : "drops"));
        context_.err.flush();
    }
}

void DiagnosisShow::show(diagnose::Diagnosis &diagnosis, const std::string &hint) {
    diagnosis.explanation = explain::sentence(diagnosis);
    diagnosis.advice = explain::trace_command(diagnosis, util::expression(options_.filters));
    const auto source = [this](const std::string &file, uint32_t line) {
        return std::string(source_.line(file, line));
    };
    if (context_.options.json) {
        util::Writer out;
        render::DiagnosisJson(names_, source).append(out, diagnosis);
        context_.out.write(out.view());
    } else {
        const bool colour = util::want_colour(context_.options.colour, context_.out);
        context_.out.write(render::DiagnosisText(names_, source, colour).text(diagnosis));
    }
    context_.out.flush();
    const std::string names_hint = names_.hint();
    const std::string &told = names_hint.empty() ? hint : names_hint;
    if (!told.empty()) {
        context_.err.write("hint: " + told + "\n");
        context_.err.flush();
    }
}

} // namespace dropctl::commands

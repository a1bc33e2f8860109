// SPDX-License-Identifier: GPL-2.0-only
// What `dropctl diagnose` puts out: how far it has come on stderr, then the diagnosis in
// the form that was asked for.
#pragma once

#include "commands/commands.hpp"
#include "commands/live_names.hpp"
#include "diagnose/diagnosis.hpp"
#include "render/diagnosis_html.hpp"
#include "render/path_text.hpp"
#include "rules/base.hpp"
#include "symbols/reason_docs.hpp"
#include "symbols/source_text.hpp"

#include <string>

namespace dropctl::commands {

class DiagnosisShow {
  public:
    /// All outlive this.
    DiagnosisShow(const DiagnoseOptions &options, Context &context, LiveNames &names)
        : options_(options), context_(context), names_(names), source_(options.source),
          html_(names, [this](const std::string &file) -> const std::vector<std::string> & {
              return source_.lines(file);
          }) {}
    DiagnosisShow(const DiagnosisShow &) = delete;
    DiagnosisShow &operator=(const DiagnosisShow &) = delete;

    /// An error where what was asked for cannot be written.
    [[nodiscard]] Result<void> prepare() const;
    /// The way of the packet is shown, too.
    [[nodiscard]] bool wants_paths() const;
    /// ... beside that of one that passed.
    [[nodiscard]] bool wants_passing() const { return !options_.html.empty(); }

    /// What is done now. @param drops looked at so far; @param seconds since the start
    void progress(const std::string &what, double seconds, unsigned drops);
    /// Explain a diagnosis and put it out. @param hint for what was missing; may be empty
    Result<void> show(diagnose::Diagnosis &diagnosis, const std::string &hint);

  private:
    void load_rules();
    void show_text(const diagnose::Diagnosis &diagnosis, const render::SourceLine &source);

    const DiagnoseOptions &options_;
    Context &context_;
    LiveNames &names_;
    symbols::SourceText source_;
    rules::Base rules_;
    symbols::ReasonDocs reason_docs_;
    bool loaded_ = false;
    render::DiagnosisHtml html_;
};

} // namespace dropctl::commands

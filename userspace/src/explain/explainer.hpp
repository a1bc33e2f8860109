// SPDX-License-Identifier: GPL-2.0-only
// What a diagnosis means, and what to do: from the rule that is about it, if there is one,
// from its facts, and in the kernel's own words.
#pragma once

#include "diagnose/diagnosis.hpp"
#include "render/names.hpp"
#include "render/path_text.hpp"
#include "rules/base.hpp"
#include "symbols/reason_docs.hpp"

#include <string>

namespace dropctl::explain {

class Explainer {
  public:
    Explainer(const rules::Base &base, const symbols::ReasonDocs &docs, render::Names &names,
              render::SourceLine source)
        : base_(base), docs_(docs), names_(names), source_(std::move(source)) {}

    /// Fill in explanation, decision, advice, rule and reason_doc.
    /// @param expression that selects the flow, for commands that look further
    void explain(diagnose::Diagnosis &diagnosis, const std::string &expression);

  private:
    const rules::Base &base_;
    const symbols::ReasonDocs &docs_;
    render::Names &names_;
    render::SourceLine source_;
};

} // namespace dropctl::explain

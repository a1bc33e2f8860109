// SPDX-License-Identifier: GPL-2.0-only
#include "explain/explainer.hpp"

#include "explain/facts_of.hpp"
#include "explain/generic.hpp"

namespace dropctl::explain {

namespace {

/// The first template that can be filled.
std::string because(const rules::Rule &rule, const rules::Facts &facts) {
    for (const rules::Template &text : rule.because) {
        if (auto filled = rules::fill(text, facts)) {
            return *filled;
        }
    }
    return {};
}

} // namespace

void Explainer::explain(diagnose::Diagnosis &diagnosis, const std::string &expression) {
    const rules::Facts facts = facts_of(diagnosis, names_, source_);
    diagnosis.decision = sentence(diagnosis, source_);
    diagnosis.explanation = diagnosis.decision;
    diagnosis.advice.clear();
    diagnosis.rule.clear();
    diagnosis.reason_doc.clear();
    if (!facts.reason.empty() && facts.reason != "NOT_SPECIFIED") {
        diagnosis.reason_doc = docs_.find(facts.reason).text;
    }
    const rules::Rule *rule = base_.find(facts);
    if (std::string text = rule == nullptr ? std::string() : because(*rule, facts); !text.empty()) {
        diagnosis.rule = rule->name;
        diagnosis.explanation = std::move(text);
        for (const rules::Template &attempt : rule->attempts) {
            if (auto filled = rules::fill(attempt, facts)) {
                diagnosis.advice.push_back(
                    {std::move(*filled), attempt.kind != rules::Template::Kind::Sentence});
            }
        }
    }
    if (diagnosis.advice.empty()) {
        diagnosis.advice = trace_command(diagnosis, expression);
    }
}

} // namespace dropctl::explain

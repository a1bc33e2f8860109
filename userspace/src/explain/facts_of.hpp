// SPDX-License-Identifier: GPL-2.0-only
// A diagnosis as the facts that rules look at.
#pragma once

#include "diagnose/diagnosis.hpp"
#include "render/names.hpp"
#include "render/path_text.hpp"
#include "rules/facts.hpp"

namespace dropctl::explain {

rules::Facts facts_of(const diagnose::Diagnosis &diagnosis, render::Names &names,
                      const render::SourceLine &source);

/// The value as people read it, in decimal where nothing better is known; empty: unknown.
std::string value_text(const diagnose::NamedOperand &operand);

} // namespace dropctl::explain

// SPDX-License-Identifier: GPL-2.0-only
// A diagnosis in a sentence or two, made from its facts alone.
#pragma once

#include "diagnose/diagnosis.hpp"
#include "render/path_text.hpp"

#include <string>
#include <vector>

namespace dropctl::explain {

/// "ip_check_mc_rcu() went through all of `for_each_pmc_rcu(in_dev, im)` and found ...".
std::string sentence(const diagnose::Diagnosis &diagnosis, const render::SourceLine &source);

/// Commands that show more of the cause.
std::vector<diagnose::Advice> trace_command(const diagnose::Diagnosis &diagnosis,
                                            const std::string &expression);

/// A line of source as it stands in a sentence: one blank for each run of white space.
std::string statement_text(const std::string &line);

/// Whether an operand has a name that means something to people; a register has none.
bool is_named(const diagnose::NamedOperand &operand);

} // namespace dropctl::explain

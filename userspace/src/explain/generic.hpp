// SPDX-License-Identifier: GPL-2.0-only
// A diagnosis in a sentence or two, made from its facts alone.
#pragma once

#include "diagnose/diagnosis.hpp"

#include <string>

namespace dropctl::explain {

/// "ip_check_mc_rcu() returned 0: ...".
std::string sentence(const diagnose::Diagnosis &diagnosis);

/// Commands that show or follow the cause.
std::vector<std::string> trace_command(const diagnose::Diagnosis &diagnosis,
                                       const std::string &expression);

} // namespace dropctl::explain

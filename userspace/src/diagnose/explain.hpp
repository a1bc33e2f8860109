// SPDX-License-Identifier: GPL-2.0-only
// A diagnosis in a sentence or two, made from its facts alone.
#pragma once

#include "diagnose/diagnosis.hpp"

#include <string>

namespace dropctl::diagnose {

/// "ip_check_mc_rcu() returned 0: ...".
std::string explain(const Diagnosis &diagnosis);

/// Commands that show or follow the cause.
std::vector<std::string> advise(const Diagnosis &diagnosis, const std::string &expression);

} // namespace dropctl::diagnose

// SPDX-License-Identifier: GPL-2.0-only
// What the kernel's refusals mean to the user.
#pragma once

#include "nl/messages.hpp"
#include "nl/request.hpp"
#include "util/result.hpp"

#include <cstdint>
#include <string>

namespace dropctl::nl {

/// The module is not there.
Error not_loaded();

/// The module was built for another version of the interface.
Error wrong_version(uint32_t version);

/// A request was refused: the kernel's own words, the attribute it blames, and
/// what to do where that is known.
/// @param what what was being done, "add-filter"
Error refused(const std::string &what, const Request &request, const Answer &answer);

} // namespace dropctl::nl

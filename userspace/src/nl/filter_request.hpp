// SPDX-License-Identifier: GPL-2.0-only
// A filter as the attributes of a request to add it.
#pragma once

#include "model.hpp"
#include "nl/client.hpp"
#include "nl/request.hpp"

namespace dropctl::nl {

/// Bytes that put_filter() needs in the request, or a few more.
size_t filter_space(const Filter &filter, const FilterPrograms &programs);

/// Leaves out what has the value that the module takes anyway.
void put_filter(Request &request, const Filter &filter, const FilterPrograms &programs);

} // namespace dropctl::nl

// SPDX-License-Identifier: GPL-2.0-only
// Traces and their points as attributes of requests.
#pragma once

#include "nl/request.hpp"
#include "trace_model.hpp"

#include <vector>

namespace dropctl::nl {

void put_trace(Request &request, const TraceRequest &options);

/// Cut into parts that fit a netlink attribute, in an order in which each refers only
/// to what was added before: programs, frames, points.
std::vector<TracePoints> split_points(const TracePoints &points);
/// Bytes that put_points() needs.
size_t points_space(const TracePoints &points);
void put_points(Request &request, uint32_t trace, const TracePoints &points);

} // namespace dropctl::nl

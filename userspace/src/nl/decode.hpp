// SPDX-License-Identifier: GPL-2.0-only
// From a message's bytes to model values. Pure and bounds-checked: any bytes may
// come in. Unknown attributes are skipped, mandatory ones demanded afterwards;
// what does not hold makes the whole value a decode error, never a guess.
#pragma once

#include "model.hpp"
#include "nl/attributes.hpp"
#include "nl/client.hpp"
#include "trace_model.hpp"

#include <cstdint>

namespace dropctl::nl::decode {

/// Each returns false on a decode error; `out` is then half filled and of no use.
/// All take the attributes behind the generic netlink header, or in the nest.
bool event(Bytes bytes, Event &out);
bool loss(Bytes bytes, Loss &out);
bool status(Bytes bytes, Status &out);
bool filter(Bytes bytes, Filter &out);
bool session(Bytes bytes, Session &out);
bool session_end(Bytes bytes, SessionEnd &out);
/// @param since_ns left alone by rows that do not carry it
bool counter(Bytes bytes, Counter &out, uint64_t &since_ns);

bool trace(Bytes bytes, TraceInfo &out);
bool point(Bytes bytes, PointInfo &out);
bool path(Bytes bytes, PathChunk &out);
bool gone(Bytes bytes, PointsGone &out);
bool refusals(Bytes bytes, std::vector<PointRefusal> &out);
/// The packet of a path: a drop's fields, less what only a drop has.
bool packet(Bytes bytes, Event &out);

/// Id that a reply to FILTER_ADD or SESSION_START carries; 0: none.
uint32_t filter_id(Bytes bytes);
uint32_t session_id(Bytes bytes);
uint32_t trace_id(Bytes bytes);

} // namespace dropctl::nl::decode

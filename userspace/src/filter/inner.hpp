// SPDX-License-Identifier: GPL-2.0-only
// Expressions about the packet inside a tunnel.
#pragma once

#include "filter/compile.hpp"

namespace dropctl::filter {

/// As compile(). The module finds the inner packet's network header and EtherType
/// and no more, so an expression about its MAC addresses or VLAN tags is refused.
Result<Program> compile_inner(const std::string &expression);

} // namespace dropctl::filter

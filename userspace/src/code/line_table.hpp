// SPDX-License-Identifier: GPL-2.0-only
// Lines and inlined functions, which the debug information gives.
#pragma once

#include "symbols/line_table.hpp"

namespace dropctl::code {

using symbols::InlineScope;
using symbols::LineRow;
using symbols::LineTable;

} // namespace dropctl::code

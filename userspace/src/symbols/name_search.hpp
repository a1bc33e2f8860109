// SPDX-License-Identifier: GPL-2.0-only
// Finds where debug information mentions a name, by looking for the number that
// stands for it: without an index (.debug_names is not there in kernels) that is
// the one way that does not parse everything. Reads the file from end to end.
#pragma once

#include "symbols/mapped_elf.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dropctl::symbols {

/// Offsets in `info` at which the offset of `name` in `strings` stands, in
/// ascending order; a few more than that may be numbers that happen to be equal.
std::vector<uint64_t> find_mentions(const MappedElf &elf, const MappedElf::Section &strings,
                                    const MappedElf::Section &info, const std::string &name);

} // namespace dropctl::symbols

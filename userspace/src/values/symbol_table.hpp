// SPDX-License-Identifier: GPL-2.0-only
// Addresses of variables by the symbol table of a file with debug information.
#pragma once

#include <libelf.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace dropctl::values {

/// The address of a variable that is defined in this file; nothing if it is not, or
/// several have the name. Reads the whole table, some milliseconds for vmlinux.
std::optional<uint64_t> symbol_address(Elf *elf, std::string_view name);

} // namespace dropctl::values

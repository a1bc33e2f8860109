// SPDX-License-Identifier: GPL-2.0-only
// dropctl vars, with what it works on given by the caller; for tests.
#pragma once

#include "code/kernel_code.hpp"
#include "commands/commands.hpp"
#include "values/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dropctl::commands {

/// FUNC or FUNC:LINE taken apart.
struct FunctionLine {
    std::string function;
    std::optional<uint32_t> line;
};
Result<FunctionLine> split_line(const std::string &text);

/// Addresses at which the code of a line begins, one for each stretch of it: lines of the
/// function's own file, else of any that is inlined.
std::vector<uint64_t> addresses_of_line(const code::LineTable &lines, const std::string &file,
                                        uint32_t line);

/// Lines with code that are nearest to one that has none.
std::vector<uint32_t> nearest_lines(const code::LineTable &lines, const std::string &file,
                                    uint32_t line);

/// Say what can be read at the places of `options`.
Result<Exit> vars(const VarsOptions &options, Context &context, code::KernelCode &kernel,
                  values::Types &types);

} // namespace dropctl::commands

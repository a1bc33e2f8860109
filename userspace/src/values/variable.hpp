// SPDX-License-Identifier: GPL-2.0-only
// What can be read at an address: the variables in scope there, of inlined
// functions too, with their types, and whether and where their values are.
#pragma once

#include "values/types.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dropctl::values {

enum class VariableKind { Parameter, Local, Global };

struct Variable {
    std::string name;
    const Type *type = nullptr;
    VariableKind kind = VariableKind::Local;
    std::string function; ///< that it belongs to; empty: a global
    unsigned level = 0;   ///< 0: of the innermost inlined function, 1: of the one around it...
    bool hidden = false;  ///< another of the same name is nearer
    bool readable = false;
    /// Where the value is: "in rbx", "on the stack", "in memory", "constant", "rdi at entry";
    /// or why it cannot be read: "optimised out here".
    std::string where;
    /// Lines of the function at which it can be read, if not here ("2514-2521, 2530").
    std::string readable_at;
};

/// The variables in scope at a place, nearest first, parameters before locals; empty
/// without debug information. Globals are left out.
std::vector<Variable> variables_at(Types &types, const Place &place);

/// Names of the functions whose code the place is, innermost first.
std::vector<std::string> functions_at(Types &types, const Place &place);

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
// The parameters of a function where it is entered: from its debug information,
// which knows what became of them in clones, else from BTF, by position.
#pragma once

#include "values/operand.hpp"
#include "values/scope.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::values {

struct EntryArgument {
    std::string name;
    const Type *type = nullptr;
    std::optional<Operand> operand; ///< nothing: it cannot be read
};

struct EntryArguments {
    bool known = false; ///< else neither debug information nor BTF has the function
    std::string function;
    std::vector<EntryArgument> arguments;
    const Type *returns = nullptr;
};

EntryArguments entry_arguments(Types &types, const Place &entry, std::string_view symbol);

/// DWARF number of the register that argument `index`, from 0, comes in; -1: it does not.
int64_t argument_register(size_t index);
/// The other way round.
std::optional<unsigned> argument_of_register(int64_t number);

} // namespace dropctl::values

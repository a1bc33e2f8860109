// SPDX-License-Identifier: GPL-2.0-only
#include "values/entry_arguments.hpp"

#include "symbols/symbol_name.hpp"
#include "values/btf_types.hpp"
#include "values/checker.hpp"

#include <array>

namespace dropctl::values {

namespace {

constexpr std::array<int64_t, 6> registers{5, 4, 1, 2, 8, 9}; // rdi rsi rdx rcx r8 r9

bool from_debug_information(Types &types, const Place &entry, EntryArguments &found) {
    const Scope scope(types, entry);
    if (scope.function() == nullptr) {
        return false;
    }
    found.known = true;
    found.function = scope.functions().back();
    Dwarf_Die function = *scope.function();
    found.returns = &scope.unit()->type_of(function);
    for (const ScopedVariable &variable : scope.variables()) {
        if (variable.kind != VariableKind::Parameter ||
            variable.level + 1 != scope.functions().size()) {
            continue;
        }
        EntryArgument argument{.name = variable.name, .type = &scope.type(variable)};
        Location location = scope.location(variable);
        if (location.kind != LocationKind::Nowhere && location.kind != LocationKind::Implicit) {
            argument.operand = operand_at(std::move(location), *argument.type, variable.name);
        }
        found.arguments.push_back(std::move(argument));
    }
    return true;
}

/// What takes an argument register each.
bool is_register_sized(const Type &type) {
    return type.is_number() || type.is(TypeKind::Pointer);
}

void from_btf(Types &types, const Place &entry, std::string_view symbol, EntryArguments &found) {
    found.function = symbols::without_suffixes(symbol);
    BtfTypes *btf = types.btf(entry.module);
    const Type *prototype = btf == nullptr ? nullptr : btf->function(found.function);
    if (prototype == nullptr || prototype->kind() != TypeKind::Function) {
        return;
    }
    found.known = true;
    found.returns = &prototype->target();
    // Of a clone the parameters may be others.
    bool by_position = found.function == symbol;
    size_t index = 0;
    for (const Parameter &parameter : prototype->parameters()) {
        EntryArgument argument{.name = parameter.name, .type = parameter.type};
        by_position = by_position && is_register_sized(*parameter.type);
        if (const int64_t number = argument_register(index++); by_position && number >= 0) {
            argument.operand =
                value_operand(leaf(NodeKind::Register, number), *parameter.type, parameter.name);
        }
        found.arguments.push_back(std::move(argument));
    }
}

} // namespace

int64_t argument_register(size_t index) {
    return index < registers.size() ? registers[index] : -1;
}

std::optional<unsigned> argument_of_register(int64_t number) {
    for (unsigned i = 0; i < registers.size(); i++) {
        if (registers[i] == number) {
            return i;
        }
    }
    return std::nullopt;
}

EntryArguments entry_arguments(Types &types, const Place &entry, std::string_view symbol) {
    EntryArguments found;
    if (!from_debug_information(types, entry, found)) {
        from_btf(types, entry, symbol, found);
    }
    return found;
}

} // namespace dropctl::values

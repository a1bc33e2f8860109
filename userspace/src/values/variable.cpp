// SPDX-License-Identifier: GPL-2.0-only
#include "values/variable.hpp"

#include "values/scope.hpp"

namespace dropctl::values {

std::vector<Variable> variables_at(Types &types, const Place &place) {
    const Scope scope(types, place);
    std::vector<Variable> found;
    for (const ScopedVariable &each : scope.variables()) {
        const Location location = scope.location(each);
        Variable variable{.name = each.name, .type = &scope.type(each), .kind = each.kind};
        variable.function = scope.functions()[each.level];
        variable.level = each.level;
        variable.hidden = each.hidden;
        variable.readable = location.kind != LocationKind::Nowhere;
        variable.where = location.text;
        if (!variable.readable) {
            variable.readable_at = scope.readable_at(each);
        }
        found.push_back(std::move(variable));
    }
    return found;
}

std::vector<std::string> functions_at(Types &types, const Place &place) {
    return Scope(types, place).functions();
}

} // namespace dropctl::values

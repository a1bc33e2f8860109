// SPDX-License-Identifier: GPL-2.0-only
// The scopes around an address: the function, what is inlined at it, blocks,
// and the variables that they have.
#pragma once

#include "values/location.hpp"
#include "values/types.hpp"
#include "values/variable.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::values {

/// A variable as the debug information describes it.
struct ScopedVariable {
    Dwarf_Die die{};
    std::string name;
    VariableKind kind = VariableKind::Local;
    unsigned level = 0; ///< into Scope::functions()
    bool hidden = false;
};

class Scope {
  public:
    Scope(Types &types, Place place);

    [[nodiscard]] const Place &place() const { return place_; }
    [[nodiscard]] Types &types() const { return types_; }
    /// Null: no debug information of the place.
    [[nodiscard]] UnitTypes *unit() const { return unit_; }
    /// The function, not an inlined one; null: none.
    [[nodiscard]] const Dwarf_Die *function() const { return function_ ? &*function_ : nullptr; }
    /// Where it begins, in the running kernel; 0: not known.
    [[nodiscard]] uint64_t entry() const;

    /// Innermost first.
    [[nodiscard]] const std::vector<std::string> &functions() const { return functions_; }
    /// Nearest first.
    [[nodiscard]] const std::vector<ScopedVariable> &variables() const { return variables_; }
    /// The nearest of a name; of a function only if `function` is not empty. Null: none.
    [[nodiscard]] const ScopedVariable *find(std::string_view name,
                                             std::string_view function = {}) const;

    const Type &type(const ScopedVariable &variable) const;
    Location location(const ScopedVariable &variable) const;
    /// Lines at which a variable can be read: "2514-2521, 2530"; empty: none.
    std::string readable_at(const ScopedVariable &variable) const;

    /// A variable of the file, or one that it declares; nothing if there is none. Its
    /// type is void if only its symbol is known.
    struct Global {
        const Type *type = nullptr;
        Location location;
    };
    std::optional<Global> global(std::string_view name) const;

    /// Lines at which a variable can be read that is in the function, but not in scope at
    /// this place. Nothing: the function has no such variable.
    std::optional<std::string> readable_elsewhere(std::string_view name) const;

    /// What the parameters were when the function was entered.
    [[nodiscard]] std::unique_ptr<Scope> at_entry() const;
    /// The address is the function's entry: registers are still the arguments'.
    [[nodiscard]] bool is_entry() const { return is_entry_; }

    Location location_of(Dwarf_Off die) const { return locations_->of(die); }

  private:
    void walk(Dwarf_Die &scope, unsigned depth);
    void collect(Dwarf_Die &scope, unsigned depth);
    void collect_origin(Dwarf_Die &scope);
    void order();

    Types &types_;
    Place place_;
    UnitTypes *unit_;
    std::optional<Dwarf_Die> function_;
    std::optional<Locations> mutable locations_;
    std::vector<std::string> functions_;
    std::vector<ScopedVariable> variables_;
    std::vector<unsigned> depths_; ///< parallel to variables_, while they are collected
    bool is_entry_ = false;
};

} // namespace dropctl::values

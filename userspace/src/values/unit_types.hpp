// SPDX-License-Identifier: GPL-2.0-only
// The types of one compilation unit, from its DWARF. Reads a type when it is
// asked for, and an index of the unit's names once one is looked up.
#pragma once

#include "symbols/dwarf_unit.hpp"
#include "values/call_frame.hpp"
#include "values/type.hpp"

#include <elfutils/libdw.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dropctl::values {

class UnitTypes : public TypeSource {
  public:
    explicit UnitTypes(std::shared_ptr<symbols::DwarfUnit> unit) : unit_(std::move(unit)) {}

    /// The type that a DIE has (DW_AT_type); void if it has none.
    const Type &type_of(Dwarf_Die &die);
    /// The type that a DIE is.
    const Type &type(Dwarf_Die &die);

    /// A type with a name; a definition rather than a declaration. Null: none.
    const Type *find(TypeKind kind, std::string_view name);
    std::optional<int64_t> enumerator(std::string_view name);
    /// A variable of the unit, declared or defined; a definition first.
    bool variable(std::string_view name, Dwarf_Die &found);
    /// Names of the unit's variables.
    std::vector<std::string> variables();

    /// The address of a symbol of the file, as symbol_address() has it; remembered.
    std::optional<uint64_t> symbol(const std::string &name);

    /// The frames of the file's functions.
    CallFrames &frames();

    symbols::DwarfUnit &unit() { return *unit_; }
    [[nodiscard]] Dwarf *dwarf() const;

    const Type *target(const Type &type) override;
    std::vector<Member> members(const Type &type) override;
    std::vector<Enumerator> enumerators(const Type &type) override;
    std::vector<Parameter> parameters(const Type &type) override;

  private:
    using Names = std::unordered_map<std::string_view, Dwarf_Off>;

    TypeFacts facts(Dwarf_Die &die, unsigned dimension);
    const Type &make(Dwarf_Off offset, unsigned dimension);
    bool die_at(uint64_t id, Dwarf_Die &die) const;
    void index();
    void index_one(Dwarf_Die &die);

    std::shared_ptr<symbols::DwarfUnit> unit_;
    std::unordered_map<uint64_t, std::unique_ptr<Type>> types_; ///< by id
    bool indexed_ = false;
    std::map<TypeKind, Names> names_;
    Names variables_;
    std::vector<Dwarf_Off> enums_;
    std::map<std::string, std::optional<uint64_t>> symbols_;
    std::optional<CallFrames> frames_;
};

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
// Reads types of a compilation unit with libdw. A type's id is the offset of its
// DIE; arrays of several dimensions are one DIE, so the dimension is put on top.
#include "values/unit_types.hpp"

#include "values/dwarf_reading.hpp"
#include "values/symbol_table.hpp"

namespace dropctl::values {

namespace {

constexpr unsigned dimension_shift = 56;
constexpr uint64_t offset_mask = (uint64_t{1} << dimension_shift) - 1;
constexpr unsigned deepest = 64;

std::optional<TypeKind> kind_of(int tag) {
    switch (tag) {
    case DW_TAG_base_type:
        return TypeKind::Int;
    case DW_TAG_enumeration_type:
        return TypeKind::Enum;
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
        return TypeKind::Pointer;
    case DW_TAG_array_type:
        return TypeKind::Array;
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
        return TypeKind::Struct;
    case DW_TAG_union_type:
        return TypeKind::Union;
    case DW_TAG_subroutine_type:
    case DW_TAG_subprogram:
        return TypeKind::Function;
    case DW_TAG_typedef:
        return TypeKind::Typedef;
    default:
        return std::nullopt;
    }
}

bool is_qualifier(int tag) {
    return tag == DW_TAG_const_type || tag == DW_TAG_volatile_type || tag == DW_TAG_restrict_type ||
           tag == DW_TAG_atomic_type;
}

void read_encoding(Dwarf_Die &die, TypeFacts &facts) {
    switch (number_of(die, DW_AT_encoding).value_or(0)) {
    case DW_ATE_boolean:
        facts.is_bool = true;
        break;
    case DW_ATE_float:
    case DW_ATE_complex_float:
        facts.kind = TypeKind::Float;
        break;
    case DW_ATE_signed_char:
        facts.is_char = facts.name == "char";
        facts.is_signed = true;
        break;
    case DW_ATE_unsigned_char:
        facts.is_char = facts.name == "char";
        break;
    case DW_ATE_signed:
        facts.is_signed = true;
        break;
    default:
        break;
    }
}

std::vector<uint64_t> dimensions(Dwarf_Die &array) {
    std::vector<uint64_t> counts;
    each_child(array, [&](Dwarf_Die &child) {
        if (dwarf_tag(&child) == DW_TAG_subrange_type) {
            const auto count = number_of(child, DW_AT_count);
            const auto bound = number_of(child, DW_AT_upper_bound);
            // The bound of "[0]" is -1, of "[]" absent.
            const uint64_t largest = uint64_t{1} << 32;
            counts.push_back(count ? *count : bound && *bound < largest ? *bound + 1 : 0);
        }
    });
    return counts;
}

bool is_signed_enum(Dwarf_Die &die) {
    Dwarf_Die base;
    if (referred_die(die, DW_AT_type, base)) {
        const auto encoding = number_of(base, DW_AT_encoding).value_or(0);
        return encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
    }
    return false;
}

/// The place of a bit-field in the bytes of its declared type.
void read_bits(Dwarf_Die &die, Member &member) {
    const auto width = number_of(die, DW_AT_bit_size);
    if (!width) {
        return;
    }
    const uint64_t size = member.type->size();
    uint64_t from = 0; // in bits, from the struct's begin
    if (const auto bit = number_of(die, DW_AT_data_bit_offset)) {
        from = *bit;
    } else if (const auto high = number_of(die, DW_AT_bit_offset)) { // DWARF 3
        const uint64_t storage = number_of(die, DW_AT_byte_size).value_or(size);
        from = member.offset * 8 + storage * 8 - *high - *width;
    }
    const uint64_t unit = size == 0 ? 8 : size * 8;
    member.bits = static_cast<uint32_t>(*width);
    member.offset = from / unit * (unit / 8);
    member.bit_from = static_cast<uint32_t>(from % unit);
    if (member.bit_from + member.bits > unit) { // packed across its storage
        member.offset = from / 8;
        member.bit_from = static_cast<uint32_t>(from % 8);
    }
}

} // namespace

Dwarf *UnitTypes::dwarf() const {
    return dwarf_cu_getdwarf(unit_->die().cu);
}

bool UnitTypes::die_at(uint64_t id, Dwarf_Die &die) const {
    return dwarf_offdie(dwarf(), id & offset_mask, &die) != nullptr;
}

const Type &UnitTypes::type_of(Dwarf_Die &die) {
    Dwarf_Die found;
    return referred_die(die, DW_AT_type, found) ? type(found) : void_type();
}

const Type &UnitTypes::type(Dwarf_Die &die) {
    Dwarf_Die real = die;
    for (unsigned i = 0; is_qualifier(dwarf_tag(&real)); i++) {
        Dwarf_Die next;
        if (i == deepest || !referred_die(real, DW_AT_type, next)) {
            return void_type();
        }
        real = next;
    }
    return make(dwarf_dieoffset(&real), 0);
}

const Type &UnitTypes::make(Dwarf_Off offset, unsigned dimension) {
    const uint64_t id = offset | (uint64_t{dimension} << dimension_shift);
    std::unique_ptr<Type> &known = types_[id];
    if (!known) {
        Dwarf_Die die;
        TypeFacts read;
        if (die_at(id, die)) {
            read = facts(die, dimension);
        }
        known = std::make_unique<Type>(std::move(read), this, id);
    }
    return *known;
}

TypeFacts UnitTypes::facts(Dwarf_Die &die, unsigned dimension) {
    TypeFacts facts;
    const int tag = dwarf_tag(&die);
    facts.kind = kind_of(tag).value_or(TypeKind::Void);
    facts.size = number_of(die, DW_AT_byte_size).value_or(0);
    if (facts.kind != TypeKind::Pointer && facts.kind != TypeKind::Array) {
        facts.name = die_name(die);
    }
    facts.declared = has_flag(die, DW_AT_declaration);
    switch (facts.kind) {
    case TypeKind::Int:
        read_encoding(die, facts);
        break;
    case TypeKind::Pointer:
        facts.size = sizeof(uint64_t);
        break;
    case TypeKind::Enum:
        facts.is_signed = is_signed_enum(die);
        break;
    case TypeKind::Array: {
        const auto counts = dimensions(die);
        facts.count = dimension < counts.size() ? counts[dimension] : 0;
        break;
    }
    default:
        break;
    }
    return facts;
}

const Type *UnitTypes::target(const Type &type) {
    Dwarf_Die die;
    if (!die_at(type.id(), die)) {
        return nullptr;
    }
    const auto dimension = static_cast<unsigned>(type.id() >> dimension_shift);
    if (type.kind() == TypeKind::Array && dimension + 1 < dimensions(die).size()) {
        return &make(type.id() & offset_mask, dimension + 1);
    }
    return &type_of(die);
}

std::vector<Member> UnitTypes::members(const Type &type) {
    std::vector<Member> found;
    Dwarf_Die die;
    if (!type.is_struct() || !die_at(type.id(), die)) {
        return found;
    }
    each_child(die, [&](Dwarf_Die &child) {
        if (dwarf_tag(&child) == DW_TAG_member) {
            Member member{.name = die_name(child), .type = &type_of(child)};
            member.offset = number_of(child, DW_AT_data_member_location).value_or(0);
            read_bits(child, member);
            found.push_back(std::move(member));
        }
    });
    return found;
}

std::vector<Enumerator> UnitTypes::enumerators(const Type &type) {
    std::vector<Enumerator> found;
    Dwarf_Die die;
    if (type.kind() != TypeKind::Enum || !die_at(type.id(), die)) {
        return found;
    }
    each_child(die, [&](Dwarf_Die &child) {
        Dwarf_Attribute storage;
        Dwarf_Attribute *attribute = dwarf_attr(&child, DW_AT_const_value, &storage);
        Dwarf_Sword value = 0;
        Dwarf_Word number = 0;
        if (type.is_signed() && dwarf_formsdata(attribute, &value) == 0) {
            found.push_back({.name = die_name(child), .value = value});
        } else if (dwarf_formudata(attribute, &number) == 0) {
            found.push_back({.name = die_name(child), .value = static_cast<int64_t>(number)});
        }
    });
    return found;
}

std::vector<Parameter> UnitTypes::parameters(const Type &type) {
    std::vector<Parameter> found;
    Dwarf_Die die;
    if (type.kind() != TypeKind::Function || !die_at(type.id(), die)) {
        return found;
    }
    each_child(die, [&](Dwarf_Die &child) {
        if (dwarf_tag(&child) == DW_TAG_formal_parameter) {
            found.push_back({.name = die_name(child), .type = &type_of(child)});
        }
    });
    return found;
}

void UnitTypes::index() {
    if (indexed_) {
        return;
    }
    indexed_ = true;
    Dwarf_Die die = unit_->die();
    each_child(die, [&](Dwarf_Die &child) { index_one(child); });
}

/// Names are views into the file's string section, which is mapped as long as the unit.
void UnitTypes::index_one(Dwarf_Die &die) {
    const int tag = dwarf_tag(&die);
    const bool is_variable = tag == DW_TAG_variable;
    const auto kind = kind_of(tag);
    if (tag == DW_TAG_enumeration_type) {
        enums_.push_back(dwarf_dieoffset(&die));
    }
    if (!is_variable && (!kind || *kind == TypeKind::Function || *kind == TypeKind::Array ||
                         *kind == TypeKind::Pointer)) {
        return;
    }
    const char *name = dwarf_diename(&die);
    if (name == nullptr) {
        return;
    }
    const bool declared = has_flag(die, DW_AT_declaration);
    Names &names = is_variable ? variables_ : names_[*kind];
    const auto [known, added] = names.emplace(name, dwarf_dieoffset(&die));
    if (!added && !declared) {
        known->second = dwarf_dieoffset(&die);
    }
}

const Type *UnitTypes::find(TypeKind kind, std::string_view name) {
    index();
    const auto names = names_.find(kind);
    if (names == names_.end()) {
        return nullptr;
    }
    const auto known = names->second.find(name);
    return known == names->second.end() ? nullptr : &make(known->second, 0);
}

std::optional<int64_t> UnitTypes::enumerator(std::string_view name) {
    index();
    for (const Dwarf_Off offset : enums_) {
        for (const Enumerator &each : make(offset, 0).enumerators()) {
            if (each.name == name) {
                return each.value;
            }
        }
    }
    return std::nullopt;
}

bool UnitTypes::variable(std::string_view name, Dwarf_Die &found) {
    index();
    const auto known = variables_.find(name);
    return known != variables_.end() && die_at(known->second, found);
}

CallFrames &UnitTypes::frames() {
    if (!frames_) {
        frames_.emplace(dwarf_getelf(dwarf()));
    }
    return *frames_;
}

std::optional<uint64_t> UnitTypes::symbol(const std::string &name) {
    const auto known = symbols_.find(name);
    return known != symbols_.end()
               ? known->second
               : symbols_.emplace(name, symbol_address(dwarf_getelf(dwarf()), name)).first->second;
}

std::vector<std::string> UnitTypes::variables() {
    index();
    std::vector<std::string> names;
    for (const auto &[name, offset] : variables_) {
        names.emplace_back(name);
    }
    return names;
}

} // namespace dropctl::values

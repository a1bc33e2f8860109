// SPDX-License-Identifier: GPL-2.0-only
// Keeps units and BTF that were opened, and the types made of others.
#include "values/types.hpp"

#include "values/btf_types.hpp"
#include "values/unit_types.hpp"

#include <tuple>
#include <unordered_map>

namespace dropctl::values {

namespace {

/// Pointers, arrays and integers that an expression makes. The id is the number of
/// what they are made of.
class MadeTypes : public TypeSource {
  public:
    const Type &make(TypeFacts facts, const Type *target) {
        const auto key = std::make_tuple(facts.kind, facts.size, facts.count, facts.is_signed,
                                         facts.is_bool, target);
        std::unique_ptr<Type> &known = known_[key];
        if (!known) {
            targets_.push_back(target);
            known = std::make_unique<Type>(std::move(facts), this, targets_.size() - 1);
        }
        return *known;
    }
    const Type *target(const Type &type) override { return targets_[type.id()]; }
    std::vector<Member> members(const Type &) override { return {}; }
    std::vector<Enumerator> enumerators(const Type &) override { return {}; }
    std::vector<Parameter> parameters(const Type &) override { return {}; }

  private:
    using Key = std::tuple<TypeKind, uint64_t, uint64_t, bool, bool, const Type *>;
    std::map<Key, std::unique_ptr<Type>> known_;
    std::vector<const Type *> targets_;
};

/// Which unit of which image.
using UnitKey = std::tuple<const symbols::DebugImage *, uint64_t, Dwarf_Off>;

} // namespace

struct Types::State {
    TypeOptions options;
    std::map<UnitKey, std::unique_ptr<UnitTypes>> units;
    std::map<std::string, std::unique_ptr<BtfTypes>> btf;
    MadeTypes made;
};

Types::Types(TypeOptions options) : state_(std::make_unique<State>()) {
    state_->options = std::move(options);
}

Types::~Types() = default;

UnitTypes *Types::unit_at(const Place &place) {
    if (!place.image) {
        return nullptr;
    }
    auto unit = place.image.image->hold_unit_at(place.image.dwarf(place.address));
    if (unit == nullptr) {
        return nullptr;
    }
    Dwarf_Die die = unit->die();
    std::unique_ptr<UnitTypes> &known =
        state_->units[UnitKey(place.image.image, unit->cut(), dwarf_dieoffset(&die))];
    if (!known) {
        known = std::make_unique<UnitTypes>(std::move(unit));
    }
    return known.get();
}

BtfTypes *Types::btf(const std::string &module) {
    const auto known = state_->btf.find(module);
    if (known != state_->btf.end()) {
        return known->second.get();
    }
    BtfTypes *base = module.empty() ? nullptr : btf({});
    std::unique_ptr<BtfTypes> &added = state_->btf[module];
    if (module.empty() || base != nullptr) {
        added =
            BtfTypes::read(state_->options.btf + "/" + (module.empty() ? "vmlinux" : module), base);
    }
    return added.get();
}

const Type *Types::find(TypeKind kind, std::string_view name, const Place &near) {
    const Type *declared = nullptr;
    if (UnitTypes *unit = unit_at(near)) {
        if (const Type *found = unit->find(kind, name)) {
            if (!found->declared()) {
                return found;
            }
            declared = found;
        }
    }
    BtfTypes *types = near.module.empty() ? nullptr : btf(near.module);
    const Type *found = types == nullptr ? nullptr : types->find(kind, name);
    if (found == nullptr && types == nullptr) {
        types = btf({});
        found = types == nullptr ? nullptr : types->find(kind, name);
    }
    return found == nullptr ? declared : found;
}

const Type &Types::complete(const Type &type, const Place &near) {
    const Type &bare = type.bare();
    if (!bare.declared() || bare.name().empty()) {
        return bare;
    }
    const Type *found = find(bare.kind(), bare.name(), near);
    return found == nullptr ? bare : *found;
}

std::optional<int64_t> Types::enumerator(std::string_view name, const Place &near) {
    if (UnitTypes *unit = unit_at(near)) {
        if (const auto value = unit->enumerator(name)) {
            return value;
        }
    }
    BtfTypes *types = near.module.empty() ? nullptr : btf(near.module);
    if (types == nullptr) {
        types = btf({});
    }
    return types == nullptr ? std::nullopt : types->enumerator(name);
}

const Type &Types::pointer_to(const Type &type) {
    return state_->made.make({.kind = TypeKind::Pointer, .size = sizeof(uint64_t)}, &type);
}

const Type &Types::array_of(const Type &type, uint64_t count) {
    return state_->made.make({.kind = TypeKind::Array, .count = count}, &type);
}

const Type &Types::integer(uint64_t size, bool is_signed) {
    static const std::map<std::pair<uint64_t, bool>, const char *> names{
        {{1, true}, "signed char"}, {{1, false}, "unsigned char"},
        {{2, true}, "short"},       {{2, false}, "unsigned short"},
        {{4, true}, "int"},         {{4, false}, "unsigned int"},
        {{8, true}, "long"},        {{8, false}, "unsigned long"}};
    const auto name = names.find({size, is_signed});
    return state_->made.make({.kind = TypeKind::Int,
                              .name = name == names.end() ? "int" : name->second,
                              .size = size,
                              .is_signed = is_signed},
                             nullptr);
}

} // namespace dropctl::values

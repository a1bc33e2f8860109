// SPDX-License-Identifier: GPL-2.0-only
// All that is known of types: BTF of the kernel and its modules, which has every
// type but no variables, and the compilation units with debug information that
// were looked at, which have both. A unit's own types come first, as the code was
// compiled with them; structs that a unit only declares are completed from BTF.
//
// Everything in values/ refers to one Types, which must outlive what came from it.
#pragma once

#include "symbols/debug_images.hpp"
#include "values/type.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace dropctl::values {

/// Where BTF is read from; tests put other paths in.
struct TypeOptions {
    /// Directory with the raw BTF of vmlinux and of modules.
    std::string btf = "/sys/kernel/btf";
};

/// A place in the kernel's code.
struct Place {
    symbols::PlacedImage image; ///< without an image: no debug information, BTF only
    std::string module;         ///< empty: the kernel itself
    uint64_t address = 0;       ///< the running kernel's
};

class BtfTypes;
class UnitTypes;

class Types {
  public:
    explicit Types(TypeOptions options = {});
    ~Types();
    Types(const Types &) = delete;
    Types &operator=(const Types &) = delete;

    /// The unit that holds a place, kept from now on; null if there is no debug
    /// information of it.
    UnitTypes *unit_at(const Place &place);
    /// BTF of a module (empty: of the kernel), null if there is none.
    BtfTypes *btf(const std::string &module);

    /// A type by name: "int", "u32" (Typedef or Int), a struct's or union's without
    /// the word. `near` has it first. Null if nobody knows it.
    const Type *find(TypeKind kind, std::string_view name, const Place &near);
    /// The definition of a struct that `type` may only declare; `type` itself if it
    /// is complete, or nothing better is known.
    const Type &complete(const Type &type, const Place &near);
    /// The value of an enumerator of any enumeration.
    std::optional<int64_t> enumerator(std::string_view name, const Place &near);

    /// Types made of others.
    const Type &pointer_to(const Type &type);
    const Type &array_of(const Type &type, uint64_t count);
    /// An integer as the compiler's promotions make it.
    const Type &integer(uint64_t size, bool is_signed);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
// What a function takes and returns, to show a call as f(skb, daddr=224.0.0.5) and
// its result as "-22 EINVAL", NF_DROP, NULL or true.
#pragma once

#include "values/types.hpp"
#include "values/value.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::values {

struct PrototypeParameter {
    std::string name;
    const Type *type = nullptr;
    /// Where in droptrace_step_enter.args it is (0 = rdi ... 5 = r9); nothing: elsewhere, or gone.
    std::optional<unsigned> argument;
};

struct Prototype {
    std::string function;
    std::vector<PrototypeParameter> parameters;
    const Type *returns = nullptr; ///< null: not known; returns_void() for void
    [[nodiscard]] bool known() const { return returns != nullptr; }
    [[nodiscard]] bool returns_void() const;
};

/// The prototype of the function that begins at `entry`. `symbol` is its symbol, looked
/// up in BTF if there is no debug information of the place; parameters of clones
/// (.isra, .constprop) are then left without `argument`.
Prototype prototype_of(Types &types, const Place &entry, std::string_view symbol);

/// "f(skb, daddr=224.0.0.5)" from the registers at entry.
std::string call_text(Types &types, const Prototype &prototype,
                      const std::array<uint64_t, 6> &arguments,
                      const SymbolNamer &symbol = nullptr);

/// What a function returned.
struct ReturnValue {
    bool is_void = false;
    int64_t number = 0; ///< as the type has it, sign-extended; pointers as they are
    bool is_pointer = false;
    /// "-EINVAL", "NF_DROP", "NULL", "true"; empty: the number says all.
    std::string name;
    /// Number and name: "-22 EINVAL", "0 NF_DROP", "NULL"; empty: void.
    std::string text;
};

/// `value` is the return register.
ReturnValue describe_return(Types &types, const Prototype &prototype, uint64_t value);

/// "EINVAL" of 22; empty if it is none.
std::string_view errno_name(int number);

} // namespace dropctl::values

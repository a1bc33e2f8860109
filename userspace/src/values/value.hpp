// SPDX-License-Identifier: GPL-2.0-only
// A value that was read: from the bytes in a path step back to numbers, names
// and addresses, by its type and its name.
#pragma once

#include "util/writer.hpp"
#include "values/compile.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dropctl::values {

struct Value {
    using Array = std::vector<Value>;
    using Members = std::vector<std::pair<std::string, Value>>;

    /// Null: there is nothing (unreadable, NULL).
    std::variant<std::monostate, bool, int64_t, uint64_t, std::string, Array, Members> data;
    std::string text; ///< for people, one line: "224.0.0.5", "-22 EINVAL", "{224.0.0.1}"
    std::string note; ///< "unreadable", "cut", "more than 64 elements"; empty: all is well
};

/// Turns an address into a symbol ("ip_local_deliver"), empty if it is none. May be null.
using SymbolNamer = std::function<std::string(uint64_t address)>;

/// Decode what followed a droptrace_step_value.
Value decode(Types &types, const Item &item, uint16_t status, std::string_view bytes,
             const SymbolNamer &symbol = nullptr);

/// `value` as JSON; what is not readable is null.
void append_json(util::Writer &out, const Value &value);

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
// A part of an expression whose meaning is known: what it is read from, and its type.
#pragma once

#include "values/location.hpp"
#include "values/node.hpp"
#include "values/type.hpp"

#include <optional>
#include <string>

namespace dropctl::values {

struct Operand {
    /// Memory: it lies at where.node. Value: it is where.node, extended as the type is.
    Location where;
    const Type *type = nullptr;
    std::string name;      ///< of the variable or member that it is
    uint32_t bits = 0;     ///< width of a bit-field, 0: it is none
    uint32_t bit_from = 0; ///< its lowest bit

    [[nodiscard]] bool in_memory() const { return where.kind == LocationKind::Memory; }
};

/// A walk along a list. A slot holds the link: the address of the element, or of the
/// list_head or hlist_node in it.
struct Walk {
    NodePtr first;         ///< link of the first element
    NodePtr end;           ///< link at which the list ends; null: at 0
    bool ends_odd = false; ///< at a link with its lowest bit set (hlist_nulls)
    int64_t next = 0;      ///< where the next link stands, from the link
    Operand element;       ///< what is taken of each element
};

/// The register that holds the link of a walk.
constexpr int64_t walk_slot = 15;

struct Checked {
    Operand operand;
    std::optional<Walk> walk;
};

inline Operand value_operand(NodePtr node, const Type &type, std::string name = {}) {
    Operand operand;
    operand.where.kind = LocationKind::Value;
    operand.where.node = std::move(node);
    operand.type = &type;
    operand.name = std::move(name);
    return operand;
}

inline Operand memory_operand(NodePtr address, const Type &type, std::string name = {}) {
    Operand operand = value_operand(std::move(address), type, std::move(name));
    operand.where.kind = LocationKind::Memory;
    return operand;
}

/// The part of `whole`, bytes [offset, offset + size), with another type. Nothing: it is
/// not in one place.
std::optional<Operand> part_of(const Operand &whole, uint64_t offset, const Type &type);

/// Number or address that an operand has; null: it is none, or not in one place.
NodePtr number_of_operand(const Operand &operand);

} // namespace dropctl::values

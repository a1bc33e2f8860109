// SPDX-License-Identifier: GPL-2.0-only
// What is known, at a place in a program for Ethernet frames, of the registers
// and the scratch memory: bounds of a number, or that it is the frame's
// EtherType, which the rewritten program does not hold in a register at all.
#pragma once

#include <linux/filter.h>

#include <array>
#include <cstdint>

namespace dropctl::filter {

struct Value {
    enum class Kind {
        Number,    ///< between low and high
        EtherType, ///< of `level`, less `minus`
        Mixed,     ///< either, depending on the path
    };

    Kind kind = Kind::Number;
    uint32_t low = 0;
    uint32_t high = UINT32_MAX;
    uint32_t level = 0; ///< 0: at offset 12, 1: behind the outer tag, ...
    uint32_t minus = 0;

    static Value number(uint32_t low, uint32_t high) { return {.low = low, .high = high}; }
    static Value constant(uint32_t k) { return number(k, k); }
    static Value ether_type(uint32_t level) { return {.kind = Kind::EtherType, .level = level}; }

    [[nodiscard]] bool is_number() const { return kind == Kind::Number; }
    [[nodiscard]] bool is_constant() const { return is_number() && low == high; }
    [[nodiscard]] bool is_ether_type() const { return kind == Kind::EtherType; }
    bool operator==(const Value &) const = default;

    /// What holds of both, where two paths meet.
    [[nodiscard]] Value joined(const Value &other) const;
};

/// Bounds of an arithmetic instruction's result, both operands being numbers.
Value compute(unsigned operation, const Value &left, const Value &right);

/// Bounds of what a load of BPF_W, BPF_H or BPF_B can give.
Value loaded(unsigned size);

struct State {
    Value a = Value::constant(0); // libpcap reads no register that it has not set
    Value x = Value::constant(0);
    std::array<Value, BPF_MEMWORDS> memory{};
    /// Tags that libpcap took for granted when it made this code: the `vlan`
    /// tests before it, whether they held or not.
    uint32_t assumed_tags = 0;
    /// Tags that the tests on the way here found.
    uint32_t least_tags = 0;
    uint32_t most_tags = 0;

    [[nodiscard]] State joined(const State &other) const;
};

} // namespace dropctl::filter

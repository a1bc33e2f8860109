// SPDX-License-Identifier: GPL-2.0-only
// Interval arithmetic, and the meeting of paths.
#include "filter/value.hpp"

#include <algorithm>

namespace dropctl::filter {

namespace {

/// Bounds of 32-bit arithmetic, given those it would have without overflow.
Value unless_overflown(uint64_t low, uint64_t high) {
    if (high > UINT32_MAX) {
        return {};
    }
    return Value::number(static_cast<uint32_t>(low), static_cast<uint32_t>(high));
}

} // namespace

Value Value::joined(const Value &other) const {
    if (*this == other) {
        return *this;
    }
    if (is_number() && other.is_number()) {
        return number(std::min(low, other.low), std::max(high, other.high));
    }
    return {.kind = Kind::Mixed};
}

Value compute(unsigned operation, const Value &left, const Value &right) {
    switch (operation) {
    case BPF_ADD:
        return unless_overflown(uint64_t{left.low} + right.low, uint64_t{left.high} + right.high);
    case BPF_SUB:
        return left.low < right.high ? Value{}
                                     : Value::number(left.low - right.high, left.high - right.low);
    case BPF_MUL:
        return unless_overflown(uint64_t{left.low} * right.low, uint64_t{left.high} * right.high);
    case BPF_AND:
        return Value::number(0, std::min(left.high, right.high));
    case BPF_LSH:
        return right.is_constant() && right.low < 32
                   ? unless_overflown(uint64_t{left.low} << right.low,
                                      uint64_t{left.high} << right.low)
                   : Value{};
    case BPF_RSH:
        return right.is_constant() && right.low < 32
                   ? Value::number(left.low >> right.low, left.high >> right.low)
                   : Value{};
    default:
        return {};
    }
}

Value loaded(unsigned size) {
    switch (size) {
    case BPF_B:
        return Value::number(0, UINT8_MAX);
    case BPF_H:
        return Value::number(0, UINT16_MAX);
    default:
        return {};
    }
}

State State::joined(const State &other) const {
    State both;
    both.a = a.joined(other.a);
    both.x = x.joined(other.x);
    for (size_t i = 0; i < memory.size(); ++i) {
        both.memory[i] = memory[i].joined(other.memory[i]);
    }
    both.assumed_tags = std::max(assumed_tags, other.assumed_tags);
    both.least_tags = std::min(least_tags, other.least_tags);
    both.most_tags = std::max(most_tags, other.most_tags);
    return both;
}

} // namespace dropctl::filter

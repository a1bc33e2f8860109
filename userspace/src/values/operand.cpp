// SPDX-License-Identifier: GPL-2.0-only
#include "values/operand.hpp"

#include <algorithm>
#include <cstring>

namespace dropctl::values {

namespace {

bool is_load_size(uint64_t size) {
    return size == 1 || size == 2 || size == 4 || size == 8;
}

/// The smallest size that can be loaded and has `bits`.
uint64_t load_size(uint64_t bits) {
    for (const uint64_t size : {1, 2, 4, 8}) {
        if (bits <= size * 8) {
            return size;
        }
    }
    return 0;
}

NodePtr bits_of(NodePtr storage, const Operand &operand) {
    constexpr uint32_t word = 64;
    const bool is_signed = operand.type->bare().is_signed();
    storage = binary(DROPTRACE_OP_SHL, std::move(storage),
                     constant(word - operand.bit_from - operand.bits));
    return binary(is_signed ? DROPTRACE_OP_SAR : DROPTRACE_OP_SHR, std::move(storage),
                  constant(word - operand.bits));
}

Operand with(const Operand &whole, LocationKind kind, NodePtr node, const Type &type) {
    Operand part;
    part.where.kind = kind;
    part.where.node = std::move(node);
    part.where.text = whole.where.text;
    part.type = &type;
    part.name = whole.name;
    return part;
}

} // namespace

std::optional<Operand> part_of(const Operand &whole, uint64_t offset, const Type &type) {
    const uint64_t size = type.size();
    switch (whole.where.kind) {
    case LocationKind::Memory: {
        Operand part = with(whole, LocationKind::Memory,
                            plus(whole.where.node, static_cast<int64_t>(offset)), type);
        part.where.per_cpu = whole.where.per_cpu;
        return part;
    }
    case LocationKind::Value:
        if (offset >= sizeof(uint64_t)) {
            return std::nullopt;
        }
        return with(
            whole, LocationKind::Value,
            binary(DROPTRACE_OP_SHR, whole.where.node, constant(static_cast<int64_t>(offset * 8))),
            type);
    case LocationKind::Bytes: {
        if (offset + size > whole.where.bytes.size()) {
            return std::nullopt;
        }
        Operand part = with(whole, LocationKind::Bytes, nullptr, type);
        part.where.bytes = whole.where.bytes.substr(offset, size);
        return part;
    }
    case LocationKind::Parts:
        for (const Location::Part &each : whole.where.parts) {
            if (offset >= each.offset && offset + size <= each.offset + each.size &&
                each.kind != LocationKind::Nowhere) {
                return part_of(with(whole, each.kind, each.node, type), offset - each.offset, type);
            }
        }
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

NodePtr number_of_operand(const Operand &operand) {
    const Type &type = operand.type->bare();
    if (type.kind() == TypeKind::Array) {
        return operand.in_memory() ? operand.where.node : nullptr;
    }
    const uint64_t size = type.size();
    if (!(type.is_number() || type.kind() == TypeKind::Pointer) || !is_load_size(size)) {
        return nullptr;
    }
    switch (operand.where.kind) {
    case LocationKind::Memory:
        if (operand.bits != 0) {
            const uint64_t width = load_size(operand.bit_from + operand.bits);
            return width == 0 ? nullptr : bits_of(load(operand.where.node, width, false), operand);
        }
        return load(operand.where.node, size, type.is_signed());
    case LocationKind::Value:
        return operand.bits != 0 ? bits_of(operand.where.node, operand)
                                 : extend(operand.where.node, size, type.is_signed());
    case LocationKind::Bytes: {
        int64_t number = 0;
        std::memcpy(&number, operand.where.bytes.data(),
                    std::min(sizeof(number), operand.where.bytes.size()));
        number = extended(number, size, type.is_signed());
        return operand.bits != 0 ? bits_of(constant(number), operand) : constant(number);
    }
    case LocationKind::Parts: {
        const auto whole = part_of(operand, 0, *operand.type);
        return whole ? number_of_operand(*whole) : nullptr;
    }
    default:
        return nullptr;
    }
}

} // namespace dropctl::values

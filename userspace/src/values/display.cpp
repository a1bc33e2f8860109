// SPDX-License-Identifier: GPL-2.0-only
#include "values/display.hpp"

#include <fmt/format.h>

#include <array>

namespace dropctl::values {

namespace {

constexpr uint64_t ipv4_size = 4;
constexpr uint64_t mac_size = 6;
constexpr uint64_t ipv6_size = 16;

/// One of these words, or something that ends with one: "default_vni".
template <size_t Count>
bool is_one_of(std::string_view name, const std::array<std::string_view, Count> &names) {
    for (const std::string_view each : names) {
        const bool ends = name.ends_with(each) && name.size() > each.size() &&
                          name[name.size() - each.size() - 1] == '_';
        if (name == each || ends) {
            return true;
        }
    }
    return false;
}

/// __be32 members that are no addresses.
constexpr std::array<std::string_view, 20> be32_numbers{
    "seq",     "ack_seq", "ack",      "spi",   "vni",       "vx_flags", "vx_vni",
    "flags",   "key",     "flowinfo", "label", "flowlabel", "flow_lbl", "tun_id",
    "i_flags", "o_flags", "i_key",    "o_key", "id",        "index"};
/// __be16 members that are no ports.
constexpr std::array<std::string_view, 12> be16_numbers{
    "tot_len", "id",       "frag_off", "len",    "payload_len", "window",
    "urg_ptr", "vlan_tci", "flags",    "length", "gso_size",    "sequence"};
constexpr std::array<std::string_view, 8> protocols{"protocol",   "h_proto",       "proto",
                                                    "vlan_proto", "eth_type",      "n_proto",
                                                    "ethertype",  "inner_protocol"};

bool is_bytes(const Type &type) {
    return type.is(TypeKind::Array) && type.bare().target().is(TypeKind::Int) &&
           type.bare().target().size() == 1;
}

bool is_text(const Type &type) {
    return (type.is(TypeKind::Array) || type.is(TypeKind::Pointer)) &&
           type.bare().target().bare().is_char();
}

bool fail(Complaint &complaint, std::string why, std::string hint = {}) {
    complaint.why = std::move(why);
    complaint.hint = std::move(hint);
    return false;
}

/// `:ip` and `:mac` of a pointer mean what it points to.
bool follow(Types &types, Format format, Operand &operand) {
    const Type &target = operand.type->bare().target();
    uint64_t size = format == Format::Mac ? mac_size : ipv4_size;
    if (format == Format::Ip && target.size() == ipv6_size) {
        size = ipv6_size;
    }
    const NodePtr address = number_of_operand(operand);
    if (!address) {
        return false;
    }
    operand = memory_operand(address, types.array_of(types.integer(1, false), size), operand.name);
    return true;
}

bool fits(Format format, const Type &type) {
    const uint64_t size = type.size();
    switch (format) {
    case Format::Ip:
        return size == ipv4_size || size == ipv6_size;
    case Format::Mac:
        return size == mac_size;
    case Format::Port:
        return type.is_number() && size >= 2;
    case Format::String:
        return is_text(type) || is_bytes(type) || type.is(TypeKind::Pointer);
    case Format::Decimal:
    case Format::Unsigned:
        return type.is_number() || type.is(TypeKind::Pointer);
    default:
        return true;
    }
}

constexpr std::array<std::string_view, 8> format_names{"auto", "x",   "d", "u",
                                                       "ip",   "mac", "s", "port"};

Layout layout_of(const Type &type, Format format) {
    if (format == Format::String ||
        (format == Format::Auto && is_text(type) && type.is(TypeKind::Array))) {
        return Layout::Text;
    }
    if (format != Format::Auto || !type.is(TypeKind::Pointer)) {
        return Layout::Plain;
    }
    if (is_text(type) || type.is_pointer_to("net_device")) {
        return Layout::Named;
    }
    return type.is_pointer_to("sk_buff") ? Layout::Counted : Layout::Plain;
}

} // namespace

Meaning meaning_of(const Type &type, std::string_view name) {
    if (type.is_struct()) {
        const std::string &tag = type.bare().name();
        return tag == "in_addr"    ? Meaning::Ipv4
               : tag == "in6_addr" ? Meaning::Ipv6
                                   : Meaning::Number;
    }
    if (is_bytes(type)) {
        if (type.bare().target().bare().is_char()) {
            return Meaning::Characters;
        }
        return type.size() == mac_size ? Meaning::Mac : Meaning::Number;
    }
    if (type.is_named("__be32")) {
        return is_one_of(name, be32_numbers) ? Meaning::BigEndian : Meaning::Ipv4;
    }
    if (type.is_named("__be16")) {
        return is_one_of(name, protocols)      ? Meaning::Protocol
               : is_one_of(name, be16_numbers) ? Meaning::BigEndian
                                               : Meaning::Port;
    }
    return type.is_named("__be64") ? Meaning::BigEndian : Meaning::Number;
}

bool choose_item(Types &types, const Place &place, Format format, Checked &checked, Item &item,
                 Complaint &complaint) {
    Operand &operand = checked.walk ? checked.walk->element : checked.operand;
    if (operand.where.per_cpu) {
        return fail(complaint, fmt::format("'{}' has a copy for each CPU", operand.name),
                    "this_cpu(VARIABLE) is the one of the CPU at work");
    }
    if (operand.where.kind == LocationKind::Implicit) {
        complaint.unavailable = true;
        return fail(complaint,
                    fmt::format("'{}' points to what is in no memory here", operand.name),
                    fmt::format("*{} can be read", operand.name));
    }
    const bool pointer = operand.type->is(TypeKind::Pointer);
    if (pointer && (format == Format::Ip || format == Format::Mac) &&
        !follow(types, format, operand)) {
        complaint.unavailable = true;
        return fail(complaint, "only parts of this are left here");
    }
    // A struct may only be declared in this unit: the one to decode by is the whole one.
    item.type = operand.type->is_struct() ? &types.complete(*operand.type, place) : operand.type;
    item.name = operand.name;
    item.format = format;
    item.bits = operand.bits;
    if (item.type->is(TypeKind::Void) && operand.in_memory() &&
        operand.where.node->kind == NodeKind::Constant) {
        return fail(complaint,
                    fmt::format("the type of '{}' is not known in this file", operand.name),
                    fmt::format("*(T *)&{} says what it is", operand.name));
    }
    if (item.type->is(TypeKind::Void) || item.type->is(TypeKind::Function) ||
        (item.type->size() == 0 && !is_text(*item.type))) {
        return fail(complaint, fmt::format("{} has no value", item.type->text()),
                    item.type->is(TypeKind::Void) ? "a cast tells what it is" : "");
    }
    if (!fits(format, *item.type)) {
        return fail(complaint, fmt::format("{} cannot be shown as '{}'", item.type->text(),
                                           format_names[static_cast<size_t>(format)]));
    }
    item.layout = layout_of(*item.type, format);
    if (item.layout == Layout::Text && !operand.in_memory() && item.type->is(TypeKind::Array)) {
        item.layout = Layout::Plain;
    }
    return true;
}

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
// Looks through the parameters: a packet itself, the address of a pointer to
// one, a list of them, then what has one as a member "skb".
#include "values/packet_argument.hpp"

#include "values/checker.hpp"
#include "values/entry_arguments.hpp"
#include "values/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dropctl::values {

namespace {

constexpr unsigned levels_most = 2; ///< pointers followed to find a packet in a struct

/// What is not about one packet, though it may have one for a while.
constexpr std::array<std::string_view, 16> long_lived{
    "sock",         "net_device", "net",    "task_struct",         "inet_sock",    "tcp_sock",
    "napi_struct",  "Qdisc",      "socket", "net_bridge",          "softnet_data", "neighbour",
    "sk_buff_head", "dst_entry",  "rtable", "inet_connection_sock"};

/// A way to a packet: the value, and how C would write it.
struct Way {
    NodePtr node;
    std::string path;
};

class Search {
  public:
    Search(Types &types, const Place &place) : types_(types), place_(place) {}

    std::optional<PacketArgument> direct(const EntryArgument &argument);
    std::optional<PacketArgument> listed(const EntryArgument &argument, bool asked_for);
    std::optional<PacketArgument> inside(const EntryArgument &argument);

    static PacketArgument made(const Way &way, uint32_t flags = 0) {
        PacketArgument found{.frame_flags = flags, .path = way.path};
        Generator generator;
        generator.value(way.node, 0);
        found.program = generator.take();
        return found;
    }

  private:
    std::optional<Way> member(const Type &type, const Way &to, bool embedded, unsigned level);
    std::optional<Way> own_member(const Type &type, const Way &to, bool embedded);

    Types &types_;
    const Place &place_;
};

NodePtr pointer_value(const EntryArgument &argument) {
    return argument.operand && argument.type->is(TypeKind::Pointer)
               ? number_of_operand(*argument.operand)
               : nullptr;
}

std::optional<PacketArgument> Search::direct(const EntryArgument &argument) {
    const NodePtr value = pointer_value(argument);
    if (!value) {
        return std::nullopt;
    }
    if (argument.type->is_pointer_to("sk_buff")) {
        return made({value, argument.name});
    }
    if (argument.type->bare().target().is_pointer_to("sk_buff")) {
        return made({load(value, sizeof(uint64_t), false), "*" + argument.name});
    }
    return std::nullopt;
}

std::optional<PacketArgument> Search::listed(const EntryArgument &argument, bool asked_for) {
    const NodePtr value = pointer_value(argument);
    const bool fits = argument.name == "head" || argument.name == "list" ||
                      argument.name == "sublist" || argument.name == "skb_list";
    if (!value || !argument.type->is_pointer_to("list_head") || (!fits && !asked_for)) {
        return std::nullopt;
    }
    return made({value, argument.name}, DROPTRACE_FRAME_LIST);
}

std::optional<PacketArgument> Search::inside(const EntryArgument &argument) {
    const NodePtr value = pointer_value(argument);
    if (!value) {
        return std::nullopt;
    }
    const Way start{value, argument.name};
    for (unsigned levels = 1; levels <= levels_most; levels++) {
        const Type &target = argument.type->bare().target();
        if (const auto way = member(target, start, false, levels)) {
            return made(*way);
        }
    }
    return std::nullopt;
}

/// A member "skb" of the struct at `to`.
std::optional<Way> Search::own_member(const Type &type, const Way &to, bool embedded) {
    const auto found = find_member(type, "skb");
    if (!found || !found->member.type->is_pointer_to("sk_buff")) {
        return std::nullopt;
    }
    return Way{
        load(plus(to.node, static_cast<int64_t>(found->member.offset)), sizeof(uint64_t), false),
        to.path + (embedded ? "." : "->") + "skb"};
}

/// `levels`: structs that lie on the way, the last of which has the packet.
std::optional<Way> Search::member(const Type &declared, const Way &to, bool embedded,
                                  unsigned levels) {
    const Type &type = types_.complete(declared, place_);
    if (type.kind() != TypeKind::Struct || type.declared() ||
        std::find(long_lived.begin(), long_lived.end(), type.name()) != long_lived.end()) {
        return std::nullopt;
    }
    if (levels == 1) {
        return own_member(type, to, embedded);
    }
    for (const Member &each : type.members()) {
        if (each.name.empty() || each.bits != 0) {
            continue;
        }
        const NodePtr address = plus(to.node, static_cast<int64_t>(each.offset));
        const std::string path = to.path + (embedded ? "." : "->") + each.name;
        std::optional<Way> way;
        if (each.type->is(TypeKind::Pointer)) {
            const Type &target = each.type->bare().target().bare();
            // Back to its own kind is a list, not a way.
            if (target.kind() == TypeKind::Struct && target.name() != type.name()) {
                way = member(target, {load(address, sizeof(uint64_t), false), path}, false,
                             levels - 1);
            }
        } else if (each.type->is(TypeKind::Struct)) {
            way = member(*each.type, {address, path}, true, levels - 1);
        }
        if (way) {
            return way;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<PacketArgument> find_packet_argument(Types &types, const Place &entry,
                                                   std::string_view symbol) {
    const EntryArguments known = entry_arguments(types, entry, symbol);
    Search search(types, entry);
    const bool takes_list = known.function.find("list") != std::string::npos;
    const auto first = [&](auto &&look) -> std::optional<PacketArgument> {
        for (unsigned i = 0; i < known.arguments.size(); i++) {
            if (auto found = look(known.arguments[i])) {
                found->argument = i;
                return found;
            }
        }
        return std::nullopt;
    };
    auto found = first([&](const EntryArgument &each) { return search.direct(each); });
    if (!found && takes_list) {
        found = first([&](const EntryArgument &each) { return search.listed(each, false); });
    }
    if (!found) {
        found = first([&](const EntryArgument &each) { return search.inside(each); });
    }
    return found;
}

Result<PacketArgument> given_packet_argument(Types &types, const Place &entry,
                                             std::string_view symbol, unsigned number) {
    const EntryArguments known = entry_arguments(types, entry, symbol);
    const auto error = [&](std::string why) {
        return Error{"--packet-arg", fmt::format("{}: {}", symbol, why), {}, Exit::Usage};
    };
    if (number == 0) {
        return error("arguments are counted from 1");
    }
    if (!known.known) {
        const int64_t reg = argument_register(number - 1);
        if (reg < 0) {
            return error("only the first six arguments can be read without debug information");
        }
        PacketArgument found =
            Search::made({leaf(NodeKind::Register, reg), fmt::format("argument {}", number)});
        found.argument = number - 1;
        return found;
    }
    if (number > known.arguments.size()) {
        return error(fmt::format("it has {} arguments", known.arguments.size()));
    }
    const EntryArgument &argument = known.arguments[number - 1];
    if (!argument.operand) {
        return error(fmt::format("argument {}, {}, is optimised out", number, argument.name));
    }
    Search search(types, entry);
    auto found = search.direct(argument);
    if (!found) {
        found = search.listed(argument, true);
    }
    if (!found) {
        found = search.inside(argument);
    }
    const bool anything = (argument.type->is(TypeKind::Pointer) &&
                           argument.type->bare().target().is(TypeKind::Void)) ||
                          (argument.type->is_number() && argument.type->size() == sizeof(uint64_t));
    if (!found && anything) {
        found = Search::made({number_of_operand(*argument.operand), argument.name});
    }
    if (!found) {
        return error(fmt::format("argument {} is {}, which is no packet and has none", number,
                                 argument.type->declaration(argument.name)));
    }
    found->argument = number - 1;
    return std::move(*found);
}

} // namespace dropctl::values

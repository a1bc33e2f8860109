// SPDX-License-Identifier: GPL-2.0-only
#include "values/prototype.hpp"

#include "values/entry_arguments.hpp"

#include <fmt/format.h>

#include <cstring>

namespace dropctl::values {

bool Prototype::returns_void() const {
    return returns != nullptr && returns->is(TypeKind::Void);
}

Prototype prototype_of(Types &types, const Place &entry, std::string_view symbol) {
    EntryArguments known = entry_arguments(types, entry, symbol);
    Prototype prototype{.function = std::move(known.function)};
    prototype.returns = known.returns;
    for (EntryArgument &argument : known.arguments) {
        PrototypeParameter parameter{.name = std::move(argument.name), .type = argument.type};
        if (argument.operand && argument.operand->where.kind == LocationKind::Value &&
            argument.operand->where.node->kind == NodeKind::Register) {
            parameter.argument = argument_of_register(argument.operand->where.node->number);
        }
        prototype.parameters.push_back(std::move(parameter));
    }
    return prototype;
}

std::string call_text(Types &types, const Prototype &prototype,
                      const std::array<uint64_t, 6> &arguments, const SymbolNamer &symbol) {
    std::string text;
    for (const PrototypeParameter &parameter : prototype.parameters) {
        const std::string name = parameter.name.empty() ? "?" : parameter.name;
        text += text.empty() ? "" : ", ";
        const uint64_t size = parameter.type == nullptr ? 0 : parameter.type->size();
        // The packet is shown above every path; what a pointer is says little.
        const bool plain = !parameter.argument || parameter.type->is_pointer_to("sk_buff") ||
                           size == 0 || size > sizeof(uint64_t);
        if (plain) {
            text += name;
            continue;
        }
        Item item{.name = parameter.name, .type = parameter.type};
        const uint64_t raw = arguments[*parameter.argument];
        const std::string_view bytes(reinterpret_cast<const char *>(&raw), size);
        const Value value = decode(types, item, DROPTRACE_VALUE_OK, bytes, symbol);
        text += fmt::format("{}={}", name, value.text);
    }
    return fmt::format("{}({})", prototype.function, text);
}

} // namespace dropctl::values

// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/namer.hpp"

#include "symbols/kallsyms.hpp"
#include "symbols/symbol_name.hpp"
#include "values/prototype.hpp"
#include "values/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dropctl::diagnose {

namespace {

using slice::Root;

/// Registers of the first six arguments, in their order.
constexpr std::array<code::Register, 6> argument_registers{code::rdi, code::rsi, code::rdx,
                                                           code::rcx, 8,         9};

std::string displacement_text(const std::string &base, int64_t displacement) {
    if (displacement == 0) {
        return "*" + base;
    }
    return fmt::format("*({} {} {:#x})", base, displacement < 0 ? "-" : "+",
                       displacement < 0 ? -displacement : displacement);
}

/// The member at an offset, through structs inside of structs; "a.b".
const values::Type *member_at(const values::Type &type, uint64_t offset, std::string &path) {
    if (!type.is_struct()) {
        return offset == 0 ? &type : nullptr;
    }
    for (const values::Member &member : type.bare().members()) {
        const uint64_t size = std::max<uint64_t>(member.type->size(), 1);
        if (offset < member.offset || offset >= member.offset + size) {
            continue;
        }
        std::string inner = path;
        if (!member.name.empty()) {
            inner += (inner.empty() ? "" : ".") + member.name;
        }
        const values::Type *found = member_at(*member.type, offset - member.offset, inner);
        if (found != nullptr) {
            path = inner;
            return found;
        }
        if (member.type->is(values::TypeKind::Array)) {
            path = inner + "[]";
            return &member.type->bare().target();
        }
    }
    return nullptr;
}

std::string operand_text(const slice::Operand &operand) {
    if (operand.is(slice::OperandKind::Register)) {
        return std::string(code::register_name(operand.reg));
    }
    if (operand.is(slice::OperandKind::Constant)) {
        return fmt::format("{}", operand.constant);
    }
    const auto &memory = operand.memory;
    return fmt::format("[{}{}{:#x}]", code::register_name(memory.base),
                       memory.displacement < 0 ? "-" : "+",
                       memory.displacement < 0 ? -memory.displacement : memory.displacement);
}

} // namespace

values::Place Namer::place(const code::Function &function, uint64_t address) {
    return {.image = code_.image(function.module), .module = function.module, .address = address};
}

Namer::Named Namer::root(const slice::Origin &origin) {
    if (origin.instance == slice::no_instance && origin.root != Root::Global) {
        return {};
    }
    switch (origin.root) {
    case Root::Argument: {
        const code::Function &function = execution_.instances[origin.instance].function();
        const values::Prototype prototype =
            values::prototype_of(types_, place(function, function.address), function.symbol);
        const auto *const at =
            std::find(argument_registers.begin(), argument_registers.end(), origin.reg);
        const auto number = static_cast<unsigned>(at - argument_registers.begin());
        for (const values::PrototypeParameter &parameter : prototype.parameters) {
            if (parameter.argument == number) {
                return {.text = parameter.name, .type = parameter.type};
            }
        }
        return {};
    }
    case Root::CallResult: {
        const code::Function &function = execution_.instances[origin.instance].function();
        for (const code::Call &call : function.cfg.calls) {
            if (call.address == origin.address && !call.callee.empty()) {
                const values::Place nowhere{
                    .image = {}, .module = call.module, .address = call.target};
                const auto prototype = values::prototype_of(types_, nowhere, call.symbol);
                return {.text = call.callee + "()", .type = prototype.returns};
            }
        }
        return {};
    }
    case Root::Global: {
        const auto symbol = code_.kallsyms().at(origin.address);
        return symbol && symbol->address == origin.address
                   ? Named{.text = "&" + std::string(symbol->name), .type = nullptr}
                   : Named{};
    }
    default:
        return {};
    }
}

/// What lies at a displacement behind a pointer.
Namer::Named Namer::load(const Named &from, int64_t displacement) {
    if (from.text.empty()) {
        return {};
    }
    Named found{.text = displacement_text(from.text, displacement), .type = nullptr};
    if (from.type == nullptr || !from.type->is(values::TypeKind::Pointer) || displacement < 0) {
        return found;
    }
    const values::Type &target = types_.complete(from.type->bare().target().bare(), {});
    std::string path;
    const values::Type *type = member_at(target, static_cast<uint64_t>(displacement), path);
    if (type == nullptr) {
        return found;
    }
    found.type = type;
    found.text = path.empty() ? "*" + from.text : from.text + "->" + path;
    return found;
}

NamedOperand Namer::operand(const slice::TestedValue &value) {
    NamedOperand named;
    named.value = value.value;
    Named at = root(value.origin);
    for (const int64_t displacement : value.origin.loads) {
        at = load(at, displacement);
    }
    if (!at.text.empty() && value.origin.offset != 0) {
        at.text = fmt::format("{} + {:#x}", at.text, value.origin.offset);
        at.type = nullptr;
    }
    named.expression = at.text.empty() ? operand_text(value.operand) : at.text;
    if (value.mask != 0) {
        named.expression += fmt::format(" & {:#x}", value.mask);
    }
    if (at.type != nullptr) {
        named.type = at.type->text();
    }
    if (at.type != nullptr && value.value && value.mask == 0 && at.type->size() != 0 &&
        at.type->size() <= sizeof(uint64_t) && !at.type->is_struct()) {
        const values::Item item{
            .text = named.expression,
            .name = named.expression.substr(named.expression.find_last_of(">.") + 1),
            .type = at.type};
        const std::string_view bytes(reinterpret_cast<const char *>(&*value.value),
                                     at.type->size());
        named.text = values::decode(types_, item, DROPTRACE_VALUE_OK, bytes).text;
    }
    return named;
}

void Namer::describe_return(const slice::Step &step, Link &link) {
    link.callee = symbols::without_suffixes(step.callee);
    if (!step.retval) {
        return;
    }
    values::Place nowhere{};
    std::string symbol = step.callee;
    if (step.call != code::no_index) {
        const code::Function &caller = execution_.instances[step.caller].function();
        const code::Call &call = caller.cfg.calls[step.call];
        nowhere.module = call.module;
        nowhere.address = call.target;
        symbol = call.symbol.empty() ? symbol : call.symbol;
    }
    const auto prototype = values::prototype_of(types_, nowhere, symbol);
    const auto returned = values::describe_return(types_, prototype, *step.retval);
    if (!returned.is_void) {
        link.retval = returned.number;
        link.retval_text = returned.name;
        link.retval_full =
            returned.text.empty() ? fmt::format("{}", returned.number) : returned.text;
    }
}

void Namer::describe_comparison(const slice::Step &step, Link &link) {
    const slice::Comparison &comparison = *step.comparison;
    NamedOperand left = operand(comparison.left);
    if (comparison.is_switch) {
        link.condition = "switch (" + left.expression + ")";
        link.values.push_back(std::move(left));
        return;
    }
    NamedOperand right = operand(comparison.right);
    // A constant is named by what it is compared with.
    const bool constant = comparison.right.origin.root == Root::Constant ||
                          comparison.right.operand.is(slice::OperandKind::Constant);
    link.condition = fmt::format("{} {} {}", left.expression,
                                 slice::condition_text(comparison.condition), right.expression);
    link.values.push_back(std::move(left));
    if (!constant) {
        link.values.push_back(std::move(right));
    }
}

Link Namer::link(const slice::Step &step) {
    const code::Function &function = execution_.instances[step.instance].function();
    const Frame line = step.line();
    Link link;
    link.function = line.function.empty() ? function.function : line.function;
    link.module = function.module;
    link.inlined = link.function != function.function;
    link.file = line.file;
    link.line = line.line;
    link.address = step.branch;
    link.why = slice::why_text(step.why);
    link.loop_ended = step.loop && step.loop->left_here;
    if (!step.callee.empty() || step.retval) {
        describe_return(step, link);
    }
    if (step.comparison) {
        describe_comparison(step, link);
    }
    return link;
}

} // namespace dropctl::diagnose

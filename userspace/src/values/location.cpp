// SPDX-License-Identifier: GPL-2.0-only
// Evaluates DWARF expressions. What cannot be had (an entry value that was not
// kept, thread-local storage) makes the whole location Nowhere, never a guess.
#include "values/location.hpp"

#include "values/call_frame.hpp"
#include "values/dwarf_reading.hpp"

#include <array>
#include <cstring>

namespace dropctl::values {

namespace {

constexpr int64_t stack_pointer = 7;
constexpr const char *optimised_out = "optimised out here";

Location nowhere(std::string why) {
    return {.kind = LocationKind::Nowhere, .text = std::move(why)};
}

/// Where the value of an expression is to be looked for, in words.
std::string value_text(const NodePtr &node) {
    const Node *inner = node.get();
    while (inner->kind == NodeKind::Extend) {
        inner = inner->a.get();
    }
    switch (inner->kind) {
    case NodeKind::Constant:
        return "constant";
    case NodeKind::Register:
        return "in " + register_name(inner->number);
    case NodeKind::Argument:
        return register_name(inner->number) + " at entry";
    default:
        return "computed";
    }
}

bool reads_register(const NodePtr &node, int64_t number) {
    return node && (((node->kind == NodeKind::Register || node->kind == NodeKind::Argument) &&
                     node->number == number) ||
                    reads_register(node->a, number) || reads_register(node->b, number));
}

struct Operation {
    uint8_t atom;
    droptrace_op op;
    bool swapped;
};

/// Operations of two numbers. DWARF divides and compares with sign.
constexpr std::array<Operation, 17> operations{{
    {DW_OP_plus, DROPTRACE_OP_ADD, false},
    {DW_OP_minus, DROPTRACE_OP_SUB, false},
    {DW_OP_mul, DROPTRACE_OP_MUL, false},
    {DW_OP_div, DROPTRACE_OP_DIVS, false},
    {DW_OP_mod, DROPTRACE_OP_MODU, false},
    {DW_OP_and, DROPTRACE_OP_AND, false},
    {DW_OP_or, DROPTRACE_OP_OR, false},
    {DW_OP_xor, DROPTRACE_OP_XOR, false},
    {DW_OP_shl, DROPTRACE_OP_SHL, false},
    {DW_OP_shr, DROPTRACE_OP_SHR, false},
    {DW_OP_shra, DROPTRACE_OP_SAR, false},
    {DW_OP_eq, DROPTRACE_OP_EQ, false},
    {DW_OP_ne, DROPTRACE_OP_NE, false},
    {DW_OP_lt, DROPTRACE_OP_LTS, false},
    {DW_OP_le, DROPTRACE_OP_LES, false},
    {DW_OP_gt, DROPTRACE_OP_LTS, true},
    {DW_OP_ge, DROPTRACE_OP_LES, true},
}};

} // namespace

std::string register_name(int64_t number) {
    static constexpr std::array<const char *, 17> names{"rax", "rdx", "rcx", "rbx", "rsi", "rdi",
                                                        "rbp", "rsp", "r8",  "r9",  "r10", "r11",
                                                        "r12", "r13", "r14", "r15", "rip"};
    return number >= 0 && static_cast<size_t>(number) < names.size()
               ? names[static_cast<size_t>(number)]
               : "register " + std::to_string(number);
}

/// The stack machine of one expression.
class LocationMachine {
  public:
    LocationMachine(Locations &locations, Dwarf_Attribute &attribute)
        : locations_(locations), attribute_(attribute) {}

    Location run(Dwarf_Op *ops, size_t count) {
        if (count == 0) {
            return nowhere(optimised_out);
        }
        for (size_t i = 0; i < count; i++) {
            if (!step(ops[i])) {
                return nowhere(why_.empty() ? "in a way that is not understood" : why_);
            }
        }
        return result();
    }

  private:
    bool refuse(std::string why) {
        why_ = std::move(why);
        return false;
    }
    bool push(NodePtr node) {
        if (!node) {
            return false;
        }
        stack_.push_back(std::move(node));
        return true;
    }
    NodePtr pop() {
        if (stack_.empty()) {
            return nullptr;
        }
        NodePtr top = stack_.back();
        stack_.pop_back();
        return top;
    }
    NodePtr reg(int64_t number) {
        if (number > 16) {
            return nullptr;
        }
        if (!locations_.at_entry_) {
            return leaf(NodeKind::Register, number);
        }
        return is_argument_register(number) ? leaf(NodeKind::Argument, number) : nullptr;
    }

    bool step(const Dwarf_Op &op);
    bool step_constant(const Dwarf_Op &op);
    bool step_stack(const Dwarf_Op &op);
    bool step_arithmetic(const Dwarf_Op &op);
    bool step_typed(const Dwarf_Op &op);
    bool address(uint64_t number);
    bool entry_value(const Dwarf_Op &op);
    bool implicit(const Dwarf_Op &op);
    bool piece(uint64_t size);
    bool base_type(const Dwarf_Op &op, uint64_t &size, bool &is_signed);
    Location result();

    Locations &locations_;
    Dwarf_Attribute &attribute_;
    std::vector<NodePtr> stack_;
    bool is_value_ = false; ///< the top is the value, not its address
    bool per_cpu_ = false;
    uint64_t offset_ = 0; ///< of the next piece
    Location found_;      ///< what is neither, and pieces
    std::string why_;
};

bool LocationMachine::step(const Dwarf_Op &op) {
    if (op.atom >= DW_OP_reg0 && op.atom <= DW_OP_reg31) {
        is_value_ = true;
        return push(reg(op.atom - DW_OP_reg0)) || refuse("in a register that is not kept");
    }
    if (op.atom >= DW_OP_breg0 && op.atom <= DW_OP_breg31) {
        const NodePtr base = reg(op.atom - DW_OP_breg0);
        return base ? push(plus(base, static_cast<int64_t>(op.number)))
                    : refuse("in a register that is not kept");
    }
    switch (op.atom) {
    case DW_OP_regx:
        is_value_ = true;
        return push(reg(static_cast<int64_t>(op.number))) || refuse("in a register not kept");
    case DW_OP_bregx: {
        const NodePtr base = reg(static_cast<int64_t>(op.number));
        return base && push(plus(base, static_cast<int64_t>(op.number2)));
    }
    case DW_OP_fbreg: {
        const NodePtr base = locations_.frame_base();
        return base ? push(plus(base, static_cast<int64_t>(op.number)))
                    : refuse("on the stack, but the frame is not known");
    }
    case DW_OP_call_frame_cfa:
        return push(locations_.call_frame()) || refuse("on the stack, but the frame is not known");
    case DW_OP_addr:
        return address(op.number);
    case DW_OP_stack_value:
        is_value_ = true;
        return !stack_.empty();
    case DW_OP_piece:
        return piece(op.number);
    case DW_OP_implicit_value:
    case DW_OP_implicit_pointer:
    case DW_OP_GNU_implicit_pointer:
        return implicit(op);
    case DW_OP_entry_value:
    case DW_OP_GNU_entry_value:
        return entry_value(op);
    case DW_OP_GNU_parameter_ref: // a parameter that this clone does not take
        return refuse("optimised out");
    case DW_OP_nop:
        return true;
    default:
        return step_constant(op);
    }
}

bool LocationMachine::step_constant(const Dwarf_Op &op) {
    if (op.atom >= DW_OP_lit0 && op.atom <= DW_OP_lit31) {
        return push(constant(op.atom - DW_OP_lit0));
    }
    switch (op.atom) {
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_const8u:
    case DW_OP_const8s:
    case DW_OP_constu:
    case DW_OP_consts:
        return push(constant(static_cast<int64_t>(op.number)));
    default:
        return step_stack(op);
    }
}

bool LocationMachine::step_stack(const Dwarf_Op &op) {
    const size_t depth = stack_.size();
    switch (op.atom) {
    case DW_OP_dup:
        return depth > 0 && push(stack_.back());
    case DW_OP_drop:
        return pop() != nullptr;
    case DW_OP_over:
        return depth > 1 && push(stack_[depth - 2]);
    case DW_OP_pick:
        return op.number < depth && push(stack_[depth - 1 - op.number]);
    case DW_OP_swap:
        if (depth < 2) {
            return false;
        }
        std::swap(stack_[depth - 1], stack_[depth - 2]);
        return true;
    case DW_OP_rot:
        if (depth < 3) {
            return false;
        }
        std::swap(stack_[depth - 1], stack_[depth - 2]);
        std::swap(stack_[depth - 2], stack_[depth - 3]);
        return true;
    default:
        return step_arithmetic(op);
    }
}

bool LocationMachine::step_arithmetic(const Dwarf_Op &op) {
    const NodePtr top = pop();
    if (!top) {
        return step_typed(op);
    }
    switch (op.atom) {
    case DW_OP_plus_uconst:
        return push(plus(top, static_cast<int64_t>(op.number)));
    case DW_OP_neg:
        return push(unary(NodeKind::Negate, top));
    case DW_OP_not:
        return push(unary(NodeKind::Invert, top));
    case DW_OP_abs:
        return push(
            choose(binary(DROPTRACE_OP_LTS, top, constant(0)), unary(NodeKind::Negate, top), top));
    case DW_OP_deref:
        return push(load(top, sizeof(uint64_t), false));
    case DW_OP_deref_size:
        return push(load(top, op.number, false));
    default:
        break;
    }
    for (const Operation &each : operations) {
        if (each.atom == op.atom) {
            const NodePtr below = pop();
            return below &&
                   push(each.swapped ? binary(each.op, top, below) : binary(each.op, below, top));
        }
    }
    stack_.push_back(top);
    return step_typed(op);
}

bool LocationMachine::base_type(const Dwarf_Op &op, uint64_t &size, bool &is_signed) {
    Dwarf_Die die;
    if (dwarf_getlocation_die(&attribute_, &op, &die) != 0) {
        return false;
    }
    const auto encoding = number_of(die, DW_AT_encoding).value_or(0);
    size = number_of(die, DW_AT_byte_size).value_or(0);
    is_signed = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
    return encoding != DW_ATE_float && (size == 1 || size == 2 || size == 4 || size == 8);
}

bool LocationMachine::step_typed(const Dwarf_Op &op) {
    uint64_t size = sizeof(uint64_t);
    bool is_signed = false;
    switch (op.atom) {
    case DW_OP_convert:
    case DW_OP_GNU_convert:
    case DW_OP_reinterpret:
    case DW_OP_GNU_reinterpret: {
        const bool generic = op.number == 0;
        const NodePtr top = pop();
        return top && (generic || base_type(op, size, is_signed)) &&
               push(extend(top, size, is_signed));
    }
    case DW_OP_deref_type:
    case DW_OP_GNU_deref_type: {
        const NodePtr top = pop();
        return top && base_type(op, size, is_signed) && push(load(top, op.number, is_signed));
    }
    case DW_OP_regval_type:
    case DW_OP_GNU_regval_type: {
        const NodePtr value = reg(static_cast<int64_t>(op.number));
        return value && base_type(op, size, is_signed) && push(extend(value, size, is_signed));
    }
    case DW_OP_const_type:
    case DW_OP_GNU_const_type: {
        Dwarf_Attribute value;
        Dwarf_Block block;
        int64_t number = 0;
        if (!base_type(op, size, is_signed) ||
            dwarf_getlocation_attr(&attribute_, &op, &value) != 0 ||
            dwarf_formblock(&value, &block) != 0 || block.length > sizeof(number)) {
            return false;
        }
        std::memcpy(&number, block.data, block.length);
        return push(constant(extended(number, size, is_signed)));
    }
    default:
        return false;
    }
}

/// Per-CPU variables of old kernels are linked at 0: their addresses are offsets.
bool LocationMachine::address(uint64_t number) {
    uint64_t start = 0;
    Elf *elf = dwarf_getelf(locations_.unit_.dwarf());
    per_cpu_ = section_holds(elf, ".data..percpu", number, start);
    const bool is_offset = per_cpu_ && start == 0;
    const uint64_t address =
        is_offset ? number : locations_.image_.runtime(symbols::DwarfAddress{number});
    constexpr uint64_t kernel_half = uint64_t{1} << 63;
    if (!is_offset && address < kernel_half) {
        return refuse("in a section that has no address");
    }
    return push(constant(static_cast<int64_t>(address)));
}

bool LocationMachine::entry_value(const Dwarf_Op &op) {
    Dwarf_Attribute inner;
    Dwarf_Op *ops = nullptr;
    size_t count = 0;
    if (dwarf_getlocation_attr(&attribute_, &op, &inner) != 0 ||
        dwarf_getlocation(&inner, &ops, &count) != 0 || count != 1) {
        return false;
    }
    int64_t number = -1;
    if (ops->atom >= DW_OP_reg0 && ops->atom <= DW_OP_reg31) {
        number = ops->atom - DW_OP_reg0;
    } else if (ops->atom == DW_OP_regx) {
        number = static_cast<int64_t>(ops->number);
    }
    if (!is_argument_register(number)) {
        return refuse("in " + register_name(number) + " at entry, which is not kept");
    }
    return push(leaf(NodeKind::Argument, number));
}

bool LocationMachine::implicit(const Dwarf_Op &op) {
    if (op.atom == DW_OP_implicit_value) {
        Dwarf_Block block;
        if (dwarf_getlocation_implicit_value(&attribute_, &op, &block) != 0) {
            return false;
        }
        found_.kind = LocationKind::Bytes;
        found_.bytes.assign(reinterpret_cast<const char *>(block.data), block.length);
        found_.text = "constant";
        return true;
    }
    const uint64_t cut = locations_.unit_.unit().cut();
    if (op.number < cut) {
        return false;
    }
    found_.kind = LocationKind::Implicit;
    found_.target = op.number - cut;
    found_.target_offset = static_cast<int64_t>(op.number2);
    found_.text = "points to what is in no memory";
    return true;
}

bool LocationMachine::piece(uint64_t size) {
    Location::Part part{.offset = offset_, .size = size};
    if (found_.kind == LocationKind::Bytes && size <= sizeof(int64_t)) {
        int64_t number = 0;
        std::memcpy(&number, found_.bytes.data(),
                    std::min<size_t>(found_.bytes.size(), static_cast<size_t>(size)));
        part.kind = LocationKind::Value;
        part.node = constant(number);
    } else if (!stack_.empty()) {
        part.kind = is_value_ ? LocationKind::Value : LocationKind::Memory;
        part.node = pop();
    }
    found_.kind = LocationKind::Parts;
    found_.parts.push_back(std::move(part));
    offset_ += size;
    is_value_ = false;
    return true;
}

Location LocationMachine::result() {
    if (found_.kind == LocationKind::Parts) {
        bool any = false;
        for (const Location::Part &part : found_.parts) {
            any = any || part.kind != LocationKind::Nowhere;
        }
        found_.text = "in pieces";
        return any ? found_ : nowhere(optimised_out);
    }
    if (found_.kind != LocationKind::Nowhere) {
        return found_;
    }
    const NodePtr top = pop();
    if (!top) {
        return nowhere(optimised_out);
    }
    if (is_value_) {
        return {.kind = LocationKind::Value, .node = top, .text = value_text(top)};
    }
    const char *text = per_cpu_                             ? "in memory of each CPU"
                       : reads_register(top, stack_pointer) ? "on the stack"
                                                            : "in memory";
    return {.kind = LocationKind::Memory, .node = top, .per_cpu = per_cpu_, .text = text};
}

Locations::Locations(UnitTypes &unit, const symbols::PlacedImage &image, uint64_t address,
                     const Dwarf_Die *function)
    : unit_(unit), image_(image), address_(static_cast<uint64_t>(image.dwarf(address))) {
    if (function != nullptr) {
        function_ = *function;
    }
}

Location Locations::of(Dwarf_Off variable) {
    Dwarf_Die die;
    return dwarf_offdie(unit_.dwarf(), variable, &die) == nullptr ? nowhere(optimised_out)
                                                                  : of(die);
}

Location Locations::of(Dwarf_Die &variable) {
    Dwarf_Attribute storage;
    if (Dwarf_Attribute *attribute = dwarf_attr_integrate(&variable, DW_AT_const_value, &storage)) {
        return of_constant(variable, *attribute);
    }
    if (Dwarf_Attribute *attribute = dwarf_attr_integrate(&variable, DW_AT_location, &storage)) {
        return of_attribute(*attribute);
    }
    return nowhere("optimised out");
}

Location Locations::of_attribute(Dwarf_Attribute &attribute) {
    Dwarf_Op *ops = nullptr;
    size_t count = 0;
    if (dwarf_getlocation_addr(&attribute, address_, &ops, &count, 1) <= 0) {
        return nowhere(optimised_out);
    }
    return LocationMachine(*this, attribute).run(ops, count);
}

Location Locations::of_constant(Dwarf_Die &variable, Dwarf_Attribute &attribute) {
    Dwarf_Block block;
    Dwarf_Sword value = 0;
    if (dwarf_formblock(&attribute, &block) == 0) {
        return {.kind = LocationKind::Bytes,
                .bytes = {reinterpret_cast<const char *>(block.data), block.length},
                .text = "constant"};
    }
    const bool is_signed = unit_.type_of(variable).bare().is_signed();
    Dwarf_Word number = 0;
    if (is_signed ? dwarf_formsdata(&attribute, &value) != 0
                  : dwarf_formudata(&attribute, &number) != 0) {
        return nowhere("optimised out");
    }
    return {.kind = LocationKind::Value,
            .node = constant(is_signed ? value : static_cast<int64_t>(number)),
            .text = "constant"};
}

NodePtr Locations::frame_base() {
    Dwarf_Attribute storage;
    Dwarf_Op *ops = nullptr;
    size_t count = 0;
    if (!function_ ||
        dwarf_getlocation_addr(dwarf_attr_integrate(&*function_, DW_AT_frame_base, &storage),
                               address_, &ops, &count, 1) <= 0) {
        return nullptr;
    }
    const Location base = LocationMachine(*this, storage).run(ops, count);
    return base.kind == LocationKind::Memory || base.kind == LocationKind::Value ? base.node
                                                                                 : nullptr;
}

NodePtr Locations::call_frame() {
    if (!call_frame_) {
        const auto base = at_entry_ ? std::nullopt : unit_.frames().base_at(address_);
        // At the entry the stack pointer leads to the return address, above which the
        // caller's frame begins.
        constexpr int64_t return_address = 8;
        call_frame_ = base ? plus(leaf(NodeKind::Register, base->reg), base->offset)
                           : plus(leaf(NodeKind::Argument, stack_pointer), return_address);
    }
    return call_frame_;
}

} // namespace dropctl::values

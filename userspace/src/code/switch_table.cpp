// SPDX-License-Identifier: GPL-2.0-only
// Two forms are known: "jmp *table(,%index,8)", the load perhaps in a register
// first, and, in position-independent code, "lea table(%rip),%base; movslq
// (%base,%index,4),%target; add %base,%target; jmp *%target". The bound is in the
// "cmp $last,%index; ja default" before them.
#include "code/switch_table.hpp"

#include <algorithm>

namespace dropctl::code {

namespace {

constexpr size_t entries_most = 1024;

struct Table {
    uint64_t address = 0;
    Register index = no_register;
    bool relative = false; ///< entries are 4 bytes, counted from the table
};

class TableFinder {
  public:
    TableFinder(const CodeBytes &bytes, Decoder &decoder, std::span<const Instruction> before)
        : bytes_(bytes), decoder_(decoder), before_(before.first(before.size() - 1)),
          jump_(before.back()) {}

    std::optional<Table> find() {
        const auto operands = decode(jump_);
        if (!operands) {
            return std::nullopt;
        }
        if (jump_.through == no_register) {
            return operands->memory ? absolute(*operands->memory) : std::nullopt;
        }
        const auto source = definition(before_.size(), jump_.through);
        if (!source) {
            return std::nullopt;
        }
        const auto load = decode(before_[*source]);
        if (load && load->is_load && load->memory) {
            return absolute(*load->memory);
        }
        return load && load->is_add ? relative(*source, *load) : std::nullopt;
    }

    /// How many entries the test of the index leaves.
    std::optional<size_t> bound(Register index) {
        bool above = false;
        bool tested = false;
        for (size_t i = before_.size(); i-- > 0;) {
            const auto operands = decode(before_[i]);
            if (!operands) {
                return std::nullopt;
            }
            if (operands->is_above || operands->is_above_equal) {
                above = operands->is_above;
                tested = true;
            } else if (tested && operands->is_compare && operands->immediate &&
                       operands->source == index && *operands->immediate >= 0) {
                return static_cast<size_t>(*operands->immediate) + (above ? 1 : 0);
            } else if (before_[i].writes.has(index) && before_[i].copy_to == index) {
                index = before_[i].copy_from; // a zero extension
            } else if (before_[i].writes.has(index)) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

  private:
    std::optional<DecodedOperands> decode(const Instruction &instruction) {
        if (!decoder_.decode(bytes_.at(instruction.address), instruction.address)) {
            return std::nullopt;
        }
        return decoder_.operands();
    }

    /// The last of the first `end` instructions that writes `reg`.
    [[nodiscard]] std::optional<size_t> definition(size_t end, Register reg) const {
        for (size_t i = end; i-- > 0;) {
            if (before_[i].writes.has(reg)) {
                return i;
            }
        }
        return std::nullopt;
    }

    static std::optional<Table> absolute(const MemoryOperand &memory) {
        if (memory.base != no_register || memory.index == no_register || memory.scale != 8 ||
            memory.segment) {
            return std::nullopt;
        }
        return Table{.address = static_cast<uint64_t>(memory.displacement), .index = memory.index};
    }

    std::optional<Table> relative(size_t add_at, const DecodedOperands &add) {
        const auto load_at = definition(add_at, add.destination);
        const auto load = load_at ? decode(before_[*load_at]) : std::nullopt;
        if (!load || !load->is_load || load->memory_bytes != 4 || !load->memory ||
            load->memory->base != add.source || load->memory->scale != 4) {
            return std::nullopt;
        }
        const auto lea_at = definition(*load_at, add.source);
        const auto lea = lea_at ? decode(before_[*lea_at]) : std::nullopt;
        if (!lea || !lea->is_lea || !lea->memory || lea->memory->base != rip) {
            return std::nullopt;
        }
        return Table{.address = static_cast<uint64_t>(lea->memory->displacement),
                     .index = load->memory->index,
                     .relative = true};
    }

    const CodeBytes &bytes_;
    Decoder &decoder_;
    std::span<const Instruction> before_;
    const Instruction &jump_;
};

std::optional<uint64_t> entry_of(CodeView &view, const Table &table, size_t index) {
    if (table.relative) {
        int32_t distance = 0;
        const auto bytes = std::as_writable_bytes(std::span(&distance, 1));
        if (!view.read(table.address + index * sizeof(distance),
                       {reinterpret_cast<uint8_t *>(bytes.data()), bytes.size()})) {
            return std::nullopt;
        }
        return table.address + static_cast<uint64_t>(int64_t{distance});
    }
    uint64_t target = 0;
    const auto bytes = std::as_writable_bytes(std::span(&target, 1));
    if (!view.read(table.address + index * sizeof(target),
                   {reinterpret_cast<uint8_t *>(bytes.data()), bytes.size()})) {
        return std::nullopt;
    }
    return target;
}

} // namespace

std::optional<SwitchTargets> switch_targets(CodeView &view, const CodeBytes &bytes,
                                            Decoder &decoder, std::span<const Instruction> before) {
    TableFinder finder(bytes, decoder, before);
    const auto table = finder.find();
    if (!table) {
        return std::nullopt;
    }
    const auto count = finder.bound(table->index);
    SwitchTargets result{.targets = {}, .complete = count.has_value()};
    for (size_t i = 0; i < std::min(count.value_or(entries_most), entries_most); i++) {
        const auto target = entry_of(view, *table, i);
        if (!target || !bytes.holds(*target)) {
            result.complete = false; // in the .cold part not met yet, or no table at all
            if (!count) {
                break;
            }
            continue;
        }
        if (std::find(result.targets.begin(), result.targets.end(), *target) ==
            result.targets.end()) {
            result.targets.push_back(*target);
        }
    }
    return result;
}

} // namespace dropctl::code

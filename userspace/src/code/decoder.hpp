// SPDX-License-Identifier: GPL-2.0-only
// Takes x86-64 code apart with Capstone, whose types appear in decoder.cpp only.
#pragma once

#include "code/instruction.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace dropctl::code {

/// What resolving switch tables needs to know on top of an Instruction.
struct DecodedOperands {
    std::optional<MemoryOperand> memory; ///< of an instruction that has such an operand
    bool is_load = false;                ///< "mov" or "movslq" from memory to `destination`
    bool is_lea = false;
    bool is_compare = false;     ///< cmp of `source` with `immediate`
    bool is_add = false;         ///< add of `source` to `destination`
    bool is_above = false;       ///< ja: unsigned greater
    bool is_above_equal = false; ///< jae
    uint8_t memory_bytes = 0;
    Register destination = no_register;
    Register source = no_register;
    std::optional<int64_t> immediate;
};

class Decoder {
  public:
    Decoder();
    ~Decoder();
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    /// The instruction at the beginning of `bytes`, which lie at `address`. Nothing
    /// if these bytes are none.
    std::optional<Instruction> decode(std::span<const uint8_t> bytes, uint64_t address);
    /// More about the instruction decoded last.
    [[nodiscard]] DecodedOperands operands() const;
    /// The instruction decoded last, as assembler text.
    [[nodiscard]] std::string text() const;

  private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
};

} // namespace dropctl::code

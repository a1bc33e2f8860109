// SPDX-License-Identifier: GPL-2.0-only
// The operations of a function, one for each instruction of its graph.
#pragma once

#include "code/function.hpp"
#include "slice/operation.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace dropctl::slice {

struct Listing {
    /// Outlives this.
    const code::Function *function = nullptr;
    std::vector<Operation> operations; ///< parallel to Cfg::instructions

    [[nodiscard]] const Operation &at(uint32_t instruction) const {
        return operations[instruction];
    }
    /// Index of the instruction at an address, no_index: none.
    [[nodiscard]] uint32_t index_of(uint64_t address) const;
};

/// Decodes with Capstone; one serves any number of functions.
class OperationDecoder {
  public:
    OperationDecoder();
    ~OperationDecoder();
    OperationDecoder(const OperationDecoder &) = delete;
    OperationDecoder &operator=(const OperationDecoder &) = delete;

    /// Other with every register written if the bytes are no instruction.
    Operation decode(std::span<const uint8_t> bytes, uint64_t address);
    Listing list(const code::Function &function);

  private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
};

} // namespace dropctl::slice

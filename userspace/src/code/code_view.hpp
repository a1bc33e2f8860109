// SPDX-License-Identifier: GPL-2.0-only
// What a function is taken apart from: bytes, symbols, and the kernel's tables of
// places where control takes unusual ways. KernelCode has the running kernel's;
// tests have their own.
#pragma once

#include "code/cfg.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dropctl::code {

struct CodeSymbol {
    uint64_t address = 0;
    uint64_t end = 0; ///< where the next one begins
    std::string name;
    std::string module; ///< empty: the kernel itself; "bpf", "__builtin__...": made up
};

/// What ud2 at a place means.
enum class TrapKind : uint8_t { Unknown, Warns, Dies };

class CodeView {
  public:
    virtual ~CodeView() = default;

    /// Fill `bytes` with what lies at `address` now; false: it cannot be read.
    virtual bool read(uint64_t address, std::span<uint8_t> bytes) = 0;
    /// The same as the linker left it; addresses in it are the running kernel's.
    virtual bool read_original(uint64_t address, std::span<uint8_t> bytes) = 0;
    virtual std::optional<CodeSymbol> symbol_at(uint64_t address) = 0;
    virtual TrapKind trap_at(uint64_t address) = 0;
    /// Instructions in `range` that may fault, and where they go on then.
    virtual std::vector<std::pair<uint64_t, uint64_t>> fixups(const Range &range) = 0;
    virtual std::vector<StaticBranch> static_branches(const Range &range) = 0;
};

} // namespace dropctl::code

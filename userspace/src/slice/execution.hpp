// SPDX-License-Identifier: GPL-2.0-only
// What was recorded of one packet's way: which functions ran, through which
// blocks, called from where, with which values seen. Passive; nothing in it is
// guessed.
#pragma once

#include "slice/listing.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace dropctl::slice {

constexpr size_t no_instance = static_cast<size_t>(-1);

/// One run through a block.
struct Visit {
    code::BlockIndex block = code::no_index;
    /// It follows the visit before it directly; false: something between the two
    /// is not known.
    bool follows = true;
};

/// A value seen while an instance ran.
struct SeenRegister {
    uint32_t visit = 0;   ///< index into Instance::path
    uint64_t address = 0; ///< of the instruction before which it was seen
    Register reg = no_register;
    uint8_t bytes = 8; ///< that count
    uint64_t value = 0;
};

/// The same of memory that an instruction reads or compares.
struct SeenMemory {
    uint32_t visit = 0;
    uint64_t address = 0; ///< of the instruction
    uint8_t bytes = 8;
    uint64_t value = 0;
};

/// What a call of this instance returned, whether its callee was recorded or not.
struct SeenReturn {
    uint32_t visit = 0; ///< that ends with the call
    uint8_t bytes = 8;
    uint64_t value = 0;
};

/// One call of a function.
struct Instance {
    const Listing *listing = nullptr; ///< outlives this
    std::vector<Visit> path;
    /// All of its path was recorded, up to its end; false: up to some place in its midst.
    bool whole = true;

    /// The recorded instance that called it, maybe through others that were not.
    size_t caller = no_instance;
    uint32_t caller_visit = 0; ///< of the caller's path; it ends with the call
    /// It lies right below its caller; false: something not recorded is between them.
    bool direct = true;

    /// Registers at entry; the stack pointer points to the return address.
    std::array<std::optional<uint64_t>, code::register_count> entry{};
    std::vector<SeenRegister> registers; ///< by visit
    std::vector<SeenMemory> memory;      ///< by visit
    std::vector<SeenReturn> returns;     ///< by visit
    std::optional<uint64_t> returned;    ///< rax at its end
    uint8_t returned_bytes = 8;

    [[nodiscard]] const code::Function &function() const { return *listing->function; }
    [[nodiscard]] const code::Cfg &cfg() const { return listing->function->cfg; }
};

/// Where the packet was freed.
struct DropPlace {
    size_t instance = 0; ///< innermost one recorded
    uint32_t visit = 0;  ///< its last one before the packet was freed
    /// The freeing call of that visit's block; 0: only the visit is known, since
    /// the function that freed was not recorded.
    uint64_t call = 0;
};

struct Execution {
    std::vector<Instance> instances; ///< in the order of their entries; callers first
    DropPlace drop;
    uint64_t packet = 0; ///< address of the packet freed; 0: unknown
};

} // namespace dropctl::slice

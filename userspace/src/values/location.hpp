// SPDX-License-Identifier: GPL-2.0-only
// Where the value of a variable is at an address: DWARF location expressions,
// evaluated on symbols instead of numbers.
#pragma once

#include "symbols/debug_images.hpp"
#include "values/node.hpp"
#include "values/unit_types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dropctl::values {

enum class LocationKind {
    Nowhere,  ///< `text` says why
    Memory,   ///< at the address `node`
    Value,    ///< it is `node`
    Bytes,    ///< constant: `bytes`
    Parts,    ///< in several places: `parts`
    Implicit, ///< a pointer to what is in no memory: `target` has that one's DIE
};

struct Location {
    /// Some bytes of a value that is not in one place.
    struct Part {
        uint64_t offset = 0;
        uint64_t size = 0;
        LocationKind kind = LocationKind::Nowhere; ///< Memory, Value or Nowhere
        NodePtr node{};
    };

    LocationKind kind = LocationKind::Nowhere;
    NodePtr node{};
    std::string bytes{};
    std::vector<Part> parts{};
    Dwarf_Off target = 0;
    int64_t target_offset = 0;
    bool per_cpu = false; ///< of Memory: `node` is an offset into the CPU's area
    std::string text{};   ///< "in rbx", "on the stack", "optimised out here"
};

/// Reads locations at one address.
class Locations {
  public:
    /// `function` is the one, not inlined, that holds the address; null: none.
    Locations(UnitTypes &unit, const symbols::PlacedImage &image, uint64_t address,
              const Dwarf_Die *function);

    Location of(Dwarf_Die &variable);
    /// What an implicit pointer leads to.
    Location of(Dwarf_Off variable);

    /// The registers are those at the function's entry, which were kept.
    void at_entry() { at_entry_ = true; }

  private:
    friend class LocationMachine;

    Location of_attribute(Dwarf_Attribute &attribute);
    Location of_constant(Dwarf_Die &variable, Dwarf_Attribute &attribute);
    NodePtr frame_base();
    NodePtr call_frame();

    UnitTypes &unit_;
    symbols::PlacedImage image_;
    uint64_t address_; ///< as the debug information counts
    std::optional<Dwarf_Die> function_;
    NodePtr call_frame_;
    bool at_entry_ = false;
};

/// "rdi" of 5; the DWARF numbers of x86-64.
std::string register_name(int64_t number);

} // namespace dropctl::values

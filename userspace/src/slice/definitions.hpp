// SPDX-License-Identifier: GPL-2.0-only
// Which instructions of a function can have set a register, a stack slot or a
// field at some place in it, whether or not they ran: a backward walk of the graph
// through copies. Needed where a value was a constant, to see which tests kept it so.
#pragma once

#include "slice/listing.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace dropctl::slice {

/// Where a value is kept.
struct Location {
    enum class Kind : uint8_t {
        Register,
        Slot,  ///< on the stack, `offset` from the stack pointer at entry
        Field, ///< `offset` from some pointer, whichever it is
    };
    Kind kind = Kind::Register;
    Register reg = no_register;
    int64_t offset = 0;
    uint8_t bytes = 8; ///< of fields

    auto operator<=>(const Location &) const = default;
};

/// An instruction that sets the value.
struct Definition {
    code::BlockIndex block = code::no_index;
    uint32_t instruction = code::no_index; ///< none: it was there when the function was entered
    std::optional<int64_t> constant;       ///< that it sets
};

struct Reaching {
    std::vector<Definition> definitions;
    /// Locations at the beginnings of blocks whose value comes to the use.
    std::set<std::pair<code::BlockIndex, Location>> live;
};

class Definitions {
  public:
    /// Outlived by the listing.
    explicit Definitions(const Listing &listing);

    /// What sets `location` as it is before an instruction of a block runs.
    [[nodiscard]] Reaching at(code::BlockIndex block, uint32_t instruction,
                              const Location &location) const;
    /// What sets the value that the function returns, over all its exits.
    [[nodiscard]] Reaching returned() const;
    /// What sets a field, over all its exits.
    [[nodiscard]] Reaching left_in(const Location &field) const;
    /// The same along a path that was taken, backwards from its end: the blocks run
    /// through, oldest first. `instruction`: of the last block; not looked at itself.
    [[nodiscard]] std::optional<Definition> along(const std::vector<code::BlockIndex> &path,
                                                  Location location) const;
    /// The stack pointer before an instruction, counted from what it was at entry.
    [[nodiscard]] std::optional<int64_t> sp_at(uint32_t instruction) const {
        return instruction < frames_.size() ? frames_[instruction].sp : std::nullopt;
    }
    /// Where an operand of an instruction lies; nothing for constants and other memory.
    [[nodiscard]] std::optional<Location> location(uint32_t instruction,
                                                   const Operand &operand) const;

  private:
    struct Frame {
        std::optional<int64_t> sp;
        std::optional<int64_t> bp;
    };
    enum class Effect : uint8_t { None, Moved, Forked, Set };
    /// What an instruction does to a location, looked at backwards: `location` becomes
    /// where the value came from (Moved), or one of two (Forked: `other`).
    Effect effect(uint32_t instruction, Location &location, Location &other,
                  Definition &definition) const;
    Effect effect_on_register(uint32_t instruction, Location &location, Location &other,
                              Definition &definition) const;
    Effect effect_on_memory(uint32_t instruction, Location &location, Definition &definition) const;
    void find_frames();
    static void move_frame(const Operation &operation, Frame &frame);
    struct Open {
        code::BlockIndex block;
        uint32_t end; ///< instructions of it before this one
        Location location;
    };
    void walk(std::vector<Open> open, Reaching &reaching) const;

    const Listing &listing_;
    std::vector<Frame> frames_; ///< before each instruction
};

} // namespace dropctl::slice

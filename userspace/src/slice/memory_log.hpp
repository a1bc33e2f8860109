// SPDX-License-Identifier: GPL-2.0-only
// What was stored where, and to whom addresses were given, in the order of
// execution: finds what a load reads.
#pragma once

#include "slice/node_maker.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace dropctl::slice {

/// A place in memory by its root and, if the root's number is known, by address.
struct MemoryPlace {
    Address address;
    uint32_t number = 0; ///< of the root; see MemoryLog::place()
    bool segment = false;
    std::optional<uint64_t> absolute;
};

class MemoryLog {
  public:
    /// @param execution that the calls of `flow` are of
    MemoryLog(const Execution &execution, const Knowledge &knowledge, Dataflow &flow,
              NodeMaker &maker)
        : execution_(execution), knowledge_(knowledge), flow_(flow), maker_(maker) {}

    /// `root`: no_value for memory at a fixed address.
    [[nodiscard]] MemoryPlace place(NodeId base, int64_t displacement, bool segment) const;
    void store(const MemoryPlace &place, uint32_t bytes, NodeId value, EventId event);
    /// A call that was not recorded was given an address.
    void pass(NodeId address, uint32_t call);
    /// A function has returned: what it stored below `sp`, since store number `first`,
    /// is gone.
    void leave(NodeId sp, size_t first);
    /// From here on, anything may have been stored by what was not recorded.
    void gap(EventId event) { gap_ = event; }
    /// What is read there.
    NodeId load(const MemoryPlace &place, uint8_t bytes, EventId event, uint32_t instance);

  private:
    struct Passing {
        int64_t offset = 0;
        uint32_t call = 0;
    };
    struct Found {
        uint32_t store = code::no_index;
        int64_t into = 0;   ///< offset of what is loaded in what was stored
        bool whole = false; ///< it was stored all
    };
    [[nodiscard]] Found last_store(const MemoryPlace &place, uint8_t bytes) const;
    [[nodiscard]] bool is_stack(const MemoryPlace &place) const;
    struct Writer {
        uint32_t call = code::no_index;
        bool sure = false; ///< it stores something there, sooner or later
    };
    [[nodiscard]] Writer writer(const MemoryPlace &place, const Found &found, uint8_t bytes) const;
    NodeId part_of(const Found &found, uint8_t bytes, EventId event, uint32_t instance);

    const Execution &execution_;
    const Knowledge &knowledge_;
    Dataflow &flow_;
    NodeMaker &maker_;
    std::unordered_map<uint32_t, std::vector<uint32_t>> by_number_;
    std::vector<uint32_t> by_address_; ///< stores whose address is known
    std::vector<std::optional<uint64_t>> absolute_;
    EventId gap_ = 0;
    std::vector<bool> gone_;
    std::unordered_map<uint32_t, std::vector<Passing>> passed_;
};

} // namespace dropctl::slice

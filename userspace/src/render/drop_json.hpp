// SPDX-License-Identifier: GPL-2.0-only
// A drop as a line of JSON. Runs once for every event of a stream that may bring
// a hundred thousand a second, so all that can be kept from one event to the next
// is: the JSON of every location, reason and set of filters is made once.
#pragma once

#include "model.hpp"
#include "packet/dissect.hpp"
#include "render/names.hpp"
#include "util/writer.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dropctl::render {

class DropJson {
  public:
    /// @param verbose with the packet's bytes and what is of interest only sometimes
    DropJson(Names &names, bool verbose) : names_(names), verbose_(verbose) {}

    /// The object, without an end of line; also what other types carry as "drop".
    void append(util::Writer &out, const Event &event, const packet::Packet &packet);
    /// Its member "packet", with the comma before it.
    void append_packet(util::Writer &out, const Event &event, const packet::Packet &packet);

    /// Names of filters have changed.
    void forget_filters() { filters_.clear(); }

  private:
    /// Where and why a packet was dropped; few of them make most of a stream.
    struct Cause {
        uint64_t location;
        int64_t reason; ///< -1: none
        bool operator==(const Cause &) const = default;
    };
    struct CauseHash {
        size_t operator()(const Cause &cause) const {
            return cause.location ^ (static_cast<size_t>(cause.reason) << 48U);
        }
    };

    void append_filters(util::Writer &out, const Event &event);
    std::string_view cause(const Event &event);
    std::string make_cause(const Event &event);
    void append_stack(util::Writer &out, const Event &event);
    const std::string &location(uint64_t address);
    const std::string &location(const std::string &symbol);
    const std::string &filter(uint32_t id);

    Names &names_;
    bool verbose_;
    std::unordered_map<uint64_t, std::string> locations_;
    std::unordered_map<std::string, std::string> symbols_;
    std::unordered_map<Cause, std::string, CauseHash> causes_;
    std::string other_cause_; ///< of an event without an address
    std::unordered_map<uint32_t, std::string> filters_;
};

} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
// What a packet went through, resolved: functions, lines, calls, values. Passive; the
// renderers show it.
#pragma once

#include "model.hpp"
#include "values/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dropctl::trace {

struct NamedValue {
    std::string expression;
    std::string type;
    values::Value value;
};

/// A line that was executed.
struct ReportedLine {
    std::string file; ///< relative to the kernel tree; empty: no debug information
    uint32_t line = 0;
    uint64_t address = 0;             ///< where its code begins
    uint64_t offset = 0;              ///< the same from the function's symbol on
    std::vector<std::string> inlined; ///< functions, innermost first, the frame's own last
    uint64_t count = 1;               ///< times in a row, or in a loop that was folded
    std::vector<NamedValue> values;
    bool dropped = false; ///< the packet was freed here

    [[nodiscard]] bool same_place(const ReportedLine &other) const {
        return line == other.line && file == other.file && inlined == other.inlined &&
               (line != 0 || address == other.address);
    }
};

/// A call that was made.
struct ReportedCall {
    std::string file;
    uint32_t line = 0;
    std::string callee;            ///< empty: an indirect one to where nobody knows
    std::optional<int64_t> retval; ///< absent: void, or not seen
    std::string retval_text;       ///< "-EINVAL"; empty: the number says all
    std::string retval_full;       ///< "-22 EINVAL"
    std::optional<size_t> frame;   ///< index into ReportedPath::frames, if it was followed
    bool is_tail = false;
};

/// There is more than one way between the two lines around it.
struct Doubt {
    std::string why;
};

using ReportedItem = std::variant<ReportedLine, ReportedCall, Doubt>;

/// A call of a function that was followed.
struct ReportedFrame {
    std::string function;
    std::string symbol;
    std::string module; ///< empty: the kernel itself
    std::string file;   ///< that declares it; may be empty
    std::string call;   ///< "f(skb, daddr=224.0.0.5)"
    uint32_t depth = 0;
    bool carrier = false; ///< its lines were not asked for
    std::optional<int64_t> retval;
    std::string retval_text;
    std::string retval_full;
    bool is_void = false;
    bool truncated = false; ///< the record ended before the function did
    bool certain = true;    ///< no Doubt among the items
    std::vector<ReportedItem> items;
    std::vector<NamedValue> values; ///< at entry and exit
    std::vector<uint32_t> unprobed; ///< lines of which it is not known whether they ran
};

/// The way of a packet.
struct ReportedPath {
    std::string probe; ///< name or id of the probe that it comes from; empty: none
    Event packet;
    bool dropped = false;
    std::optional<Event> drop;  ///< also with `dropped`: only if it was recorded by itself
    bool dropped_later = false; ///< outside of what was followed
    uint64_t location = 0;
    uint32_t reason = 0;
    bool truncated = false;            ///< the record outgrew its room
    bool missed = false;               ///< points may have been passed unseen
    std::vector<ReportedFrame> frames; ///< in the order in which they were entered
};

} // namespace dropctl::trace

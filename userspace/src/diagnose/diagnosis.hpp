// SPDX-License-Identifier: GPL-2.0-only
// Why a packet was dropped, in terms of source: what the slicer found, named and with
// values. Passive; the renderers show it.
#pragma once

#include "model.hpp"
#include "trace/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dropctl::diagnose {

/// Something that a statement looked at.
struct NamedOperand {
    std::string expression; ///< "in_dev->mc_hash", or "[rdi+0x10]" where there is no name
    std::string type;       ///< as C writes it; empty: not known
    std::optional<uint64_t> value;
    std::string text; ///< of the value, as people read it; empty: as a number
};

/// A step of the chain, from the function that freed the packet to the one that decided.
struct Link {
    std::string function; ///< the one whose statement it is, inlined or not
    std::string module;   ///< empty: the kernel itself
    bool inlined = false;
    std::string file; ///< relative to the kernel tree; empty: unknown
    uint32_t line = 0;
    uint64_t address = 0;
    std::string why;               ///< "condition", "return", "call", "store"
    std::string callee;            ///< that it calls; empty: none
    std::optional<int64_t> retval; ///< of the callee
    std::string retval_text;       ///< "-EINVAL"
    std::string retval_full;       ///< "-22 EINVAL"
    std::string condition;         ///< "left == right", as it came out; empty: none
    bool loop_ended = false;       ///< a search that found nothing
    std::vector<NamedOperand> values;
};

/// Something to try.
struct Advice {
    std::string text;
    bool command = false; ///< for a shell; else a sentence
};

struct Diagnosis {
    Event drop;
    bool complete = false;
    std::string why_incomplete; ///< empty if complete
    unsigned rounds = 0;        ///< drops that were looked at
    std::vector<Link> chain;
    std::vector<Link> also;
    std::string decision;    ///< what decided, from the facts alone
    std::string explanation; ///< what that means: a rule's words, or the same
    std::string rule;        ///< name of that rule; empty: none fits
    std::string reason_doc;  ///< what the kernel says of the drop's reason; may be empty
    std::vector<Advice> advice;
    std::optional<trace::ReportedPath> path;   ///< that led to the drop, if it was asked for
    std::optional<trace::ReportedPath> passed; ///< of a packet of the flow that was not dropped
    size_t points = 0;
    size_t unprobed = 0;
    Loss lost;

    [[nodiscard]] const Link *cause() const { return chain.empty() ? nullptr : &chain.back(); }
};

} // namespace dropctl::diagnose

// SPDX-License-Identifier: GPL-2.0-only
// The outcome of looking for a function by name or address, failures included:
// who asks decides what is an error.
#pragma once

#include "code/function.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dropctl::code {

/// An inlined copy: its code, and the symbol that it is part of.
struct InlinedCopy {
    Range range; ///< one of its ranges; a copy may have several
    Instance inside;
};

enum class SearchOutcome : uint8_t {
    Found,     ///< `instances` has them; several: all are what was asked for
    Unknown,   ///< no such function; `near` has like names
    Inlined,   ///< it has no code of its own; `copies` has where it was inlined
    Ambiguous, ///< it exists in several modules; `instances` has them all
    NotLoaded, ///< the module named is not loaded
    Hidden,    ///< addresses are hidden (kptr_restrict)
    NotCode,   ///< an address that is in no function
};

struct FunctionSearch {
    SearchOutcome outcome = SearchOutcome::Unknown;
    std::string function; ///< as asked for, without @MODULE
    std::string module;   ///< as asked for; empty: any
    /// Out-of-line copies: the symbol itself, .constprop, .isra, .part; not .cold,
    /// which is part of its function.
    std::vector<Instance> instances;
    std::vector<InlinedCopy> copies; ///< where asked for, or where there is nothing else
    bool all_copies = true;          ///< false: they were too many to look at all
    std::vector<std::string> near;

    explicit operator bool() const { return outcome == SearchOutcome::Found; }
};

} // namespace dropctl::code

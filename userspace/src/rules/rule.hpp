// SPDX-License-Identifier: GPL-2.0-only
// A rule: a cause of drops that is known by name, what a diagnosis looks like that has
// found it, and what to say and do then. Passive; read from the files in share/rules.
#pragma once

#include "rules/facts.hpp"

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace dropctl::rules {

/// Text with gaps: "no route to {dst}".
struct Template {
    struct Piece {
        std::string text;
        bool gap = false; ///< text is the name of what is to be filled in
    };
    enum class Kind : uint8_t {
        Sentence,
        Command,     ///< to be run where the packet was: in its network namespace
        HostCommand, ///< of the host as a whole (modules, hardware)
    };
    Kind kind = Kind::Sentence;
    std::vector<Piece> pieces;
};

/// A call that must be in the chain.
struct Called {
    std::vector<std::string> callee;   ///< one of them
    std::vector<std::string> returned; ///< as in Condition; empty: whatever
};

/// All that is given must hold; of several alternatives in a list, one.
struct Condition {
    // Of the link that decided.
    std::vector<std::string> function;
    std::vector<std::string> module;
    std::vector<std::string> callee;
    std::vector<std::string> returned; ///< "0", "-EINVAL", "NULL", "nonzero", "negative"
    std::vector<std::regex> statement; ///< found in the source text
    std::vector<std::regex> condition; ///< found in the test as it came out
    std::optional<bool> loop;          ///< a search that found nothing
    // Of the chain.
    std::vector<std::string> through; ///< a function in it, or called by it
    std::vector<Called> called;       ///< each of them
    // Of the drop.
    std::vector<std::string> freed_in;
    std::vector<std::string> reason; ///< "none": the kernel gives none
    std::vector<std::string> l3;
    std::vector<std::string> l4;
    std::vector<std::string> src; ///< classes of addresses, see address_classes()
    std::vector<std::string> dst;
};

struct Rule {
    std::string name;
    std::string place;              ///< "ipv4.yaml:12"
    std::vector<Condition> when;    ///< one of them
    std::vector<Template> because;  ///< the first whose gaps can be filled is said
    std::vector<Template> attempts; ///< all whose gaps can be filled
    std::vector<Facts> examples;    ///< made-up facts that it is for
    std::vector<Facts> counterexamples;
};

/// Whether the rule is about what happened.
bool matches(const Rule &rule, const Facts &facts);

/// The text with its gaps filled; nothing if something is not known. What goes into a
/// command is quoted for a shell.
std::optional<std::string> fill(const Template &text, const Facts &facts);

/// Names that a gap may have, beside "value:EXPRESSION".
bool is_gap_name(const std::string &name);

} // namespace dropctl::rules

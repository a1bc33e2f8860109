// SPDX-License-Identifier: GPL-2.0-only
// Turns kernel addresses into functions, files and lines. The renderers and
// commands see only this interface; dwfl_symboliser.* implements it on
// elfutils, and tests put a fake in its place.
#pragma once

#include "model.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dropctl::symbols {

/// What to say where they are, and what to do.
inline constexpr const char *addresses_hidden = "kernel addresses are hidden";
inline constexpr const char *show_addresses = "be root, and see that kernel.kptr_restrict is not 2";

class Symboliser {
  public:
    virtual ~Symboliser() = default;

    /// Resolve a return address: the call before it is what is looked up, the
    /// offset stays that of the address itself. The reference holds until the
    /// next call of a non-const member. Results are cached.
    virtual const Location &return_address(uint64_t address) = 0;

    /// Resolve an address that is itself the place (a symbol, a probe).
    virtual const Location &exact_address(uint64_t address) = 0;

    /// Resolve "symbol+0xoff[/0xsize] [module]" as the kernel prints it, taken
    /// as a return address: every place it may stand for (a static function's
    /// name can exist more than once); empty if there is none.
    virtual std::vector<Location> symbol_offset(const std::string &text) = 0;

    /// Address ranges [start, end) of all the code of FUNC or FUNC@MODULE:
    /// the symbol with its compiler-made variants (.constprop.0, .part.0,
    /// .cold) and, where debug information tells, its inlined copies: those in
    /// the files that define it, or, if it has no symbol at all, in every file of
    /// vmlinux (of MODULE), which takes a second or more from a cold disk. In
    /// order, none touching. A return address belongs to the range that holds
    /// the byte before it.
    virtual std::vector<std::pair<uint64_t, uint64_t>>
    function_ranges(const std::string &function) = 0;

    /// Names near to one that function_ranges() did not find, best first.
    virtual std::vector<std::string> similar_functions(const std::string &function,
                                                       size_t most) = 0;

    /// Addresses were needed and are hidden: then there is no saying what exists.
    [[nodiscard]] virtual bool hidden() const = 0;

    /// Forget what was learnt about modules: one was loaded or unloaded.
    virtual void refresh_modules() = 0;

    /// What stands in the way of full answers and what to do about it, once
    /// something was looked up; empty when nothing does.
    virtual std::string hint() const = 0;
};

} // namespace dropctl::symbols

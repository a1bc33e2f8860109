// SPDX-License-Identifier: GPL-2.0-only
// Finds functions by name or address: in the symbol table, and, where there is no
// symbol, in debug information.
#pragma once

#include "code/function_search.hpp"
#include "symbols/kallsyms.hpp"
#include "util/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::symbols {
struct PlacedImage;
} // namespace dropctl::symbols

namespace dropctl::code {

class FunctionFinder {
  public:
    /// The debug information of a module; empty name: of the kernel.
    using ImageOf = std::function<symbols::PlacedImage(const std::string &module)>;

    /// `kallsyms` outlives this.
    FunctionFinder(symbols::Kallsyms &kallsyms, ImageOf image_of);

    FunctionSearch find(std::string_view text, bool with_copies);
    /// The symbol that holds an address; that of a .cold part is its function's.
    FunctionSearch find_address(uint64_t address);

  private:
    void find_symbols(FunctionSearch &search);
    void judge(FunctionSearch &search);
    void find_copies(FunctionSearch &search);
    void find_near(FunctionSearch &search);

    symbols::Kallsyms &kallsyms_;
    ImageOf image_of_;
};

/// What to tell a user whose search found nothing that can be used.
Error search_failure(const std::string &doing, const FunctionSearch &search);

} // namespace dropctl::code

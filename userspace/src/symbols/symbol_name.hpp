// SPDX-License-Identifier: GPL-2.0-only
// Symbols as the kernel and people write them: compiler suffixes, and
// "symbol+0xoff/0xsize [module]" taken apart. Pure text; owns nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dropctl::symbols {

/// The function a symbol was made from: without .constprop.0, .isra.1, .part.2,
/// .cold, .llvm.123 and the like. A view into `symbol`.
std::string_view without_suffixes(std::string_view symbol);

/// The symbol as people know it, for text: without what marks a clone of the
/// whole function, but with .part and .cold, whose offsets count from elsewhere.
std::string_view without_clone_suffixes(std::string_view symbol);

/// A symbol with what may stand around it.
struct SymbolText {
    std::string symbol;
    std::string module;             ///< empty: not said
    std::optional<uint64_t> offset; ///< nothing: the symbol itself is meant
    uint64_t size = 0;              ///< as printed after the '/', 0: not said
};

/// Parse "symbol", "symbol+0x1a", "symbol+0x1a/0x40 [module]" or
/// "symbol@module+0x1a"; nothing if it is none of these.
std::optional<SymbolText> parse_symbol_text(std::string_view text);

/// FUNC or FUNC@MODULE.
struct FunctionName {
    std::string_view function;
    std::string_view module; ///< empty: any
};
FunctionName split_function(std::string_view text);

} // namespace dropctl::symbols

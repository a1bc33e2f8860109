// SPDX-License-Identifier: GPL-2.0-only
// The symboliser of the running kernel: symbols from kallsyms, functions and
// lines from debug information. Nothing is opened before the first lookup.
#pragma once

#include "symbols/debug_images.hpp"
#include "symbols/kallsyms.hpp"
#include "symbols/options.hpp"
#include "symbols/symbol_name.hpp"
#include "symbols/symboliser.hpp"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dropctl::symbols {

class DwflSymboliser : public Symboliser {
  public:
    explicit DwflSymboliser(SymboliserOptions options = {});

    const Location &return_address(uint64_t address) override;
    const Location &exact_address(uint64_t address) override;
    std::vector<Location> symbol_offset(const std::string &text) override;
    /// The same, with the offset taken as the place itself.
    std::vector<Location> exact_symbol_offset(const std::string &text);
    std::vector<std::pair<uint64_t, uint64_t>>
    function_ranges(const std::string &function) override;
    std::vector<std::string> similar_functions(const std::string &function, size_t most) override;
    void refresh_modules() override;
    [[nodiscard]] bool hidden() const override { return hidden_; }
    [[nodiscard]] std::string hint() const override;

  private:
    using Cache = std::unordered_map<uint64_t, Location>;
    using Ranges = std::vector<std::pair<uint64_t, uint64_t>>;

    /// A symbol as kallsyms has it, kept.
    struct Named {
        uint64_t address;
        uint64_t size;
        std::string name;
        std::string module;
    };

    const Location &cached(Cache &cache, uint64_t address, uint64_t back);
    Location resolve(uint64_t address, uint64_t back);
    PlacedImage image_of(const std::string &module);
    std::vector<Location> places(const std::string &text, bool exact);
    std::vector<Named> named(const SymbolText &wanted);
    std::vector<Location> place_by_name(const SymbolText &wanted, const std::string &name,
                                        const std::string &module, uint64_t back);
    Ranges symbol_ranges(const FunctionName &wanted, std::vector<Named> &symbols);
    void add_copies(const std::string &function, const std::vector<Named> &symbols, Ranges &ranges);
    void search_copies(const FunctionName &wanted, Ranges &ranges);

    SymboliserOptions options_;
    Kallsyms kallsyms_;
    DebugImages images_;
    Cache returns_;
    Cache exacts_;
    uint64_t unresolved_ = 0;     ///< an address that no symbol holds, 0: none
    std::string unloaded_;        ///< a module asked for that is not there; empty: none
    std::string partly_searched_; ///< a function inlined in too many places; empty: none
    bool hidden_ = false;         ///< addresses were needed and are hidden
};

} // namespace dropctl::symbols

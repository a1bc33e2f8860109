// SPDX-License-Identifier: GPL-2.0-only
#include "commands/live_names.hpp"

#include "symbols/dwfl_symboliser.hpp"
#include "symbols/symbol_name.hpp"
#include "util/netns_names.hpp"

#include <fmt/format.h>

namespace dropctl::commands {

symbols::Symboliser &LiveNames::symboliser() {
    if (!symboliser_) {
        symbols::SymboliserOptions options;
        options.progress = [this](const std::string &text) {
            err_.write(text + "\n");
            err_.flush();
        };
        symboliser_ = std::make_unique<symbols::DwflSymboliser>(std::move(options));
    }
    return *symboliser_;
}

const Location &LiveNames::location(uint64_t address) {
    if (address == 0) {
        unknown_ = {};
        return unknown_;
    }
    const Location &found = symboliser().return_address(address);
    if (!found.symbol.empty()) {
        return found;
    }
    // In a module that was loaded since the last look, perhaps.
    symboliser().refresh_modules();
    return symboliser().return_address(address);
}

const Location &LiveNames::location(const std::string &symbol) {
    const auto places = symboliser().symbol_offset(symbol);
    unknown_ = {};
    if (places.size() == 1) {
        unknown_ = places.front();
    } else if (const auto text = symbols::parse_symbol_text(symbol)) {
        // No place, or several that it may stand for: what was said, and no guess.
        unknown_.symbol = text->symbol;
        unknown_.offset = text->offset.value_or(0);
        unknown_.module = text->module;
        unknown_.function = symbols::without_suffixes(text->symbol);
    } else {
        unknown_.symbol = symbol;
    }
    return unknown_;
}

std::string LiveNames::reason(uint32_t number) {
    if (!reasons_) {
        auto loaded = symbols::Reasons::load();
        if (loaded) {
            reasons_ = std::move(*loaded);
        } else {
            reasons_.emplace(std::map<uint32_t, std::string>{});
        }
    }
    const std::string name = reasons_->name(number);
    return name.empty() ? fmt::format("#{}", number) : name;
}

void LiveNames::remember(const std::vector<Filter> &filters) {
    for (const Filter &filter : filters) {
        filters_[filter.id] = filter.name.empty() ? fmt::format("#{}", filter.id) : filter.name;
    }
}

std::string LiveNames::filter(uint32_t id) {
    const auto known = filters_.find(id);
    if (known != filters_.end()) {
        return known->second;
    }
    // Added since the last look, or deleted before it could be asked for.
    const auto filters = client_.filters();
    if (filters) {
        remember(*filters);
    }
    return filters_.try_emplace(id, fmt::format("#{}", id)).first->second;
}

std::string LiveNames::netns(uint32_t inode) {
    if (!netns_ || netns_->count(inode) == 0) {
        netns_ = util::netns_names();
    }
    return (*netns_)[inode];
}

uint32_t LiveNames::own_netns() {
    if (!own_netns_) {
        own_netns_ = util::own_netns();
    }
    return *own_netns_;
}

std::string LiveNames::hint() {
    if (hinted_ || !symboliser_) {
        return {};
    }
    std::string hint = symboliser_->hint();
    hinted_ = !hint.empty();
    return hint;
}

} // namespace dropctl::commands

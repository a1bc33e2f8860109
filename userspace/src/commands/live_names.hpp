// SPDX-License-Identifier: GPL-2.0-only
// Names for numbers, from the running kernel and module. Nothing is read before it
// is needed: a stream is armed within milliseconds, and a drop reason costs only
// those who see one.
#pragma once

#include "nl/client.hpp"
#include "render/names.hpp"
#include "symbols/reasons.hpp"
#include "symbols/symboliser.hpp"
#include "util/output.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace dropctl::commands {

class LiveNames final : public render::Names {
  public:
    /// @param err told of what takes long
    LiveNames(nl::Client &client, util::Output &err) : client_(client), err_(err) {}

    const Location &location(uint64_t address) override;
    const Location &location(const std::string &symbol) override;
    std::string reason(uint32_t number) override;
    std::string filter(uint32_t id) override;
    std::string netns(uint32_t inode) override;
    uint32_t own_netns() override;

    /// Take a list of filters that was fetched anyway.
    void remember(const std::vector<Filter> &filters);
    /// What stands in the way of better names, told once; empty: nothing, or told before.
    std::string hint();

  private:
    symbols::Symboliser &symboliser();

    nl::Client &client_;
    util::Output &err_;
    std::unique_ptr<symbols::Symboliser> symboliser_;
    std::optional<symbols::Reasons> reasons_;
    std::map<uint32_t, std::string> filters_;
    std::optional<std::map<uint32_t, std::string>> netns_;
    std::optional<uint32_t> own_netns_;
    Location unknown_; ///< what location() returns where nothing is known
    bool hinted_ = false;
};

} // namespace dropctl::commands

// SPDX-License-Identifier: GPL-2.0-only
// For tests of the filter commands: a module that keeps its filters in a vector,
// and debug information with one function.
#pragma once

#include "nl/client.hpp"
#include "symbols/symboliser.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace dropctl::testing {

/// What outlives a connection.
struct FakeModule {
    bool is_there = true;
    std::string refusal; ///< answer to every request to add; empty: none
    int number = 0;      ///< its errno
    std::string blamed;  ///< and the attribute it blames
    std::vector<Filter> filters;
    std::vector<nl::FilterPrograms> programs;
};

class FakeClient : public nl::Client {
  public:
    explicit FakeClient(FakeModule &module) : module_(module) {}

    Result<Status> status() override {
        return module_.is_there ? Result<Status>(Status{}) : Error{"", "not loaded"};
    }
    Result<uint32_t> add_filter(const Filter &filter, const nl::FilterPrograms &programs) override {
        if (!module_.refusal.empty()) {
            Error error{"adding", module_.refusal};
            error.number = module_.number;
            error.blamed = module_.blamed;
            return error;
        }
        module_.filters.push_back(filter);
        module_.filters.back().id = static_cast<uint32_t>(module_.filters.size());
        module_.programs.push_back(programs);
        return module_.filters.back().id;
    }
    Result<void> delete_filter(uint32_t id) override {
        std::erase_if(module_.filters, [id](const Filter &filter) { return filter.id == id; });
        return {};
    }
    Result<void> delete_filter(const std::string &name) override {
        std::erase_if(module_.filters, [&](const Filter &filter) { return filter.name == name; });
        return {};
    }
    Result<void> delete_all_filters() override {
        std::erase_if(module_.filters, [](const Filter &filter) { return !filter.owned; });
        return {};
    }
    Result<std::vector<Filter>> filters() override { return module_.filters; }
    Result<std::vector<Session>> sessions() override { return std::vector<Session>{}; }
    Result<uint32_t> start_session(const nl::SessionOptions & /*options*/) override {
        return uint32_t{1};
    }
    Result<void> stop_session() override { return {}; }
    Result<std::vector<Counter>> counters(uint64_t & /*since_ns*/) override {
        return std::vector<Counter>{};
    }
    Result<void> set_counting(bool /*enable*/, bool /*owned*/) override { return {}; }
    Result<void> reset_counters() override { return {}; }
    Result<uint32_t> add_trace(const TraceRequest & /*options*/) override { return uint32_t{1}; }
    Result<void> add_points(uint32_t /*trace*/, const TracePoints & /*points*/) override {
        return {};
    }
    Result<std::vector<PointRefusal>> arm_points(uint32_t /*trace*/, bool /*partial*/) override {
        return std::vector<PointRefusal>{};
    }
    Result<void> keep_trace(uint32_t /*id*/) override { return {}; }
    Result<void> delete_trace(uint32_t /*id*/) override { return {}; }
    Result<void> delete_all_traces() override { return {}; }
    Result<std::vector<TraceInfo>> traces() override { return std::vector<TraceInfo>{}; }
    Result<std::vector<PointInfo>> points() override { return std::vector<PointInfo>{}; }
    Result<bool> receive(nl::Stream & /*stream*/, int /*wake_fd*/, int /*timeout_ms*/) override {
        return false;
    }

  private:
    FakeModule &module_;
};

/// Knows any function, in so many places; with none, has others to offer, or knows
/// nothing because addresses are hidden.
class FakeSymboliser : public symbols::Symboliser {
  public:
    explicit FakeSymboliser(size_t places, bool hidden = false)
        : places_(places), hidden_(hidden) {}

    const Location &return_address(uint64_t /*address*/) override { return nowhere_; }
    const Location &exact_address(uint64_t /*address*/) override { return nowhere_; }
    std::vector<Location> symbol_offset(const std::string & /*text*/) override { return {}; }
    std::vector<std::pair<uint64_t, uint64_t>>
    function_ranges(const std::string & /*function*/) override {
        std::vector<std::pair<uint64_t, uint64_t>> ranges;
        for (size_t i = 0; i < places_; ++i) {
            ranges.emplace_back(0x1000 * i, 0x1000 * i + 0x100);
        }
        return ranges;
    }
    std::vector<std::string> similar_functions(const std::string & /*function*/,
                                               size_t /*most*/) override {
        return {"ip_rcv", "ip6_rcv"};
    }
    void refresh_modules() override {}
    [[nodiscard]] bool hidden() const override { return hidden_; }
    [[nodiscard]] std::string hint() const override { return {}; }

  private:
    size_t places_;
    bool hidden_;
    Location nowhere_;
};

} // namespace dropctl::testing

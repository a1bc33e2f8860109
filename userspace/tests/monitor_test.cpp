// SPDX-License-Identifier: GPL-2.0-only
// monitor, status and top against a module made of paper: what they ask for, how
// they end, and with which exit status.
#include "commands/commands.hpp"
#include "commands/drop_stream.hpp"
#include "filter_fake_client.hpp"

#include <gtest/gtest.h>
#include <linux/droptrace.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <unistd.h>

namespace dropctl {
namespace {

/// What the session of a ScriptedClient goes through.
struct Script {
    uint64_t events = 0;      ///< that come at once
    nl::SessionEnd end;       ///< told when the session is stopped
    bool unloaded = false;    ///< ends by itself after the events
    bool silent = false;      ///< receive() only lets the time pass
    uint64_t recursion = 0;   ///< of the whole module, before the session
    std::string refusal;      ///< answer to the start
    nl::SessionOptions asked; ///< what start_session() was given
    bool stopped = false;
    bool counting = false;
    std::vector<bool> counting_owned; ///< set_counting() calls, by `owned`
};

class ScriptedClient final : public testing::FakeClient {
  public:
    ScriptedClient(testing::FakeModule &module, Script &script)
        : FakeClient(module), script_(script) {}

    Result<Status> status() override {
        Status status;
        status.abi = 1;
        status.counting = script_.counting;
        status.loss.recursion = script_.recursion;
        return status;
    }
    Result<uint32_t> start_session(const nl::SessionOptions &options) override {
        script_.asked = options;
        return script_.refusal.empty() ? Result<uint32_t>(uint32_t{1})
                                       : Error{"monitor", script_.refusal};
    }
    Result<void> stop_session() override {
        script_.stopped = true;
        return {};
    }
    Result<bool> receive(nl::Stream &stream, int /*wake_fd*/, int timeout_ms) override {
        Event event;
        event.time_ns = 1;
        for (; sent_ < script_.events;) {
            ++sent_;
            if (!stream.event(event)) {
                return true;
            }
        }
        if (script_.end.loss != Loss{}) {
            stream.loss(script_.end.loss);
        }
        stream.idle();
        if (script_.stopped || script_.unloaded) {
            script_.end.cause = script_.unloaded ? DROPTRACE_END_UNLOADED : DROPTRACE_END_STOPPED;
            stream.end(script_.end);
            return false;
        }
        usleep(static_cast<useconds_t>(timeout_ms) * 1000);
        return true;
    }
    Result<void> set_counting(bool enable, bool owned) override {
        script_.counting = enable;
        script_.counting_owned.push_back(owned);
        return {};
    }

  private:
    Script &script_;
    uint64_t sent_ = 0;
};

class Commands : public ::testing::Test {
  protected:
    template <typename Options> Result<Exit> run(const Options &options) {
        commands::Context context{.options = global_,
                                  .out = out_,
                                  .err = err_,
                                  .connect = [this]() -> Result<std::unique_ptr<nl::Client>> {
                                      return std::unique_ptr<nl::Client>(
                                          new ScriptedClient(module_, script_));
                                  }};
        return commands::run(options, context);
    }

    /// monitor, with a time limit that lets every script come to its end.
    Exit monitor(MonitorOptions options = {}) {
        options.timeout = options.timeout.value_or(0.01);
        auto result = run(options);
        error_ = result ? Error{} : result.error();
        return result ? *result : result.error().status;
    }

    [[nodiscard]] nlohmann::json last_line() {
        std::string text = out_.buffer();
        text.pop_back();
        return nlohmann::json::parse(text.substr(text.rfind('\n') + 1));
    }

    testing::FakeModule module_;
    Script script_;
    GlobalOptions global_;
    util::Output out_;
    util::Output err_;
    Error error_;
};

TEST_F(Commands, monitor_ends_at_its_time_limit) {
    script_.events = 2;
    script_.end.produced = 2;
    script_.end.delivered = 2;
    EXPECT_EQ(monitor(), Exit::Done);
    EXPECT_TRUE(script_.stopped);
    EXPECT_EQ(err_.buffer().substr(0, 11), "2 drops in ");
    EXPECT_NE(err_.buffer().find(", 0 lost\n"), std::string::npos);
}

TEST_F(Commands, monitor_that_saw_nothing_says_so_by_its_status) {
    EXPECT_EQ(monitor(), Exit::NothingSeen);
}

TEST_F(Commands, monitor_that_lost_events_says_so_by_its_status) {
    script_.events = 1;
    script_.end.loss.ring_full = 3;
    EXPECT_EQ(monitor(), Exit::EventsLost);
    EXPECT_NE(err_.buffer().find("3 lost (ring full 3)"), std::string::npos);
}

TEST_F(Commands, a_rate_limit_is_no_loss) {
    script_.events = 1;
    script_.end.loss.rate_limited = 3;
    EXPECT_EQ(monitor(), Exit::Done);
}

TEST_F(Commands, recursions_before_the_session_are_not_its_losses) {
    script_.events = 1;
    script_.recursion = 5;
    script_.end.loss.recursion = 5;
    EXPECT_EQ(monitor(), Exit::Done);
    script_.end.loss.recursion = 6;
    EXPECT_EQ(monitor(), Exit::EventsLost);
}

TEST_F(Commands, monitor_stops_at_its_count) {
    global_.json = true;
    script_.events = 10;
    MonitorOptions options;
    options.count = 3;
    options.timeout = 60;
    EXPECT_EQ(monitor(options), Exit::Done);
    EXPECT_TRUE(script_.stopped);
    const auto summary = last_line();
    EXPECT_EQ(summary["type"], "summary");
    EXPECT_EQ(summary["events"], 3);
    EXPECT_EQ(std::count(out_.buffer().begin(), out_.buffer().end(), '\n'), 4);
}

TEST_F(Commands, monitor_tells_that_the_module_has_gone) {
    script_.events = 1;
    script_.unloaded = true;
    EXPECT_EQ(monitor(), Exit::Failed);
    EXPECT_EQ(error_.why, "the droptrace module was unloaded");
    EXPECT_EQ(err_.buffer().substr(0, 7), "1 drop ");
}

TEST_F(Commands, monitor_names_filters_or_makes_one) {
    Filter dns;
    dns.id = 1;
    dns.name = "dns";
    module_.filters = {dns};
    monitor({.filters = {"dns", "1"}});
    EXPECT_EQ(script_.asked.filters, std::vector<uint32_t>{1});
    EXPECT_EQ(module_.filters.size(), 1U);
    monitor({.filters = {"udp", "port", "53"}});
    ASSERT_EQ(module_.filters.size(), 2U);
    EXPECT_EQ(script_.asked.filters, std::vector<uint32_t>{2});
    EXPECT_EQ(module_.filters[1].expr, "udp port 53");
    EXPECT_TRUE(module_.filters[1].owned);
    EXPECT_FALSE(module_.programs[0].prog.empty());
}

TEST_F(Commands, words_that_are_neither_filter_nor_expression) {
    EXPECT_EQ(monitor({.filters = {"dnss"}}), Exit::Usage);
    EXPECT_EQ(error_.what, "monitor");
    EXPECT_EQ(error_.why, "there is no filter 'dnss', and it is no expression");
    EXPECT_EQ(error_.hint, "`dropctl list-filters` shows the filters");
    EXPECT_EQ(monitor({.filters = {"upd"}}), Exit::Usage);
    EXPECT_NE(error_.hint.find("did you mean 'udp'?"), std::string::npos);
    EXPECT_EQ(monitor({.filters = {"77"}}), Exit::Usage);
    EXPECT_EQ(error_.why, "there is no filter 77");
    EXPECT_TRUE(module_.filters.empty());
}

TEST_F(Commands, a_misspelt_filter_is_told_as_one) {
    Filter first;
    first.id = 1;
    first.name = "first";
    module_.filters = {first};
    EXPECT_EQ(monitor({.filters = {"frist"}}), Exit::Usage);
    EXPECT_EQ(error_.hint, "did you mean 'first'?");
    EXPECT_EQ(monitor({.filters = {"first", "other"}}), Exit::Usage);
    EXPECT_EQ(error_.why, "there is no filter 'other'");
    EXPECT_EQ(error_.hint, "`dropctl list-filters` shows the filters");
    EXPECT_EQ(monitor({.filters = {"host", "an", "b"}}), Exit::Usage);
    EXPECT_EQ(error_.why.find("cannot parse the expression"), 0U) << error_.why;
    EXPECT_EQ(module_.filters.size(), 1U);
}

TEST_F(Commands, blanks_are_no_filter) {
    EXPECT_EQ(monitor({.filters = {" ", ""}}), Exit::NothingSeen);
    EXPECT_TRUE(module_.filters.empty());
    EXPECT_TRUE(script_.asked.filters.empty());
}

TEST_F(Commands, ready_file_is_there_once_the_session_runs) {
    const auto file = std::filesystem::temp_directory_path() / "dropctl-ready-test";
    std::filesystem::remove(file);
    script_.refusal = "no memory for the ring";
    EXPECT_EQ(monitor({.ready_file = file}), Exit::Failed);
    EXPECT_EQ(error_.why, "no memory for the ring");
    EXPECT_FALSE(std::filesystem::exists(file));
    script_.refusal.clear();
    monitor({.ready_file = file});
    EXPECT_TRUE(std::filesystem::remove(file));
    EXPECT_EQ(monitor({.ready_file = "/nonesuch/ready"}), Exit::Failed);
}

TEST_F(Commands, verbose_asks_for_stacks) {
    monitor();
    EXPECT_EQ(script_.asked.stack_depth, 0U);
    global_.verbose = true;
    monitor();
    EXPECT_EQ(script_.asked.stack_depth, 16U);
    monitor({.stack_depth = 4});
    EXPECT_EQ(script_.asked.stack_depth, 4U);
}

TEST_F(Commands, closed_stdout_ends_monitor_quietly) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    close(ends[0]);
    std::signal(SIGPIPE, SIG_IGN);
    util::Output out(ends[1]);
    commands::Context context{.options = {},
                              .out = out,
                              .err = err_,
                              .connect = [this]() -> Result<std::unique_ptr<nl::Client>> {
                                  return std::unique_ptr<nl::Client>(
                                      new ScriptedClient(module_, script_));
                              }};
    script_.events = 5;
    MonitorOptions options;
    options.timeout = 60;
    auto result = commands::monitor(options, context);
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, Exit::Done);
    EXPECT_EQ(err_.buffer(), "");
    close(ends[1]);
}

TEST_F(Commands, top_counts_only_while_it_runs_unless_asked) {
    TopOptions options;
    options.once = true;
    options.interval = 0.05;
    ASSERT_TRUE(run(options));
    EXPECT_EQ(script_.counting_owned, std::vector<bool>{true});
    EXPECT_NE(err_.buffer().find("counting was off"), std::string::npos);
    options.keep = true;
    ASSERT_TRUE(run(options));
    EXPECT_EQ(script_.counting_owned, (std::vector<bool>{true, false}));
    options = {};
    options.off = true;
    ASSERT_TRUE(run(options));
    EXPECT_FALSE(script_.counting);
}

TEST_F(Commands, status_without_a_module_is_an_error_and_an_object) {
    global_.json = true;
    commands::Context context{.options = global_,
                              .out = out_,
                              .err = err_,
                              .connect = []() -> Result<std::unique_ptr<nl::Client>> {
                                  return Error{"", "the droptrace module is not loaded"};
                              }};
    auto result = commands::status({}, context);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().status, Exit::Failed);
    EXPECT_EQ(last_line()["error"], "the droptrace module is not loaded");
}

} // namespace
} // namespace dropctl

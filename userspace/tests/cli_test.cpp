// SPDX-License-Identifier: GPL-2.0-only
// The command line: what is accepted, what is a usage error.
#include "cli.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <initializer_list>

namespace dropctl {
namespace {

Result<Invocation> parse(std::initializer_list<const char *> words) {
    std::vector<const char *> argv{"dropctl"};
    argv.insert(argv.end(), words);
    return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

template <typename Options> Options options(std::initializer_list<const char *> words) {
    auto invocation = parse(words);
    if (!invocation) {
        ADD_FAILURE() << invocation.error().why;
        return {};
    }
    return std::get<Options>(invocation->command);
}

void refused(std::initializer_list<const char *> words) {
    SCOPED_TRACE(words.size() == 0 ? "" : *(words.end() - 1));
    auto invocation = parse(words);
    ASSERT_FALSE(invocation);
    EXPECT_EQ(invocation.error().status, Exit::Usage);
    EXPECT_FALSE(invocation.error().why.empty());
    EXPECT_FALSE(invocation.error().hint.empty());
}

TEST(Cli, json_before_and_after_the_verb) {
    EXPECT_TRUE(parse({"-j", "status"})->global.json);
    EXPECT_TRUE(parse({"status", "--json"})->global.json);
    EXPECT_FALSE(parse({"status"})->global.json);
}

TEST(Cli, expression_words_may_be_verbs) {
    const auto words = options<MonitorOptions>({"monitor", "top", "status", "--count", "2"});
    EXPECT_EQ(words.filters, (std::vector<std::string>{"top", "status"}));
    EXPECT_EQ(words.count, 2U);
}

TEST(Cli, monitor_options) {
    const auto all = options<MonitorOptions>({"monitor", "--timeout", "1.5", "--ring-size", "64K",
                                              "--stack", "8", "--time", "delta", "--snaplen", "0"});
    EXPECT_DOUBLE_EQ(*all.timeout, 1.5);
    EXPECT_EQ(all.ring_size, 65536U);
    EXPECT_EQ(all.stack_depth, 8U);
    EXPECT_EQ(all.time, TimeFormat::Delta);
    EXPECT_EQ(all.snaplen, 0U);
}

TEST(Cli, stack_without_a_depth) {
    EXPECT_EQ(options<MonitorOptions>({"monitor", "--stack"}).stack_depth, 16U);
    EXPECT_EQ(options<MonitorOptions>({"monitor"}).stack_depth, 0U);
    const auto words = options<MonitorOptions>({"monitor", "--stack", "--count", "1", "udp"});
    EXPECT_EQ(words.stack_depth, 16U);
    EXPECT_EQ(words.filters, std::vector<std::string>{"udp"});
}

TEST(Cli, reasons_are_split_at_commas_and_words_are_not_taken_for_them) {
    const auto add = options<AddFilterOptions>(
        {"add-filter", "--reason", "A,B", "--reason", "C", "udp", "port", "53"});
    EXPECT_EQ(add.reasons, (std::vector<std::string>{"A", "B", "C"}));
    EXPECT_EQ(add.expr, (std::vector<std::string>{"udp", "port", "53"}));
}

TEST(Cli, usage_errors) {
    refused({});
    refused({"frobnicate"});
    refused({"monitor", "--frobnicate"});
    refused({"monitor", "--timeout", "soon"});
    refused({"monitor", "--timeout", "-1"});
    refused({"monitor", "--count", "-1"});
    refused({"monitor", "--ring-size", "1"});
    refused({"monitor", "--ring-size", "9999999999999999999999"});
    refused({"monitor", "--stack", "65"});
    refused({"top", "--sort", "colour"});
    refused({"top", "--off", "--keep"});
    refused({"--color", "sometimes", "status"});
}

TEST(Cli, an_unknown_verb_is_offered_others) {
    auto refused = parse({"monitr"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().why, "there is no command 'monitr'");
    EXPECT_EQ(refused.error().hint, "did you mean monitor?");
    EXPECT_EQ(parse({"nonsense"}).error().hint, "`dropctl --help` lists the commands");
}

TEST(Cli, closed_stdout_is_an_error_and_closed_stderr_is_none) {
    EXPECT_EQ(std::system(DROPCTL_BINARY " --version >&- 2>/dev/null"), 1 << 8);
    EXPECT_EQ(std::system(DROPCTL_BINARY " --version >/dev/null 2>&- <&-"), 0);
}

TEST(Cli, help_and_version_are_text) {
    EXPECT_NE(options<PrintText>({"--help"}).text.find("monitor"), std::string::npos);
    EXPECT_NE(options<PrintText>({"monitor", "--help"}).text.find("--ready-file"),
              std::string::npos);
    EXPECT_EQ(options<PrintText>({"--version"}).text.substr(0, 8), "dropctl ");
}

} // namespace
} // namespace dropctl

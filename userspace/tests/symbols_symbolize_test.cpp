// SPDX-License-Identifier: GPL-2.0-only
// dropctl symbolize: forms of places, output, exit status.
#include "commands/symbolize.hpp"
#include "symbols_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <sstream>

namespace {

using namespace dropctl;
using namespace dropctl::test;
using Names = std::vector<std::string>;

class SymbolizeTest : public testing::Test {
  protected:
    void SetUp() override {
        if (!run("gcc --version && ld --version && nm --version && objcopy --version")) {
            GTEST_SKIP() << "no gcc and binutils to build a small kernel with";
        }
        ::unsetenv("DEBUGINFOD_URLS");
        ASSERT_TRUE(kernel_.build(Build::InTree));
        symboliser_ = std::make_unique<symbols::DwflSymboliser>(kernel_.options());
    }

    Exit run_with(const SymbolizeOptions &options, const std::string &input = "",
                  bool json = false) {
        out_.buffer().clear();
        err_.buffer().clear();
        commands::Context context{.options = {}, .out = out_, .err = err_};
        context.options.json = json;
        std::istringstream stream(input);
        const auto result = commands::symbolize(options, context, *symboliser_, stream);
        return result ? *result : Exit::Usage;
    }

    SmallKernel kernel_;
    std::unique_ptr<symbols::DwflSymboliser> symboliser_;
    util::Output out_;
    util::Output err_;
};

TEST_F(SymbolizeTest, address_with_and_without_prefix) {
    const uint64_t address = kernel_.address("ret_inlined");
    const std::string expected = fmt::format(
        "receive+{:#x} include/linux/packet.h:{}  (free_packet < check < receive)\n",
        address - kernel_.address("receive.constprop.0"), line_of(header_source, "inlined call"));
    for (const char *form : {"{:#x}", "{:x}", "[<{:x}>]"}) {
        EXPECT_EQ(run_with({.places = {fmt::format(fmt::runtime(form), address)}}), Exit::Done);
        EXPECT_EQ(out_.buffer(), expected);
    }
    EXPECT_EQ(err_.buffer(), "");
}

TEST_F(SymbolizeTest, exact_is_the_place_itself) {
    const std::string address = fmt::format("{:#x}", kernel_.address("ret_plain"));
    run_with({.places = {address}});
    const std::string call = fmt::format(":{}\n", line_of(kernel_source, "plain call"));
    EXPECT_NE(out_.buffer().find(call), std::string::npos) << out_.buffer();
    run_with({.places = {address}, .exact = true});
    const std::string after = fmt::format(":{}\n", line_of(kernel_source, "after"));
    EXPECT_NE(out_.buffer().find(after), std::string::npos) << out_.buffer();
}

TEST_F(SymbolizeTest, all_that_a_name_may_mean) {
    EXPECT_EQ(run_with({.places = {"twice+0x2"}}), Exit::Done);
    EXPECT_NE(out_.buffer().find("net/core/receive.c"), std::string::npos);
    EXPECT_NE(out_.buffer().find("[tunnel] drivers/net/tunnel.c"), std::string::npos);
}

TEST_F(SymbolizeTest, lines_of_stdin) {
    const std::string address = fmt::format("{:#x}", kernel_.address("ret_plain"));
    const std::string input = "\n  twice+0x2 [tunnel]\n no_such+1\n " + address + "\n";
    for (const std::vector<std::string> &places : {Names{}, Names{"-"}}) {
        EXPECT_EQ(run_with({.places = places}, input), Exit::Failed);
        EXPECT_EQ(std::count(out_.buffer().begin(), out_.buffer().end(), '\n'), 2);
        EXPECT_TRUE(out_.buffer().starts_with("twice+0x2 [tunnel] drivers/net/tunnel.c:"));
        EXPECT_NE(out_.buffer().find("\n" + address + "  receive+0x"), std::string::npos);
        EXPECT_NE(err_.buffer().find("no_such+1: no such place"), std::string::npos);
    }
}

TEST_F(SymbolizeTest, json_of_what_is_there_and_what_is_not) {
    const uint64_t address = kernel_.address("ret_plain");
    const std::string query = fmt::format("{:#x}", address);
    EXPECT_EQ(run_with({.places = {query, "recieve+0x1", "0x1000"}}, "", true), Exit::Failed);
    std::istringstream lines(out_.buffer());
    std::vector<nlohmann::json> objects;
    for (std::string line; std::getline(lines, line);) {
        objects.push_back(nlohmann::json::parse(line));
    }
    ASSERT_EQ(objects.size(), 3U);
    for (const auto &object : objects) {
        EXPECT_EQ(object["schema"], 1);
        EXPECT_EQ(object["type"], "symbol");
    }
    EXPECT_EQ(objects[0]["query"], query);
    EXPECT_EQ(objects[0]["location"]["symbol"], "receive.constprop.0");
    EXPECT_EQ(objects[0]["location"]["function"], "receive");
    EXPECT_EQ(objects[0]["location"]["module"], nullptr);
    EXPECT_EQ(objects[0]["location"]["address"], query);
    EXPECT_EQ(objects[0]["location"]["line"], line_of(kernel_source, "plain call"));
    EXPECT_EQ(objects[1]["location"], nullptr);
    EXPECT_EQ(objects[2]["location"]["symbol"], nullptr);
    EXPECT_EQ(objects[2]["location"]["address"], "0x1000");
    EXPECT_NE(err_.buffer().find("did you mean receive?"), std::string::npos);
}

} // namespace

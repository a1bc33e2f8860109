// SPDX-License-Identifier: GPL-2.0-only
// dropctl lines on the installed kernel: text with source and without, JSON, and
// what it says of functions that it cannot show.
#include "code/listing.hpp"
#include "code_fixture.hpp"
#include "commands/lines.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace {

using namespace dropctl;
using namespace dropctl::test;
using nlohmann::json;

class LinesTest : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        kernel_ = std::make_unique<InstalledKernel>();
        if (!kernel_->find()) {
            kernel_.reset();
        }
    }
    static void TearDownTestSuite() { kernel_.reset(); }
    void SetUp() override {
        if (!kernel_) {
            GTEST_SKIP() << "no kernel with debug information, or no binutils";
        }
    }

    Result<Exit> run(const std::string &function, bool as_json = false,
                     const std::string &source = "/nonexistent") {
        commands::Context context{.options = {.json = as_json}, .out = out_, .err = err_};
        code::KernelCode code(kernel_->options());
        symbols::SourceText text(source);
        return commands::lines({.functions = {function}, .source = {}}, context, code, text);
    }

    static std::unique_ptr<InstalledKernel> kernel_;
    util::Output out_;
    util::Output err_;
};

std::unique_ptr<InstalledKernel> LinesTest::kernel_;

TEST_F(LinesTest, lines_with_code_are_marked_and_calls_named) {
    ASSERT_TRUE(run("ip_rcv_finish_core"));
    const std::string &text = out_.buffer();
    EXPECT_EQ(text.find("ip_rcv_finish_core  net/ipv4/ip_input.c:"), 0U) << text.substr(0, 200);
    EXPECT_NE(text.find("ip_rcv_finish_core.constprop.0: "), std::string::npos);
    EXPECT_NE(text.find("│ calls ip_route_input_noref()\n"), std::string::npos);
    EXPECT_NE(text.find("│ __in_dev_get_rcu (inlined)  include/linux/inetdevice.h\n"),
              std::string::npos);
    EXPECT_EQ(text.find(" \n"), std::string::npos); // no blanks at the ends of lines
}

TEST_F(LinesTest, source_is_shown_from_the_head_to_the_closing_brace) {
    ASSERT_TRUE(run("ip_rcv_finish_core", true));
    const json found = json::parse(out_.buffer());
    out_.buffer().clear();
    const auto first = found["line"].get<uint32_t>();
    uint32_t last = 0;
    for (const json &line : found["lines"]) {
        const json &own = line["frames"].back();
        last = std::max(last, own["line"].get<uint32_t>());
    }
    TemporaryDirectory tree;
    std::string source;
    for (uint32_t number = 1; number < last + 10; number++) {
        source += number == last + 1 ? "}\n" : fmt::format("\ttext of {};\n", number);
    }
    write_file(tree.path() / "net/ipv4/ip_input.c", source);
    ASSERT_TRUE(run("ip_rcv_finish_core", false, tree.path()));
    const std::string &text = out_.buffer();
    EXPECT_NE(text.find(fmt::format("        text of {};\n", first)), std::string::npos);
    EXPECT_EQ(text.find(fmt::format("text of {};\n", first - 1)), std::string::npos);
    EXPECT_NE(text.find(fmt::format("{:>6}   }}\n", last + 1)), std::string::npos);
    EXPECT_EQ(text.find(fmt::format("text of {};\n", last + 2)), std::string::npos);
}

TEST_F(LinesTest, json_has_lines_with_their_inline_chains) {
    ASSERT_TRUE(run("ip_rcv_finish_core", true));
    const json found = json::parse(out_.buffer());
    EXPECT_EQ(found["schema"], 1);
    EXPECT_EQ(found["type"], "lines");
    EXPECT_EQ(found["symbol"], "ip_rcv_finish_core.constprop.0");
    EXPECT_TRUE(found["module"].is_null());
    EXPECT_GT(found["points"], 10);
    std::set<std::string> functions;
    std::set<std::string> callees;
    for (const json &line : found["lines"]) {
        functions.insert(line["inline"][0]);
        EXPECT_EQ(line["inline"].back(), "ip_rcv_finish_core");
        EXPECT_EQ(line["frames"].size(), line["inline"].size());
        EXPECT_EQ(line["file"], line["frames"][0]["file"]);
        for (const json &call : line["calls"]) {
            callees.insert(call["callee"].is_null() ? "" : call["callee"]);
        }
    }
    EXPECT_TRUE(functions.contains("ip_rcv_options"));
    EXPECT_TRUE(callees.contains("kfree_skb_reason"));
}

/// Several rows may stand at one address, of functions further out or next to it.
TEST_F(LinesTest, lines_are_of_the_function_that_they_stand_in) {
    for (const char *name : {"ip_rcv_finish_core", "tcp_v4_rcv", "ip_route_input_slow"}) {
        code::KernelCode code(kernel_->options());
        const auto function = code.function(code.find(name).instances.at(0));
        ASSERT_TRUE(function);
        const symbols::LineTable &table = function->lines;
        std::map<std::string, std::pair<uint32_t, uint32_t>> declared;
        for (const symbols::InlineScope &scope : table.scopes) {
            declared[scope.function] = {scope.declared_file, scope.declared_line};
        }
        for (const symbols::LineRow &row : table.rows) {
            if (row.line != 0) {
                const auto &[file, line] = declared[table.frames_of(row).front().function];
                EXPECT_TRUE(file != row.file || line <= row.line)
                    << table.files[row.file] << row.line;
            }
        }
    }
}

TEST_F(LinesTest, what_cannot_be_shown_is_explained) {
    const auto inlined = run("dst_input");
    ASSERT_FALSE(inlined);
    EXPECT_EQ(inlined.error().why, "'dst_input' is inlined everywhere");
    EXPECT_NE(inlined.error().hint.find("its code is in "), std::string::npos);
    EXPECT_EQ(inlined.error().status, Exit::Usage);
    const auto typo = run("ip_rcv_finsh_core");
    ASSERT_FALSE(typo);
    EXPECT_NE(typo.error().hint.find("ip_rcv_finish_core"), std::string::npos);
    const auto gone = run("vxlan_xmit_one@vxlan");
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().why, "module vxlan is not loaded");
}

} // namespace

// SPDX-License-Identifier: GPL-2.0-only
// dropctl vars: places as they are written, lines and their addresses, output.
#include "commands/vars.hpp"
#include "render/vars_view.hpp"
#include "values_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using namespace dropctl;
using namespace dropctl::test;

TEST(Vars, places_as_written) {
    EXPECT_EQ(commands::split_line("ip_rcv")->function, "ip_rcv");
    EXPECT_FALSE(commands::split_line("ip_rcv")->line);
    EXPECT_EQ(commands::split_line("gre_rcv@gre:159")->function, "gre_rcv@gre");
    EXPECT_EQ(commands::split_line("gre_rcv@gre:159")->line, 159U);
    for (const char *wrong : {"f:", "f:x", "f:0", ":3", "f:4294967296"}) {
        const auto parsed = commands::split_line(wrong);
        ASSERT_FALSE(parsed) << wrong;
        EXPECT_EQ(parsed.error().status, Exit::Usage);
    }
}

/// Rows of a function in a.c with something of b.h inlined.
code::LineTable line_table() {
    code::LineTable lines;
    lines.files = {"", "a.c", "b.h"};
    const auto row = [&](uint64_t address, uint64_t end, uint32_t file, uint32_t line) {
        lines.rows.push_back(
            {.address = address, .end = end, .file = file, .line = line, .is_stmt = true});
    };
    row(0x10, 0x14, 1, 5);
    row(0x14, 0x18, 1, 5);
    row(0x18, 0x20, 2, 7);
    row(0x20, 0x28, 1, 5);
    row(0x28, 0x30, 1, 9);
    return lines;
}

TEST(Vars, a_line_has_an_address_for_each_stretch) {
    const code::LineTable lines = line_table();
    using Addresses = std::vector<uint64_t>;
    EXPECT_EQ(commands::addresses_of_line(lines, "a.c", 5), (Addresses{0x10, 0x20}));
    EXPECT_EQ(commands::addresses_of_line(lines, "a.c", 7), (Addresses{0x18})) << "inlined";
    EXPECT_EQ(commands::addresses_of_line(lines, "a.c", 6), Addresses{});
}

TEST(Vars, nearest_lines_with_code) {
    const code::LineTable lines = line_table();
    using Lines = std::vector<uint32_t>;
    EXPECT_EQ(commands::nearest_lines(lines, "a.c", 6), (Lines{5, 9}));
    EXPECT_EQ(commands::nearest_lines(lines, "a.c", 1), (Lines{5}));
    EXPECT_EQ(commands::nearest_lines(lines, "a.c", 100), (Lines{9}));
    EXPECT_EQ(commands::nearest_lines({}, "a.c", 100), Lines{});
}

class VarsOutput : public testing::Test {
  protected:
    void SetUp() override {
        SmallObject &object = SmallObject::get();
        if (!object.built()) {
            GTEST_SKIP() << "no compiler";
        }
        report_.function = report_.symbol = "after";
        report_.returns = "int";
        report_.offset = 0x38;
        report_.frames = {{.function = "after", .file = "values_object.c", .line = 50}};
        report_.variables = values::variables_at(object.types, object.place("place_after"));
    }
    render::VarsReport report_;
};

TEST_F(VarsOutput, text) {
    const std::string text = render::vars_text(report_, util::Paint(false));
    EXPECT_TRUE(text.starts_with("after  values_object.c:50  after+0x38  returns int\n")) << text;
    EXPECT_NE(text.find("  * struct item *lost "), std::string::npos) << text;
    EXPECT_NE(text.find("rdi at entry\n"), std::string::npos) << text;
    EXPECT_NE(text.find("  - long int vanished"), std::string::npos) << text;
    EXPECT_NE(text.find("optimised out here; readable at "), std::string::npos) << text;
    EXPECT_NE(text.find("int on_stack[6]"), std::string::npos) << text;
}

TEST_F(VarsOutput, json) {
    util::Writer out;
    render::append_json(out, report_);
    const auto json = nlohmann::json::parse(out.view());
    EXPECT_EQ(json["type"], "vars");
    EXPECT_EQ(json["function"], "after");
    EXPECT_EQ(json["module"], nullptr);
    EXPECT_EQ(json["line"], 50);
    EXPECT_EQ(json["inline"], nlohmann::json({"after"}));
    bool found = false;
    for (const auto &variable : json["variables"]) {
        if (variable["name"] == "vanished") {
            found = true;
            EXPECT_EQ(variable["readable"], false);
            EXPECT_EQ(variable["kind"], "local");
            EXPECT_EQ(variable["type"], "long int");
            EXPECT_TRUE(variable["readable_at"].is_string());
        }
    }
    EXPECT_TRUE(found);
}

TEST_F(VarsOutput, nothing_known) {
    const std::string text =
        render::vars_text({.function = "f", .symbol = "f"}, util::Paint(false));
    EXPECT_EQ(text, "f  f+0x0\n  no debug information\n");
}

} // namespace

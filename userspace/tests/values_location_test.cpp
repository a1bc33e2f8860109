// SPDX-License-Identifier: GPL-2.0-only
// Variables wherever a compiler puts them: registers, the stack, nowhere.
#include "values/call_frame.hpp"
#include "values_fixture.hpp"

#include <gtest/gtest.h>

#define yes is_yes
#include "data/values_types.h"
#undef yes

namespace {

using namespace dropctl;
using namespace dropctl::test;

class ValuesLocationTest : public testing::Test {
  protected:
    void SetUp() override {
        if (!SmallObject::get().built()) {
            GTEST_SKIP() << "no compiler";
        }
    }
    static Reader at(const std::string &label) {
        return {.types = SmallObject::get().types, .place = SmallObject::get().place(label)};
    }
};

TEST_F(ValuesLocationTest, value_of_the_entry) {
    Reader reader = at("place_after");
    item lost{};
    lost.value = 6;
    reader.memory.add(lost);
    EXPECT_TRUE(reader.set("lost", address_of(lost)));
    EXPECT_EQ(reader.state.arguments.at(5), address_of(lost)) << "rdi";
    EXPECT_EQ(reader.text("lost->value"), "6");
    EXPECT_EQ(reader.text("$entry(lost)->value"), "6");
    reader.state.arguments[4] = 77;
    EXPECT_EQ(reader.text("$entry(kept)"), "77");
    reader.state.arguments.clear();
    EXPECT_EQ(reader.text("lost->value"), "(unreadable)");
}

TEST_F(ValuesLocationTest, stack) {
    Reader reader = at("place_after");
    constexpr uint64_t stack = 0xffffc90000001000;
    reader.state.registers[7] = stack;
    for (uint64_t at = stack - 128; at < stack + 128; at += 4) {
        reader.memory.put(at, static_cast<uint32_t>(at - stack));
    }
    const std::string text = reader.text("&on_stack[0]");
    const std::string value = reader.text("on_stack[1] - on_stack[0]");
    EXPECT_TRUE(text.starts_with("0xffffc900000010")) << text;
    EXPECT_EQ(value, "4");
}

TEST_F(ValuesLocationTest, seventh_argument) {
    Reader reader = at("place_seventh");
    constexpr uint64_t stack = 0xffffc90000001000;
    reader.state.registers[7] = stack;
    reader.memory.put(stack + 8, uint64_t{4711});
    EXPECT_EQ(reader.text("on_stack"), "4711");
    reader.state.arguments[7] = stack; // as kept of the entry
    EXPECT_EQ(reader.text("$entry(on_stack)"), "4711");
}

TEST_F(ValuesLocationTest, declared_structs_are_told) {
    Reader reader = at("place_after");
    EXPECT_EQ(reader.text("hidden->x").substr(0, 24), "error: what is in struct");
}

TEST_F(ValuesLocationTest, inlined_functions) {
    Reader reader = at("place_inner");
    item thing{};
    item other{};
    thing.value = 1;
    other.value = 2;
    reader.memory.add(thing);
    reader.memory.add(other);
    EXPECT_EQ(values::functions_at(reader.types, reader.place),
              (std::vector<std::string>{"inner", "outer"}));
    EXPECT_TRUE(reader.set("thing", address_of(other)));
    EXPECT_EQ(reader.text("thing->value"), "2");
    EXPECT_EQ(reader.text("inner::thing->value"), "2");
    for (const auto &variable : values::variables_at(reader.types, reader.place)) {
        if (variable.name == "thing") {
            EXPECT_EQ(variable.hidden, variable.level == 1);
        }
    }
    EXPECT_EQ(reader.text("outer::missing"), "error: there is no variable 'missing' here");
}

TEST_F(ValuesLocationTest, constants_and_other_blocks) {
    Reader reader = at("place_block");
    EXPECT_EQ(reader.text("fixed"), "42");
    EXPECT_EQ(at("place_inner").text("only_here"), "error: 'only_here' is not in scope here");
    EXPECT_NE(at("place_inner").hint("only_here").find("it can be read at line"),
              std::string::npos);
}

TEST_F(ValuesLocationTest, pointers_to_what_is_in_no_memory) {
    Reader reader = at("place_implicit");
    for (unsigned number = 0; number < 16; number++) {
        reader.state.registers[number] = 30; // whichever it is in
    }
    const std::string pointer = reader.text("pair");
    if (!pointer.starts_with("error: 'pair' points to what is in no memory")) {
        GTEST_SKIP() << "this compiler keeps it elsewhere: " << pointer;
    }
    EXPECT_EQ(reader.text("pair->x"), "30");
    EXPECT_EQ(reader.text("pair->x - pair->y"), "0");
}

TEST_F(ValuesLocationTest, optimised_out_tells_where_not) {
    Reader reader = at("place_after");
    EXPECT_EQ(reader.text("vanished"), "error: 'vanished' is optimised out here");
    EXPECT_TRUE(reader.complaints.front().unavailable);
    const uint32_t line = line_of(read_file(DROPCTL_TEST_DATA "/values_object.c"), "vanished");
    EXPECT_NE(reader.hint("vanished").find(std::to_string(line)), std::string::npos)
        << reader.hint("vanished");
}

TEST_F(ValuesLocationTest, retval) {
    Reader reader = at("place_look");
    reader.context = {.at_exit = true, .retval_register = 3};
    reader.state.registers[3] = static_cast<uint32_t>(-22);
    EXPECT_EQ(reader.text("$retval"), "-22");
    EXPECT_EQ(reader.text("$retval < 0"), "1");
    reader.place = SmallObject::get().place("gives_nothing");
    EXPECT_EQ(reader.text("$retval"), "error: gives_nothing returns nothing");
}

TEST(ValuesCallFrame, broken_sections_are_survived) {
    std::string section(64, '\xff');
    EXPECT_FALSE(values::CallFrames(section).base_at(0x1000));
    section.assign(64, '\0');
    EXPECT_FALSE(values::CallFrames(section).base_at(0x1000));
    EXPECT_FALSE(values::CallFrames(std::string_view("abc")).base_at(0x1000));
}

} // namespace

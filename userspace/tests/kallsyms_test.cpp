// SPDX-License-Identifier: GPL-2.0-only
// The reader of /proc/kallsyms, on small tables.
#include "symbols/kallsyms.hpp"
#include "symbols_fixture.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace {

using namespace dropctl;
using symbols::Kallsyms;

constexpr const char *table = "0000000000000000 A fixed_percpu_data\n"
                              "0000000000001000 A cpu_debug_store\n"
                              "ffffffff81000000 T startup_64\n"
                              "ffffffff81000000 T _stext\n"
                              "ffffffff81000100 t first\n"
                              "ffffffff81000180 W weak\n"
                              "ffffffff81000200 t last.part.0\n"
                              "ffffffff81000300 D _etext\n"
                              "ffffffff81000400 d data\n"
                              "ffffffff81001000 t initial\n"
                              "ffffffff81002000 B _end\n"
                              "ffffffffc0002100 d state\t[gre]\n"
                              "ffffffffc0000100 t gre_rcv\t[gre]\n"
                              "ffffffffc0000000 t gre_exit\t[gre]\n"
                              "ffffffffc0000000 t cleanup_module\t[gre]\n"
                              "ffffffffc0000180 t gre_err\t[gre]\n"
                              "ffffffffc0010000 t gre_rcv\t[ip_gre]\n"
                              "ffffffffc0050000 t bpf_prog_6deef7357e7b4530\t[bpf]\n";
constexpr const char *modules = "ip_gre 32768 0 - Live 0xffffffffc0010000\n"
                                "gre 16384 1 ip_gre, Live 0xffffffffc0000000\n";

class KallsymsTest : public testing::Test {
  protected:
    void SetUp() override { write(table, modules); }

    void write(const std::string &symbols, const std::string &loaded) {
        test::write_file(directory_.path() / "kallsyms", symbols);
        test::write_file(directory_.path() / "modules", loaded);
    }

    /// "name+offset/size [module]" or "-".
    std::string look_up(uint64_t address) {
        const auto symbol = kallsyms_.at(address);
        return symbol ? fmt::format("{}+{:#x}/{:#x} [{}]", symbol->name, address - symbol->address,
                                    symbol->end - symbol->address, symbol->module)
                      : "-";
    }

    test::TemporaryDirectory directory_;
    Kallsyms kallsyms_{directory_.path() / "kallsyms", directory_.path() / "modules"};
};

TEST_F(KallsymsTest, address_belongs_to_the_symbol_before_it) {
    EXPECT_EQ(look_up(0xffffffff81000100), "first+0x0/0x80 []");
    EXPECT_EQ(look_up(0xffffffff8100017f), "first+0x7f/0x80 []");
    EXPECT_EQ(look_up(0xffffffff81000180), "weak+0x0/0x80 []");
    EXPECT_EQ(look_up(0xffffffffc0000101), "gre_rcv+0x1/0x80 [gre]");
    EXPECT_EQ(look_up(0xffffffffc0010020), "gre_rcv+0x20/0x8000 [ip_gre]");
}

TEST_F(KallsymsTest, first_of_several_names_wins) {
    EXPECT_EQ(look_up(0xffffffff81000004), "startup_64+0x4/0x100 []");
    EXPECT_EQ(look_up(0xffffffffc0000004), "gre_exit+0x4/0x100 [gre]");
}

TEST_F(KallsymsTest, what_is_not_code_is_nothing) {
    EXPECT_EQ(look_up(0), "-");
    EXPECT_EQ(look_up(0x1004), "-");
    EXPECT_EQ(look_up(0xffffffff80ffffff), "-");
    EXPECT_EQ(look_up(0xffffffff81000300), "-");
    EXPECT_EQ(look_up(0xffffffff81000404), "-");
    EXPECT_EQ(look_up(0xffffffff81002000), "-");
    EXPECT_EQ(look_up(0xffffffffc0002101), "-");
    EXPECT_EQ(look_up(0xffffffffc0004000), "-");
    EXPECT_EQ(look_up(0xffffffffffffffff), "-");
}

TEST_F(KallsymsTest, data_behind_a_module_s_text_ends_its_last_function) {
    EXPECT_EQ(look_up(0xffffffffc0000180), "gre_err+0x0/0x1f80 [gre]");
}

TEST_F(KallsymsTest, code_of_no_file_has_a_bounded_length) {
    EXPECT_EQ(look_up(0xffffffffc0050010), "bpf_prog_6deef7357e7b4530+0x10/0x10000 [bpf]");
    EXPECT_EQ(look_up(0xffffffffc0060000), "-");
}

TEST_F(KallsymsTest, start_of_the_kernel_is_its_first_function) {
    EXPECT_EQ(kallsyms_.kernel_start(), 0xffffffff81000000);
    EXPECT_FALSE(kallsyms_.hidden());
}

TEST_F(KallsymsTest, every_function_is_visited) {
    std::vector<std::string> names;
    kallsyms_.for_each([&](const Kallsyms::Symbol &symbol) { names.emplace_back(symbol.name); });
    EXPECT_EQ(names.size(), 12U);
    EXPECT_EQ(names.front(), "startup_64");
    EXPECT_EQ(names.back(), "bpf_prog_6deef7357e7b4530");
    EXPECT_TRUE(kallsyms_.has_module("gre"));
    EXPECT_FALSE(kallsyms_.has_module("vxlan"));
}

TEST_F(KallsymsTest, forgotten_modules_are_read_anew) {
    EXPECT_EQ(look_up(0xffffffffc0010020), "gre_rcv+0x20/0x8000 [ip_gre]");
    write("ffffffff81000000 T _stext\nffffffff81000300 D _etext\n"
          "ffffffffc0010000 t vxlan_rcv\t[vxlan]\n",
          "vxlan 16384 0 - Live 0xffffffffc0010000\n");
    EXPECT_EQ(look_up(0xffffffffc0010020), "gre_rcv+0x20/0x8000 [ip_gre]");
    kallsyms_.forget_modules();
    EXPECT_EQ(look_up(0xffffffffc0010020), "vxlan_rcv+0x20/0x4000 [vxlan]");
    EXPECT_EQ(look_up(0xffffffff81000100), "first+0x0/0x80 []");
    EXPECT_FALSE(kallsyms_.has_module("gre"));
}

TEST_F(KallsymsTest, zero_addresses_mean_hidden) {
    write("0000000000000000 A fixed_percpu_data\n0000000000000000 T _stext\n"
          "0000000000000000 t first\n0000000000000000 t gre_rcv\t[gre]\n",
          "gre 16384 0 - Live 0x0000000000000000\n");
    EXPECT_TRUE(kallsyms_.hidden());
    EXPECT_EQ(look_up(0xffffffff81000100), "-");
    size_t count = 0;
    kallsyms_.for_each([&](const Kallsyms::Symbol &) { count++; });
    EXPECT_EQ(count, 3U);
}

TEST_F(KallsymsTest, no_table_is_like_a_hidden_one) {
    Kallsyms none("/nonexistent/kallsyms", "/nonexistent/modules");
    EXPECT_TRUE(none.hidden());
    EXPECT_FALSE(none.at(0xffffffff81000100));
}

TEST_F(KallsymsTest, broken_lines_are_passed_over) {
    write("ffffffff81000000 T _stext\n\nrubbish\nffffffff8100zz00 t what\nffffffff81000100 t\n"
          "ffffffff81000100 t first\nffffffff81000200 D _etext\nffffffffc0000000 t a\t[",
          "short\n\n");
    EXPECT_EQ(look_up(0xffffffff81000110), "first+0x10/0x100 []");
    EXPECT_EQ(look_up(0xffffffffc0000000), "-");
}

/// Longer than a block, so that lines are cut at every place.
TEST_F(KallsymsTest, blocks_are_joined) {
    std::string symbols;
    for (uint64_t i = 0; i < 5000; i++) {
        symbols += fmt::format("{:016x} t function_{}\n", 0xffffffff81000000 + 16 * i, i);
    }
    symbols += "ffffffff81100000 D _etext\n";
    write(symbols, "");
    for (const uint64_t i : {0, 1, 700, 701, 2500, 4998}) {
        EXPECT_EQ(look_up(0xffffffff81000000 + 16 * i + 3),
                  fmt::format("function_{}+0x3/0x10 []", i));
    }
}

} // namespace

// SPDX-License-Identifier: GPL-2.0-only
// The symboliser on a small kernel that is built here, with known lines.
#include "symbols/build_id.hpp"
#include "symbols/dwfl_symboliser.hpp"
#include "symbols_fixture.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <unistd.h>

namespace {

using namespace dropctl;
using namespace dropctl::test;
using symbols::DwflSymboliser;
using Names = std::vector<std::string>;

class SymboliserTest : public testing::Test {
  protected:
    void SetUp() override { build(Build::InTree); }

    void build(Build how) {
        if (!run("gcc --version && ld --version && nm --version && objcopy --version")) {
            GTEST_SKIP() << "no gcc and binutils to build a small kernel with";
        }
        ::unsetenv("DEBUGINFOD_URLS");
        ASSERT_TRUE(kernel_.build(how));
    }

    SmallKernel kernel_;
};

/// The same for every way in which names are written into debug information.
class SymboliserBuilds : public SymboliserTest, public testing::WithParamInterface<Build> {
  protected:
    void SetUp() override { build(GetParam()); }
};

TEST_P(SymboliserBuilds, inlined_call_has_innermost_function_and_line) {
    DwflSymboliser symboliser(kernel_.options());
    const Location &place = symboliser.return_address(kernel_.address("ret_inlined"));
    EXPECT_EQ(place.symbol, "receive.constprop.0");
    EXPECT_EQ(place.offset, place.address - kernel_.address("receive.constprop.0"));
    EXPECT_EQ(place.module, "");
    EXPECT_EQ(place.function, "free_packet");
    EXPECT_EQ(place.inlined, (Names{"free_packet", "check", "receive"}));
    EXPECT_EQ(place.file, "include/linux/packet.h");
    EXPECT_EQ(place.line, line_of(header_source, "inlined call"));
    ASSERT_EQ(place.frames.size(), 3U);
    EXPECT_EQ(place.frames[0].line, place.line);
    EXPECT_EQ(place.frames[1].function, "check");
    EXPECT_EQ(place.frames[1].line, line_of(kernel_source, "free"));
    EXPECT_EQ(place.frames[2].file, "net/core/receive.c");
    EXPECT_EQ(place.frames[2].line, line_of(kernel_source, "check"));
    EXPECT_EQ(symboliser.hint(), "");
}

TEST_P(SymboliserBuilds, return_address_is_the_call_before_it) {
    DwflSymboliser symboliser(kernel_.options());
    const uint64_t address = kernel_.address("ret_plain");
    const Location called = symboliser.return_address(address);
    const Location exact = symboliser.exact_address(address);
    EXPECT_EQ(called.file, "net/core/receive.c");
    EXPECT_EQ(called.line, line_of(kernel_source, "plain call"));
    EXPECT_EQ(exact.line, line_of(kernel_source, "after"));
    EXPECT_EQ(called.offset, exact.offset);
    EXPECT_EQ(called.inlined, Names{"receive"});
}

TEST_F(SymboliserTest, call_that_never_returns_belongs_to_its_own_function) {
    DwflSymboliser symboliser(kernel_.options());
    const uint64_t address = kernel_.address("ret_last");
    ASSERT_EQ(address, kernel_.address("next_function"));
    const Location place = symboliser.return_address(address);
    EXPECT_EQ(place.symbol, "give_up");
    EXPECT_EQ(place.offset, address - kernel_.address("give_up"));
    EXPECT_EQ(place.line, line_of(kernel_source, "last call"));
    EXPECT_EQ(symboliser.exact_address(address).symbol, "next_function");
}

TEST_P(SymboliserBuilds, module_is_relocated_to_where_it_lies) {
    DwflSymboliser symboliser(kernel_.options());
    const Location &place = symboliser.return_address(kernel_.address("ret_module_twice"));
    EXPECT_EQ(place.symbol, "twice");
    EXPECT_EQ(place.module, "tunnel");
    EXPECT_EQ(place.file, "drivers/net/tunnel.c");
    EXPECT_EQ(place.line, line_of(module_source, "module twice"));
    EXPECT_EQ(symboliser.hint(), "");
}

TEST_F(SymboliserTest, same_name_in_kernel_and_module_gives_both) {
    DwflSymboliser symboliser(kernel_.options());
    const uint64_t offset =
        kernel_.address("ret_module_twice") - kernel_.address("twice\t[tunnel]");
    const std::string text = "twice+" + std::to_string(offset);
    const auto both = symboliser.symbol_offset(text);
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0].file, "net/core/receive.c");
    EXPECT_EQ(both[1].file, "drivers/net/tunnel.c");
    const auto one = symboliser.symbol_offset(text + " [tunnel]");
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].module, "tunnel");
}

TEST_F(SymboliserTest, symbol_may_be_named_without_suffix) {
    DwflSymboliser symboliser(kernel_.options());
    const auto places = symboliser.exact_symbol_offset("receive");
    ASSERT_EQ(places.size(), 1U);
    EXPECT_EQ(places[0].symbol, "receive.constprop.0");
    EXPECT_EQ(places[0].address, kernel_.address("receive.constprop.0"));
    EXPECT_TRUE(symboliser.symbol_offset("no_such_function+0x1").empty());
    EXPECT_TRUE(symboliser.symbol_offset("receive+0xffff").empty());
}

TEST_F(SymboliserTest, hidden_addresses_leave_names_and_lines) {
    const uint64_t offset = kernel_.address("ret_inlined") - kernel_.address("receive.constprop.0");
    const uint64_t address = kernel_.address("ret_inlined");
    kernel_.hide_addresses();
    DwflSymboliser symboliser(kernel_.options());
    EXPECT_EQ(symboliser.return_address(address).symbol, "");
    EXPECT_NE(symboliser.hint().find("kptr_restrict"), std::string::npos);
    const auto places = symboliser.symbol_offset("receive.constprop.0+" + std::to_string(offset));
    ASSERT_EQ(places.size(), 1U);
    EXPECT_EQ(places[0].address, 0U);
    EXPECT_EQ(places[0].offset, offset);
    EXPECT_EQ(places[0].line, line_of(header_source, "inlined call"));
    EXPECT_TRUE(symboliser.function_ranges("receive").empty());
}

TEST_F(SymboliserTest, module_that_has_gone_is_resolved_by_name) {
    const uint64_t address = kernel_.address("ret_module_twice");
    const uint64_t offset = address - kernel_.address("twice\t[tunnel]");
    kernel_.unload_module();
    DwflSymboliser symboliser(kernel_.options());
    const Location lost = symboliser.return_address(address);
    EXPECT_EQ(lost.symbol, "");
    EXPECT_EQ(lost.address, address);
    EXPECT_NE(symboliser.hint(), "");
    const auto places = symboliser.symbol_offset("twice+" + std::to_string(offset) + " [tunnel]");
    ASSERT_EQ(places.size(), 1U);
    EXPECT_EQ(places[0].module, "tunnel");
    EXPECT_EQ(places[0].line, line_of(module_source, "module twice"));
}

TEST_F(SymboliserTest, file_of_another_build_is_refused) {
    kernel_.change_build_id();
    DwflSymboliser symboliser(kernel_.options());
    const Location &place = symboliser.return_address(kernel_.address("ret_plain"));
    EXPECT_EQ(place.symbol, "receive.constprop.0");
    EXPECT_EQ(place.function, "receive");
    EXPECT_EQ(place.file, "");
    EXPECT_NE(symboliser.hint().find("another build"), std::string::npos);
}

TEST_F(SymboliserTest, without_debug_information_names_the_package) {
    symbols::SymboliserOptions options = kernel_.options();
    options.debug_root = kernel_.path("nowhere");
    DwflSymboliser symboliser(options);
    const Location &place = symboliser.return_address(kernel_.address("ret_plain"));
    EXPECT_EQ(place.function, "receive");
    EXPECT_EQ(place.inlined, Names{"receive"});
    EXPECT_EQ(place.line, 0U);
    EXPECT_NE(symboliser.hint().find("apt install linux-image-6.1.0-1-amd64-dbg"),
              std::string::npos);
}

TEST_F(SymboliserTest, debuginfod_is_asked_where_it_is_named) {
    void *library = ::dlopen("libdebuginfod.so.1", RTLD_LAZY);
    if (library == nullptr) {
        GTEST_SKIP() << "no libdebuginfod";
    }
    symbols::SymboliserOptions options = kernel_.options();
    options.debug_root = kernel_.path("nowhere");
    const auto vmlinux = kernel_.path("debug/lib/modules") / SmallKernel::release / "vmlinux";
    const std::string id =
        symbols::to_hex(symbols::build_id_of_notes_file(kernel_.path("sys/kernel/notes")));
    std::filesystem::create_directories(kernel_.path("server/buildid/" + id));
    std::filesystem::copy(vmlinux, kernel_.path("server/buildid/" + id + "/debuginfo"));
    ::setenv("DEBUGINFOD_URLS", ("file://" + kernel_.path("server").string()).c_str(), 1);
    ::setenv("DEBUGINFOD_CACHE_PATH", kernel_.path("cache").c_str(), 1);
    size_t told = 0;
    options.progress = [&](const std::string &) { told++; };
    DwflSymboliser symboliser(options);
    const Location place = symboliser.return_address(kernel_.address("ret_plain"));
    ::unsetenv("DEBUGINFOD_URLS");
    EXPECT_EQ(place.file, "net/core/receive.c");
    EXPECT_EQ(told, 1U);
}

TEST_F(SymboliserTest, compressed_files_are_read_too) {
    const std::string tree =
        kernel_.path("debug/lib/modules").string() + "/" + SmallKernel::release;
    if (!run("xz -T1 " + tree + "/kernel/drivers/net/tunnel.ko 2>&1") ||
        !run("objcopy --compress-debug-sections=zlib " + tree + "/vmlinux 2>&1")) {
        GTEST_SKIP() << "no xz, or an objcopy that cannot compress";
    }
    write_file(kernel_.path(std::string("modules/") + SmallKernel::release + "/modules.dep"),
               "kernel/drivers/net/tunnel.ko.xz:\n");
    DwflSymboliser symboliser(kernel_.options());
    EXPECT_EQ(symboliser.return_address(kernel_.address("ret_inlined")).function, "free_packet");
    EXPECT_EQ(symboliser.return_address(kernel_.address("ret_module_twice")).line,
              line_of(module_source, "module twice"));
}

TEST_F(SymboliserTest, function_ranges_have_symbol_and_copies) {
    DwflSymboliser symboliser(kernel_.options());
    const auto whole = symboliser.function_ranges("receive");
    ASSERT_EQ(whole.size(), 1U);
    EXPECT_EQ(whole[0].first, kernel_.address("receive.constprop.0"));
    EXPECT_EQ(whole[0].second, kernel_.address("give_up"));
    // free_packet has no symbol of its own
    const auto inlined = symboliser.function_ranges("free_packet");
    ASSERT_FALSE(inlined.empty());
    const uint64_t call = kernel_.address("ret_inlined") - 1;
    EXPECT_TRUE(std::any_of(inlined.begin(), inlined.end(), [call](const auto &range) {
        return range.first <= call && call < range.second;
    }));
    EXPECT_EQ(symboliser.function_ranges("twice").size(), 2U);
    const auto restricted = symboliser.function_ranges("twice@tunnel");
    ASSERT_EQ(restricted.size(), 1U);
    EXPECT_EQ(restricted[0].first, kernel_.address("twice\t[tunnel]"));
    EXPECT_TRUE(symboliser.function_ranges("nothing_like_it").empty());
}

TEST_F(SymboliserTest, names_near_to_a_wrong_one) {
    DwflSymboliser symboliser(kernel_.options());
    EXPECT_EQ(symboliser.similar_functions("recieve", 3), Names{"receive"});
    EXPECT_EQ(symboliser.similar_functions("twcie@tunnel", 3), Names{"twice@tunnel"});
}

TEST_F(SymboliserTest, module_loaded_later_is_found_after_refresh) {
    const uint64_t address = kernel_.address("ret_module_twice");
    const std::string symbols = read_file(kernel_.path("proc/kallsyms"));
    kernel_.unload_module();
    DwflSymboliser symboliser(kernel_.options());
    EXPECT_EQ(symboliser.return_address(address).symbol, "");
    write_file(kernel_.path("proc/kallsyms"), symbols);
    write_file(kernel_.path("proc/modules"), "tunnel 16384 0 - Live 0xffffffffc0100000\n");
    write_file(kernel_.path("sys/module/tunnel/sections/.text"), "0xffffffffc0100000\n");
    EXPECT_EQ(symboliser.return_address(address).symbol, "");
    symboliser.refresh_modules();
    EXPECT_EQ(symboliser.return_address(address).file, "drivers/net/tunnel.c");
}

// Newer kernels pack modules so closely that the size told of one covers the next.
TEST_F(SymboliserTest, module_loaded_later_is_not_taken_for_its_neighbour) {
    const uint64_t address = kernel_.address("ret_module_twice");
    const std::string symbols = read_file(kernel_.path("proc/kallsyms"));
    const std::string neighbour = "ffffffffc00ff000 t br_deinit\t[bridge]\n";
    const std::string bridge = "bridge 131072 0 - Live 0xffffffffc00ff000\n";
    kernel_.unload_module();
    write_file(kernel_.path("proc/kallsyms"), read_file(kernel_.path("proc/kallsyms")) + neighbour);
    write_file(kernel_.path("proc/modules"), bridge);
    DwflSymboliser symboliser(kernel_.options());
    EXPECT_EQ(symboliser.return_address(0xffffffffc00ff010).symbol, "br_deinit");
    write_file(kernel_.path("proc/kallsyms"), symbols + neighbour);
    write_file(kernel_.path("proc/modules"), bridge + "tunnel 16384 0 - Live 0xffffffffc0100000\n");
    write_file(kernel_.path("sys/module/tunnel/sections/.text"), "0xffffffffc0100000\n");
    EXPECT_EQ(symboliser.return_address(address).file, "drivers/net/tunnel.c");
}

INSTANTIATE_TEST_SUITE_P(Builds, SymboliserBuilds,
                         testing::Values(Build::InTree, Build::Apart, Build::MappedPrefix),
                         [](const testing::TestParamInfo<Build> &info) {
                             switch (info.param) {
                             case Build::InTree:
                                 return "in_tree";
                             case Build::Apart:
                                 return "apart";
                             default:
                                 return "mapped_prefix";
                             }
                         });

} // namespace

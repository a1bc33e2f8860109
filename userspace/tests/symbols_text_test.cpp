// SPDX-License-Identifier: GPL-2.0-only
// The parts of the symboliser that only work on text and bytes.
#include "render/location.hpp"
#include "symbols/build_id.hpp"
#include "symbols/debug_hint.hpp"
#include "symbols/source_tree.hpp"
#include "symbols/symbol_name.hpp"
#include "symbols/unit_index.hpp"
#include "symbols_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstring>

namespace {

using namespace dropctl;
using namespace dropctl::symbols;
using Names = std::vector<std::string>;

TEST(SymbolsNameTest, compiler_suffixes_are_cut) {
    EXPECT_EQ(without_suffixes("ip_rcv"), "ip_rcv");
    EXPECT_EQ(without_suffixes("ip_rcv_finish_core.constprop.0"), "ip_rcv_finish_core");
    EXPECT_EQ(without_suffixes("ip_route_input_rcu.part.0"), "ip_route_input_rcu");
    EXPECT_EQ(without_suffixes("a.isra.0.part.12.cold"), "a");
    EXPECT_EQ(without_suffixes("a.llvm.1234567890"), "a");
    EXPECT_EQ(without_suffixes("a.cold"), "a");
    EXPECT_EQ(without_suffixes("cleanup.1"), "cleanup.1");
    EXPECT_EQ(without_suffixes(".cold"), ".cold");
    EXPECT_EQ(without_suffixes("bpf_prog_1_a.b"), "bpf_prog_1_a.b");
    EXPECT_EQ(without_clone_suffixes("a.constprop.0"), "a");
    EXPECT_EQ(without_clone_suffixes("a.constprop.0.cold"), "a.constprop.0.cold");
    EXPECT_EQ(without_clone_suffixes("a.part.0"), "a.part.0");
}

TEST(SymbolsNameTest, kernel_s_own_form_is_parsed) {
    const auto text = parse_symbol_text("  gre_rcv+0x3b/0xb0 [gre]\n");
    ASSERT_TRUE(text);
    EXPECT_EQ(text->symbol, "gre_rcv");
    EXPECT_EQ(text->module, "gre");
    EXPECT_EQ(text->offset, 0x3bU);
    EXPECT_EQ(text->size, 0xb0U);
}

TEST(SymbolsNameTest, shorter_forms_are_parsed) {
    EXPECT_EQ(parse_symbol_text("ip_rcv+16")->offset, 16U);
    EXPECT_FALSE(parse_symbol_text("ip_rcv")->offset);
    EXPECT_EQ(parse_symbol_text("gre_rcv@gre+0x3b")->module, "gre");
    EXPECT_EQ(parse_symbol_text("gre_rcv+0x3b@gre")->module, "gre");
    EXPECT_EQ(parse_symbol_text("gre_rcv@gre")->symbol, "gre_rcv");
}

TEST(SymbolsNameTest, other_things_are_not) {
    for (const char *text : {"", " ", "+0x1", "a+", "a+b", "a+0x1/", "a b", "a+0x1 gre]", "[gre]",
                             "a+0x1 []", "a+-1"}) {
        EXPECT_FALSE(parse_symbol_text(text)) << text;
    }
}

struct TreeCase {
    const char *what;
    const char *directory;
    const char *name;
    std::vector<std::string_view> files;
    std::vector<std::pair<const char *, const char *>> expected;
};

TEST(SymbolsTreeTest, files_are_relative_to_the_kernel_tree) {
    const std::vector<TreeCase> cases{
        {"Debian 12",
         "debian/build/build_amd64_none_amd64",
         "net/ipv4/route.c",
         {"net/ipv4/route.c", "include/linux/skbuff.h", "include/generated/autoconf.h"},
         {{"net/ipv4/route.c", "net/ipv4/route.c"},
          {"include/net/dst.h", "include/net/dst.h"},
          {"include/trace/../../include/trace/events/skb.h", "include/trace/events/skb.h"}}},
        {"Debian, not mapped",
         "/build/linux-5.10/debian/build/build_amd64_none_amd64",
         "../../../net/ipv4/route.c",
         {"../../../net/ipv4/route.c", "../../../include/linux/skbuff.h",
          "./include/generated/autoconf.h", "./arch/x86/include/generated/asm/x.h"},
         {{"../../../net/ipv4/route.c", "net/ipv4/route.c"},
          {"./include/generated/autoconf.h", "include/generated/autoconf.h"},
          {"./arch/x86/include/generated/asm/x.h", "arch/x86/include/generated/asm/x.h"}}},
        {"Debian, assembly",
         "/build/reproducible-path/linux-6.1.192/debian/build/build_amd64_none_amd64",
         "/build/reproducible-path/linux-6.1.192/arch/x86/kernel/head_64.S",
         {"/build/reproducible-path/linux-6.1.192/arch/x86/kernel/head_64.S"},
         {{"/build/reproducible-path/linux-6.1.192/arch/x86/kernel/head_64.S",
           "arch/x86/kernel/head_64.S"}}},
        {"Fedora, Ubuntu",
         "/usr/src/debug/kernel-6.8/linux-6.8.fc40.x86_64",
         "net/ipv4/route.c",
         {"net/ipv4/route.c", "./include/linux/skbuff.h", "./include/generated/autoconf.h"},
         {{"/usr/src/debug/kernel-6.8/linux-6.8.fc40.x86_64/net/ipv4/route.c", "net/ipv4/route.c"},
          {"./include/net/dst.h", "include/net/dst.h"}}},
        {"self-built with O=",
         "/home/me/build",
         "/home/me/linux/net/ipv4/route.c",
         {"/home/me/linux/net/ipv4/route.c", "/home/me/linux/include/linux/skbuff.h",
          "./include/generated/autoconf.h"},
         {{"/home/me/linux/net/ipv4/route.c", "net/ipv4/route.c"},
          {"drivers/tty/vt/defkeymap.c", "drivers/tty/vt/defkeymap.c"}}},
        {"O= inside of the tree",
         "/home/me/linux/build",
         "../net/ipv4/route.c",
         {"../net/ipv4/route.c", "../include/linux/skbuff.h", "include/generated/autoconf.h"},
         {{"../net/ipv4/route.c", "net/ipv4/route.c"},
          {"include/generated/autoconf.h", "include/generated/autoconf.h"}}},
        {"module built elsewhere",
         "/usr/src/linux-headers-6.1.0-56-amd64",
         "/root/mine/tunnel.c",
         {"/root/mine/tunnel.c", "/usr/src/linux-headers-6.1.0-56-common/include/linux/skbuff.h",
          "/usr/src/linux-headers-6.1.0-56-common/include/linux/list.h",
          "/root/mine/include/linux/own.h"},
         {{"/root/mine/tunnel.c", "/root/mine/tunnel.c"},
          {"/usr/src/linux-headers-6.1.0-56-common/include/net/dst.h", "include/net/dst.h"}}},
        {"module built elsewhere, in its directory",
         "/root/mine",
         "tunnel.c",
         {"tunnel.c", "/usr/src/linux-headers-6.13-common/include/linux/skbuff.h"},
         {{"tunnel.c", "/root/mine/tunnel.c"}}},
    };
    for (const TreeCase &c : cases) {
        const SourceTree tree(c.directory, c.name, c.files);
        for (const auto &[file, expected] : c.expected) {
            EXPECT_EQ(tree.relative(file), expected) << c.what;
        }
    }
}

TEST(SymbolsTreeTest, paths_are_normalised) {
    EXPECT_EQ(normal_path("/a/./b//c/../d"), "/a/b/d");
    EXPECT_EQ(normal_path("../../a"), "../../a");
    EXPECT_EQ(normal_path("/../a"), "/a");
    EXPECT_EQ(normal_path("./a/"), "a");
    EXPECT_EQ(normal_path(""), "");
}

/// A set of .debug_aranges for unit `unit`, with its terminating pair.
std::string arange_set(uint32_t unit, std::vector<std::pair<uint64_t, uint64_t>> pairs) {
    pairs.emplace_back(0, 0);
    std::string set(16, '\0');
    const auto length = static_cast<uint32_t>(12 + 16 * pairs.size());
    const uint16_t version = 2;
    std::memcpy(set.data(), &length, 4);
    std::memcpy(set.data() + 4, &version, 2);
    std::memcpy(set.data() + 6, &unit, 4);
    set[10] = 8;
    for (const auto &pair : pairs) {
        set.append(reinterpret_cast<const char *>(&pair.first), 8);
        set.append(reinterpret_cast<const char *>(&pair.second), 8);
    }
    return set;
}

TEST(SymbolsIndexTest, ranges_lead_to_units) {
    UnitIndex index;
    index.read_aranges(arange_set(100, {{0x1000, 0x100}, {0x3000, 0x10}}) +
                       arange_set(200, {{0x2000, 0x100}}));
    EXPECT_EQ(index.unit_at(DwarfAddress{0x1000}), 100U);
    EXPECT_EQ(index.unit_at(DwarfAddress{0x10ff}), 100U);
    EXPECT_FALSE(index.unit_at(DwarfAddress{0x1100}));
    EXPECT_EQ(index.unit_at(DwarfAddress{0x20ff}), 200U);
    EXPECT_EQ(index.unit_at(DwarfAddress{0x300f}), 100U);
    EXPECT_FALSE(index.unit_at(DwarfAddress{0xfff}));
    EXPECT_EQ(index.unit_before(199), 100U);
    EXPECT_EQ(index.unit_before(200), 200U);
    EXPECT_FALSE(index.unit_before(99));
}

TEST(SymbolsIndexTest, broken_sections_do_no_harm) {
    const std::string good = arange_set(100, {{0x1000, 0x100}});
    for (size_t size = 0; size <= good.size(); size++) {
        UnitIndex index;
        index.read_aranges(good.substr(0, size));
        EXPECT_EQ(index.empty(), size < good.size()) << size;
    }
    UnitIndex index;
    index.read_aranges(std::string(64, '\xff'));
    EXPECT_TRUE(index.empty());
}

TEST(SymbolsBuildIdTest, id_is_found_among_notes) {
    const auto note = [](uint32_t type, std::string name, const std::string &data) {
        std::string bytes;
        for (const auto value :
             {static_cast<uint32_t>(name.size() + 1), static_cast<uint32_t>(data.size()), type}) {
            bytes.append(reinterpret_cast<const char *>(&value), 4);
        }
        name.resize((name.size() + 4) / 4 * 4);
        return bytes + name + data + std::string((4 - data.size() % 4) % 4, '\0');
    };
    const std::string id = "\x01\x02\xfe";
    const std::string notes =
        note(1, "Linux", "xyz12") + note(3, "Linux", "no") + note(3, "GNU", id);
    EXPECT_EQ(build_id_of_notes(notes), id);
    EXPECT_EQ(to_hex(build_id_of_notes(notes)), "0102fe");
    EXPECT_EQ(build_id_of_notes(notes.substr(0, notes.size() - 1)), id); // padding cut off
    EXPECT_EQ(build_id_of_notes(notes.substr(0, notes.size() - 2)), "");
    EXPECT_EQ(build_id_of_notes(""), "");
    EXPECT_EQ(build_id_of_notes(std::string(64, '\xff')), "");
}

TEST(SymbolsHintTest, names_the_distribution_s_package) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() / "os-release";
    const auto hint = [&](const std::string &text, const char *release) {
        test::write_file(path, text);
        return how_to_get_debug_info(release, path);
    };
    EXPECT_NE(hint("NAME=x\nID=debian\n", "6.1.0-56-amd64")
                  .find("apt install linux-image-6.1.0-56-amd64-dbg"),
              std::string::npos);
    EXPECT_NE(hint("ID=debian\n", "6.18.0").find("CONFIG_DEBUG_INFO"), std::string::npos);
    EXPECT_NE(hint("ID=ubuntu\nID_LIKE=debian\n", "6.8.0-31-generic").find("dbgsym"),
              std::string::npos);
    EXPECT_NE(hint("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "5.14.0-1.el9")
                  .find("dnf debuginfo-install"),
              std::string::npos);
    EXPECT_NE(hint("", "6.1.0-56-amd64").find("CONFIG_DEBUG_INFO"), std::string::npos);
}

TEST(SymbolsLocationTest, json_has_exactly_the_contract_s_keys) {
    Location location;
    location.address = 0xffffffffc0271000;
    location.symbol = "gre_rcv.part.0";
    location.offset = 59;
    location.module = "gre";
    location.function = "kfree_skb";
    location.inlined = {"kfree_skb", "gre_rcv"};
    location.file = "include/linux/skbuff.h";
    location.line = 1252;
    std::string json;
    render::append_json(json, location);
    EXPECT_EQ(json, R"({"symbol":"gre_rcv.part.0","offset":59,"module":"gre",)"
                    R"("function":"kfree_skb","inline":["kfree_skb","gre_rcv"],)"
                    R"("file":"include/linux/skbuff.h","line":1252,)"
                    R"("address":"0xffffffffc0271000"})");
    EXPECT_EQ(render::text(location), "gre_rcv.part.0+0x3b [gre] include/linux/skbuff.h:1252");
}

TEST(SymbolsLocationTest, what_is_unknown_is_null) {
    std::string json = "x";
    Location location;
    render::append_json(json, location);
    EXPECT_EQ(json, R"(x{"symbol":null,"offset":null,"module":null,"function":null,)"
                    R"("inline":[],"file":null,"line":null})");
    EXPECT_EQ(render::text(location), "?");
    location.address = 0x1234;
    EXPECT_EQ(render::text(location), "0x1234");
}

TEST(SymbolsLocationTest, strange_names_stay_json) {
    Location location;
    location.symbol = "a\"\n\x01.constprop.0";
    location.function = "\xff";
    std::string json;
    render::append_json(json, location);
    EXPECT_TRUE(nlohmann::json::accept(json)) << json;
}

TEST(SymbolsLocationTest, text_leaves_out_the_mark_of_a_clone) {
    Location location;
    location.symbol = "ip_rcv_finish_core.constprop.0";
    location.offset = 427;
    EXPECT_EQ(render::text(location), "ip_rcv_finish_core+0x1ab");
}

} // namespace

// SPDX-License-Identifier: GPL-2.0-only
// Values in the functions that the method goes through, on the debug information
// of an installed kernel: what must be readable there, programs run on memory made
// up by the layouts, and what that costs.
#include "symbols/dwfl_image.hpp"
#include "values/checker.hpp"
#include "values/packet_argument.hpp"
#include "values/prototype.hpp"
#include "values_fixture.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace {

using namespace dropctl;
using namespace dropctl::test;
using values::TypeKind;

double cpu_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// An installed kernel: its vmlinux, and as its BTF the section in that.
class Kernel {
  public:
    static Kernel &get() {
        static Kernel kernel;
        return kernel;
    }
    symbols::DebugImage *image(const std::string &module) {
        auto &known = images_[module];
        if (!known && !root_.empty()) {
            const auto path = root_ / (module.empty() ? "vmlinux" : "kernel/" + module + ".ko");
            if (module.empty()) {
                known = symbols::KernelImage::open(path);
            } else {
                known = symbols::DwflImage::open_file(path);
            }
        }
        return known.get();
    }
    std::unique_ptr<values::Types> types() {
        return std::make_unique<values::Types>(
            values::TypeOptions{.btf = (directory_.path() / "btf").string()});
    }

  private:
    Kernel() {
        std::error_code error;
        for (const auto &entry :
             std::filesystem::directory_iterator("/usr/lib/debug/lib/modules", error)) {
            if (std::filesystem::exists(entry.path() / "vmlinux")) {
                root_ = entry.path();
            }
        }
        std::filesystem::create_directories(directory_.path() / "btf");
        std::filesystem::create_symlink(root_ / "vmlinux", directory_.path() / "btf/vmlinux",
                                        error);
    }

    TemporaryDirectory directory_;
    std::filesystem::path root_;
    std::map<std::string, std::unique_ptr<symbols::DebugImage>> images_;
};

class ValuesVmlinuxTest : public testing::Test {
  protected:
    void SetUp() override {
        if (Kernel::get().image("") == nullptr) {
            GTEST_SKIP() << "no vmlinux with debug information";
        }
        types_ = Kernel::get().types();
    }

    /// The place at `offset` in a function; of a module by its path ("net/ipv4/gre").
    values::Place place(const std::string &symbol, uint64_t offset = 0,
                        const std::string &module = {}) {
        symbols::DebugImage *image = Kernel::get().image(module);
        const auto functions =
            image == nullptr ? std::vector<symbols::ElfFunction>() : image->functions(symbol);
        if (functions.empty()) {
            return {};
        }
        return {.image = {.image = image, .bias = 0},
                .module = {},
                .address = static_cast<uint64_t>(functions.front().address) + offset};
    }

    /// Places in a function at which `test` holds.
    template <typename Test>
    std::vector<values::Place> places(const std::string &symbol, Test test,
                                      const std::string &module = {}) {
        std::vector<values::Place> found;
        symbols::DebugImage *image = Kernel::get().image(module);
        const auto functions =
            image == nullptr ? std::vector<symbols::ElfFunction>() : image->functions(symbol);
        // Not at instructions only: nothing must go wrong anywhere.
        constexpr uint64_t step = 3;
        for (uint64_t at = 0; !functions.empty() && at < functions.front().size; at += step) {
            const values::Place each{.image = {.image = image, .bias = 0},
                                     .module = {},
                                     .address =
                                         static_cast<uint64_t>(functions.front().address) + at};
            if (test(each)) {
                found.push_back(each);
            }
        }
        return found;
    }

    uint64_t offset(const std::string &type, const std::string &member) {
        const values::Type *found = types_->find(TypeKind::Struct, type, {});
        const auto known = found == nullptr ? std::nullopt : values::find_member(*found, member);
        EXPECT_TRUE(known) << type << "." << member;
        return known ? known->member.offset : 0;
    }

    std::unique_ptr<values::Types> types_;
};

TEST_F(ValuesVmlinuxTest, groups_of_a_device) {
    Reader reader{.types = *types_, .place = place("ip_check_mc_rcu")};
    constexpr uint64_t in_dev = 0xffff888000001000;
    constexpr uint64_t group = 0xffff888000002000;
    ASSERT_TRUE(reader.set("in_dev", in_dev));
    ASSERT_TRUE(reader.set("mc_addr", 0x050000e0));
    reader.memory.put(in_dev + offset("in_device", "mc_hash"), uint64_t{0});
    reader.memory.put(in_dev + offset("in_device", "mc_list"), group);
    reader.memory.put(group + offset("ip_mc_list", "multiaddr"), 0x010000e0);
    reader.memory.put(group + offset("ip_mc_list", "next_rcu"), group + 0x1000);
    reader.memory.put(group + 0x1000 + offset("ip_mc_list", "multiaddr"), 0x0100007f);
    reader.memory.put(group + 0x1000 + offset("ip_mc_list", "next_rcu"), uint64_t{0});
    EXPECT_EQ(reader.text("in_dev->mc_hash"), "NULL");
    EXPECT_EQ(reader.text("mc_addr"), "224.0.0.5");
    EXPECT_EQ(reader.text("list(in_dev->mc_list, next_rcu, multiaddr)"), "{224.0.0.1, 127.0.0.1}");
    EXPECT_EQ(reader.json("list(in_dev->mc_list, next_rcu, multiaddr)"),
              R"(["224.0.0.1","127.0.0.1"])");
    EXPECT_EQ(reader.hint("in_dev->mc_lst"), "did you mean mc_list?");
}

TEST_F(ValuesVmlinuxTest, device_and_header_in_receive) {
    const auto clones = {"ip_rcv_finish_core.constprop.0", "ip_rcv_finish_core",
                         "ip_rcv_finish_core.isra.0"};
    Reader reader{.types = *types_, .place = {}};
    for (const char *symbol : clones) {
        reader.place = reader.place.image ? reader.place : place(symbol);
    }
    constexpr uint64_t skb = 0xffff888000001000;
    constexpr uint64_t head = 0xffff888000002000;
    constexpr uint64_t dev = 0xffff888000003000;
    ASSERT_TRUE(reader.set("skb", skb));
    ASSERT_TRUE(reader.set("dev", dev));
    reader.memory.put(skb + offset("sk_buff", "head"), head);
    reader.memory.put(skb + offset("sk_buff", "len"), 84);
    reader.memory.put(skb + offset("sk_buff", "network_header"), uint16_t{14});
    reader.memory.put(head + 14 + offset("iphdr", "saddr"), 0x04020a0a);
    reader.memory.put(dev + offset("net_device", "priv_flags"), uint64_t{0x29820});
    reader.memory.add(dev + offset("net_device", "name"), "b0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    EXPECT_EQ(reader.text("((struct iphdr *)(skb->head + skb->network_header))->saddr"),
              "10.10.2.4");
    EXPECT_EQ(reader.text("dev->priv_flags:x"), "0x29820");
    EXPECT_EQ(reader.text("dev"), "b0");
    EXPECT_EQ(reader.text("skb"), "0xffff888000001000 (len 84)");
    EXPECT_EQ(reader.text("skb->pkt_type"), "(unreadable)") << "a bit-field, not made up here";
    EXPECT_EQ(reader.text("sizeof(struct sk_buff) > 200"), "1");
}

/// SystemTap had no $saddr where the inlined function turns on it.
TEST_F(ValuesVmlinuxTest, inlined_function) {
    const auto inside = places("ip_route_input_noref", [&](const values::Place &each) {
        const auto functions = values::functions_at(*types_, each);
        return std::find(functions.begin(), functions.end(), "ip_route_input_rcu") !=
               functions.end();
    });
    if (inside.empty()) {
        GTEST_SKIP() << "ip_route_input_rcu is not inlined in this kernel";
    }
    size_t readable = 0;
    for (const values::Place &each : inside) {
        std::vector<values::Expression> all;
        all.push_back(std::move(*values::Expression::parse("$entry(saddr)")));
        readable += values::compile(*types_, each, all).complaints.empty() ? 1 : 0;
    }
    EXPECT_EQ(readable, inside.size());
}

TEST_F(ValuesVmlinuxTest, modules) {
    Reader gre{.types = *types_, .place = place("gre_rcv", 0, "net/ipv4/gre")};
    if (!gre.place.image) {
        GTEST_SKIP() << "no debug information of gre";
    }
    EXPECT_TRUE(gre.set("skb", 0x1000));
    const auto packet = values::find_packet_argument(*types_, gre.place, "gre_rcv");
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->path, "skb");
    const auto readable = places(
        "gre_rcv",
        [&](const values::Place &each) {
            for (const auto &variable : values::variables_at(*types_, each)) {
                if (variable.name == "ver" && variable.readable) {
                    return true;
                }
            }
            return false;
        },
        "net/ipv4/gre");
    EXPECT_FALSE(readable.empty());
}

TEST_F(ValuesVmlinuxTest, vxlan) {
    Reader reader{.types = *types_, .place = place("vxlan_xmit_one", 0, "drivers/net/vxlan/vxlan")};
    if (!reader.place.image) {
        GTEST_SKIP() << "no debug information of vxlan";
    }
    EXPECT_TRUE(reader.set("dev", 0x1000));
    EXPECT_EQ(reader.text("((struct vxlan_dev *)0)->cfg.vni"), "(unreadable)");
    const auto prototype = values::prototype_of(*types_, reader.place, "vxlan_xmit_one");
    EXPECT_TRUE(prototype.returns_void());
    ASSERT_GE(prototype.parameters.size(), 4U);
    EXPECT_EQ(prototype.parameters[0].argument, 0U);
}

TEST_F(ValuesVmlinuxTest, packets_of_well_known_functions) {
    const std::map<std::string, std::string> expected{
        {"ip_rcv", "skb"},
        {"ip_list_rcv", "head"},
        {"netif_receive_skb_list_internal", "head"},
        {"__netif_receive_skb_core.constprop.0", "*pskb"},
        {"tcp_v4_rcv", "skb"},
        {"nf_hook_slow", "skb"},
        {"nf_reinject", "entry->skb"},
        {"dev_queue_xmit_nit", "skb"},
        {"ip_check_mc_rcu", ""},
        {"fib_table_lookup", ""},
        {"inet_bind", ""},
        {"napi_complete_done", ""},
        {"ip_mc_output", "skb"}};
    for (const auto &[symbol, path] : expected) {
        const values::Place entry = place(symbol);
        if (!entry.image) {
            continue;
        }
        const auto packet = values::find_packet_argument(*types_, entry, symbol);
        EXPECT_EQ(packet ? packet->path : "", path) << symbol;
        if (packet) {
            EXPECT_EQ(values::verify(packet->program), "") << symbol;
            EXPECT_EQ((packet->frame_flags & DROPTRACE_FRAME_LIST) != 0, path == "head") << symbol;
        }
    }
}

TEST_F(ValuesVmlinuxTest, prototypes_from_btf_alone) {
    const values::Place nowhere{};
    const auto known = values::prototype_of(*types_, nowhere, "fib_table_lookup");
    ASSERT_TRUE(known.known());
    EXPECT_EQ(known.returns->text(), "int");
    ASSERT_EQ(known.parameters.size(), 4U);
    EXPECT_EQ(known.parameters[1].type->text(), "struct flowi4 *");
    EXPECT_EQ(known.parameters[3].argument, 3U);
    const auto packet = values::find_packet_argument(*types_, nowhere, "ip_rcv");
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->path, "skb");
    EXPECT_FALSE(values::find_packet_argument(*types_, nowhere, "ip_rcv.isra.0"));
    EXPECT_FALSE(values::prototype_of(*types_, nowhere, "no_such_function").known());
    const auto hook = values::prototype_of(*types_, nowhere, "ipv4_conntrack_defrag");
    if (hook.known()) {
        EXPECT_EQ(values::describe_return(*types_, hook, 1).text, "1 NF_ACCEPT");
    }
}

TEST_F(ValuesVmlinuxTest, per_cpu_variables) {
    Reader reader{.types = *types_, .place = place("ip_rcv")};
    reader.state.percpu = 0xffff888000000000;
    const std::string text = reader.text("&this_cpu(softnet_data).processed");
    EXPECT_TRUE(text.starts_with("0xffff88800")) << text;
}

/// Every place of a function compiles: no program that the module would refuse, no crash.
TEST_F(ValuesVmlinuxTest, every_place_compiles) {
    size_t programs = 0;
    for (const char *symbol : {"ip_route_input_slow", "__fib_validate_source", "tcp_v4_rcv"}) {
        std::vector<values::Expression> all;
        all.push_back(std::move(*values::Expression::parse("@auto")));
        all.push_back(std::move(*values::Expression::parse("skb->len")));
        for (const values::Place &each : places(symbol, [](const auto &) { return true; })) {
            const auto compiled = values::compile(*types_, each, all);
            if (!compiled.point.program.empty()) {
                programs++;
                ASSERT_EQ(values::verify(compiled.point.program), "") << symbol;
            }
        }
    }
    EXPECT_GT(programs, 1000U);
}

TEST_F(ValuesVmlinuxTest, costs_little) {
    const auto measure = [&] {
        auto types = Kernel::get().types();
        const double before = cpu_ms();
        std::vector<values::Expression> all;
        for (const char *text :
             {"in_dev->mc_hash", "list(in_dev->mc_list, next_rcu, multiaddr)", "mc_addr", "@auto",
              "((struct iphdr *)$skb->data)->saddr", "in_dev->dev->priv_flags"}) {
            all.push_back(std::move(*values::Expression::parse(text)));
        }
        const auto compiled = values::compile(*types, place("ip_check_mc_rcu"), all);
        EXPECT_TRUE(compiled.complaints.empty());
        return cpu_ms() - before;
    };
    measure();
    const double cost = measure();
    RecordProperty("cpu_ms", static_cast<int>(cost));
    // 20 ms is the aim, seen at half of it; sanitizers and loaded machines take longer.
    EXPECT_LT(cost, 200.0);
}

} // namespace

// SPDX-License-Identifier: GPL-2.0-only
// add-filter, del-filter, list-filters: what their options mean, what they print,
// with a module, a kernel and debug information made of paper.
#include "commands/add_filter.hpp"
#include "commands/commands.hpp"
#include "commands/filter_refusal.hpp"
#include "filter/describe.hpp"
#include "filter/inner.hpp"
#include "filter/mark.hpp"
#include "filter/netns.hpp"
#include "filter_fake_client.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace dropctl {
namespace {

using testing::FakeClient;
using testing::FakeSymboliser;

/// A directory like /run/netns: "blue" is a network namespace, "mount" another kind,
/// "plain" a file.
class Namespaces {
  public:
    Namespaces() : path_(std::filesystem::temp_directory_path() / "dropctl-netns-XXXXXX") {
        std::string name = path_.string();
        path_ = mkdtemp(name.data());
        std::filesystem::create_symlink("/proc/self/ns/net", path_ / "blue");
        std::filesystem::create_symlink("/proc/self/ns/mnt", path_ / "mount");
        std::filesystem::create_symlink("/dev/null", path_ / "plain");
    }
    ~Namespaces() { std::filesystem::remove_all(path_); }
    Namespaces(const Namespaces &) = delete;
    Namespaces &operator=(const Namespaces &) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

uint32_t own_inode() {
    struct stat file {};
    stat("/proc/self/ns/net", &file);
    return static_cast<uint32_t>(file.st_ino);
}

TEST(FilterMark, value_and_mask) {
    EXPECT_EQ(filter::parse_mark("16")->value, 16U);
    EXPECT_EQ(filter::parse_mark("16")->mask, UINT32_MAX);
    EXPECT_EQ(filter::parse_mark("0x10/0xf0")->value, 0x10U);
    EXPECT_EQ(filter::parse_mark("0x10/0xf0")->mask, 0xf0U);
    EXPECT_EQ(filter::parse_mark("0/1")->value, 0U);
    EXPECT_EQ(filter::parse_mark("0xffffffff")->value, UINT32_MAX);
    for (const char *text : {"", "x", "1/", "/1", "1/2/3", "-1", "0x100000000", "5/2", "1 "}) {
        const auto mark = filter::parse_mark(text);
        ASSERT_FALSE(mark) << text;
        EXPECT_EQ(mark.error().status, Exit::Usage);
    }
}

TEST(FilterNetns, name_path_and_inode) {
    const Namespaces names;
    EXPECT_EQ(*filter::resolve_netns("blue", names.path()), own_inode());
    EXPECT_EQ(*filter::resolve_netns("/proc/self/ns/net", names.path()), own_inode());
    EXPECT_EQ(*filter::resolve_netns("inode:4026531992"), 4026531992U);
}

TEST(FilterNetns, what_is_no_network_namespace) {
    const Namespaces names;
    const auto why = [&](const char *text) {
        const auto netns = filter::resolve_netns(text, names.path());
        return netns ? "it is one" : netns.error().why + " | " + netns.error().hint;
    };
    EXPECT_EQ(why("bleu"),
              "'bleu' is not the name of a network namespace | there are blue, mount, plain");
    EXPECT_EQ(why("mount"), "'mount' is not a network namespace | ");
    EXPECT_EQ(why("plain"), "'plain' is not a network namespace | ");
    EXPECT_EQ(why("/nonesuch"), "'/nonesuch' cannot be opened: No such file or directory | ");
    EXPECT_NE(why("inode:").find("is not an inode number"), std::string::npos);
    EXPECT_NE(why("inode:0").find("is not an inode number"), std::string::npos);
    EXPECT_NE(why("inode:x").find("is not an inode number"), std::string::npos);
    EXPECT_NE(filter::resolve_netns("bleu", "/nonesuch").error().hint.find("has none"),
              std::string::npos);
}

TEST(FilterInner, link_header_is_refused) {
    EXPECT_TRUE(filter::compile_inner("udp port 53 and host 10.0.0.1"));
    EXPECT_TRUE(filter::compile_inner("")->empty());
    for (const char *expression : {"ether host 1:2:3:4:5:6", "vlan 5", "stp", "udp and not vlan"}) {
        const auto program = filter::compile_inner(expression);
        ASSERT_FALSE(program) << expression;
        EXPECT_NE(program.error().why.find("link header"), std::string::npos);
    }
}

Filter everything() {
    Filter filter;
    filter.id = 3;
    filter.name = "all";
    filter.expr = "tcp";
    filter.inner_expr = "udp";
    filter.dev = "eth0";
    filter.netns = 7;
    filter.mark = 0x10;
    filter.mark_mask = 0xf0;
    filter.reasons = {2, 3};
    filter.function = "ip_rcv";
    return filter;
}

const filter::Namer namer{.reason = [](uint32_t number) { return "R" + std::to_string(number); },
                          .netns = [](uint32_t inode) { return inode == 7 ? "blue" : ""; }};

TEST(FilterDescription, conditions_in_one_line) {
    EXPECT_EQ(filter::conditions({}, namer), "every packet");
    Filter filter = everything();
    EXPECT_EQ(filter::conditions(filter, namer),
              "tcp, inside a tunnel (udp), dev eth0, netns blue, mark 0x10/0xf0, reason R2 or R3, "
              "dropped by ip_rcv");
    filter = Filter{};
    filter.netns = 8;
    filter.mark = 5;
    EXPECT_EQ(filter::conditions(filter, namer), "netns inode:8, mark 0x5");
}

TEST(FilterDescription, remarks) {
    Filter filter;
    EXPECT_EQ(filter::remarks(filter), "");
    filter.exclude = true;
    filter.snaplen = 0;
    filter.rate = 10;
    filter.count = 5;
    filter.owned = true;
    filter.stale = true;
    EXPECT_EQ(filter::remarks(filter),
              "excluded, 0 bytes, 10/s, the first 5, temporary, stale: its module was unloaded");
}

/// add-filter up to the request.
class FilterRequest : public ::testing::Test {
  protected:
    FilterRequest() {
        sources.netns_directory = names.path();
        sources.reasons = [] {
            return symbols::Reasons({{2, "NOT_SPECIFIED"}, {3, "NO_SOCKET"}, {5, "TCP_CSUM"}});
        };
        sources.symboliser = [this] { return std::make_unique<FakeSymboliser>(ranges, hidden); };
        status.has_reason = true;
    }

    /// Empty: it worked.
    std::string why() {
        auto read = commands::read_filter(options, sources);
        if (!read) {
            exit = read.error().status;
            return read.error().why;
        }
        request = std::move(*read);
        const auto found = commands::look_up_names(options, status, sources, request);
        hint = found ? "" : found.error().hint;
        exit = found ? Exit::Done : found.error().status;
        return found ? "" : found.error().why;
    }

    Namespaces names;
    AddFilterOptions options;
    Status status;
    commands::FilterSources sources;
    commands::FilterRequest request;
    size_t ranges = 2;
    bool hidden = false;
    std::string hint;
    Exit exit = Exit::Done;
};

TEST_F(FilterRequest, all_options) {
    options.name = "a.b_c-1";
    options.dev = "eth0";
    options.netns = "blue";
    options.mark = "1/3";
    options.reasons = {"NO_SOCKET", "skb_drop_reason_tcp_csum", "NO_SOCKET"};
    options.function = "ip_rcv";
    options.inner = "udp";
    options.snaplen = 64;
    options.rate = 5;
    options.count = 9;
    options.expr = {"src", "host", "10.0.0.1"};
    ASSERT_EQ(why(), "");
    const Filter &filter = request.filter;
    EXPECT_EQ(filter.expr, "src host 10.0.0.1");
    EXPECT_FALSE(request.programs.prog.empty());
    EXPECT_FALSE(request.programs.inner_prog.empty());
    EXPECT_EQ(filter.netns, own_inode());
    EXPECT_EQ(filter.mark, 1U);
    EXPECT_EQ(filter.mark_mask, 3U);
    EXPECT_EQ(filter.reasons, (std::vector<uint32_t>{3, 5}));
    EXPECT_EQ(request.programs.ranges.size(), 2U);
    EXPECT_EQ(filter.function, "ip_rcv");
    EXPECT_EQ(filter.snaplen, 64U);
    EXPECT_EQ(filter.rate, 5U);
    EXPECT_EQ(filter.count, 9U);
}

TEST_F(FilterRequest, nothing_at_all_is_every_packet) {
    ASSERT_EQ(why(), "");
    EXPECT_TRUE(request.programs.prog.empty());
    EXPECT_TRUE(filter::matches_everything(request.filter));
}

TEST_F(FilterRequest, excluding_everything_is_refused) {
    options.exclude = true;
    EXPECT_NE(why().find("no drop at all"), std::string::npos);
    options.reasons = {"NO_SOCKET"};
    EXPECT_EQ(why(), "");
}

TEST_F(FilterRequest, names_have_a_syntax) {
    for (const char *name :
         {"9x", "-x", "a b", "\xc3\xa4", "a/b", "abcdefghijklmnopqrstuvwxyz0123456"}) {
        options.name = name;
        EXPECT_NE(why().find("is not a filter's name"), std::string::npos) << name;
    }
    options.name = "";
    options.dev = "sixteen-letters-";
    EXPECT_NE(why().find("too long"), std::string::npos);
}

TEST_F(FilterRequest, unknown_reasons_are_offered_others) {
    options.reasons = {"NO_SOKET"};
    EXPECT_EQ(why(), "--reason: this kernel has no drop reason 'NO_SOKET'");
    EXPECT_EQ(hint, "did you mean NO_SOCKET?");
    options.reasons = {"5"};
    EXPECT_EQ(why(), "");
    options.reasons = {"4"};
    EXPECT_NE(why(), "");
}

TEST_F(FilterRequest, either_of_two_vlans_is_not_said_so) {
    options.expr = {"vlan 10 or vlan 20"};
    ASSERT_EQ(why(), "");
    EXPECT_NE(request.warning.find("inner of two tags"), std::string::npos);
    for (const char *expression :
         {"vlan 10 and vlan 20", "vlan 10 or port 80",
          "vlan and (ether[14:2] & 0xfff = 10 or ether[14:2] & 0xfff = 20)"}) {
        options.expr = {expression};
        ASSERT_EQ(why(), "");
        EXPECT_EQ(request.warning, "") << expression;
    }
}

TEST_F(FilterRequest, a_kernel_without_reasons) {
    status.has_reason = false;
    options.reasons = {"NO_SOCKET"};
    EXPECT_EQ(why(), "--reason: this kernel does not give drop reasons");
}

TEST_F(FilterRequest, unknown_functions_are_offered_others) {
    ranges = 0;
    options.function = "ip_rvc";
    EXPECT_EQ(why(), "--function: 'ip_rvc' is no function of this kernel");
    EXPECT_EQ(hint, "did you mean ip_rcv or ip6_rcv?");
}

TEST_F(FilterRequest, no_function_is_known_where_addresses_are_hidden) {
    ranges = 0;
    hidden = true;
    options.function = "ip_rcv";
    EXPECT_EQ(why(), "--function: cannot look for 'ip_rcv': kernel addresses are hidden");
    EXPECT_NE(hint.find("kptr_restrict"), std::string::npos);
    EXPECT_EQ(exit, Exit::Failed);
}

TEST_F(FilterRequest, what_means_nothing_is_wrong_usage) {
    options.expr = {"tcp", "prot"};
    EXPECT_NE(why(), "");
    EXPECT_EQ(exit, Exit::Usage);
    options = {};
    options.inner = "vlan";
    EXPECT_NE(why(), "");
    EXPECT_EQ(exit, Exit::Usage);
    options = {};
    options.reasons = {"NOPE"};
    EXPECT_NE(why(), "");
    EXPECT_EQ(exit, Exit::Usage);
    options = {};
    options.netns = "nosuch";
    EXPECT_NE(why(), "");
    EXPECT_EQ(exit, Exit::Usage);
    options = {};
    options.function = "ip_rvc";
    ranges = 0;
    EXPECT_NE(why(), "");
    EXPECT_EQ(exit, Exit::Usage);
}

TEST_F(FilterRequest, blanks_are_no_expression) {
    options.expr = {" ", "\t"};
    options.inner = "  ";
    ASSERT_EQ(why(), "");
    EXPECT_EQ(request.filter.expr, "");
    EXPECT_EQ(request.filter.inner_expr, "");
}

TEST_F(FilterRequest, a_function_of_a_module_that_is_not_loaded) {
    ranges = 0;
    options.function = "gre_rcv@no-such-module";
    EXPECT_EQ(why(), "--function: module 'no_such_module' is not loaded");
}

TEST_F(FilterRequest, a_function_inlined_everywhere) {
    ranges = 65;
    options.function = "kfree_skb";
    EXPECT_EQ(why(), "--function: 'kfree_skb' is inlined in 65 places, and a filter takes 64");
}

TEST_F(FilterRequest, expressions_are_told_apart) {
    options.expr = {"tcp", "prot"};
    EXPECT_TRUE(why().starts_with("cannot parse the expression: syntax error"));
    options.expr.clear();
    options.inner = "tcp prot";
    EXPECT_TRUE(why().starts_with("--inner: cannot parse the expression: syntax error"));
    options.inner = "vlan";
    EXPECT_TRUE(why().starts_with("--inner: the inner packet's link header"));
}

/// The commands themselves.
class FilterCommand : public ::testing::Test {
  protected:
    Result<Exit> run(const Command &command, bool json = false) {
        out.buffer().clear();
        err.buffer().clear();
        commands::Context context{.options = {.json = json}, .out = out, .err = err};
        context.connect = [this]() -> Result<std::unique_ptr<nl::Client>> {
            return std::unique_ptr<nl::Client>(std::make_unique<FakeClient>(module));
        };
        return commands::run(command, context);
    }

    testing::FakeModule module;
    util::Output out;
    util::Output err;
};

TEST_F(FilterCommand, add_tells_what_was_added) {
    AddFilterOptions options;
    options.name = "web";
    options.expr = {"tcp", "port", "80"};
    options.exclude = true;
    ASSERT_TRUE(run(options));
    EXPECT_EQ(out.buffer(), "filter 1 \"web\" added: tcp port 80 (excluded)\n");
    EXPECT_FALSE(module.programs.back().prog.empty());
    ASSERT_TRUE(run(AddFilterOptions{}));
    EXPECT_EQ(out.buffer(), "filter 2 added: every packet\n");
}

TEST_F(FilterCommand, add_as_json) {
    AddFilterOptions options;
    options.expr = {"tcp"};
    options.mark = "5";
    ASSERT_TRUE(run(options, true));
    const auto json = nlohmann::json::parse(out.buffer());
    EXPECT_EQ(json["schema"], 1);
    EXPECT_EQ(json["type"], "filter");
    EXPECT_EQ(json["id"], 1);
    EXPECT_EQ(json["expr"], "tcp");
    EXPECT_EQ(json["mark"], 5);
    EXPECT_TRUE(json["name"].is_null());
    EXPECT_TRUE(json["rate"].is_null());
}

TEST_F(FilterCommand, add_shows_the_modules_refusal) {
    module.refusal = "a filter of that name exists";
    const auto result = run(AddFilterOptions{});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().what, "add-filter");
    EXPECT_EQ(result.error().why, "a filter of that name exists");
}

TEST_F(FilterCommand, a_refusal_is_told_in_the_words_that_were_typed) {
    Error refusal{"add-filter", "no such interface (dev)"};
    refusal.number = ENODEV;
    refusal.blamed = "dev";
    Filter filter;
    filter.dev = "eht0";
    Error told = commands::explain_refusal(refusal, filter, {"lo", "eth0"});
    EXPECT_EQ(told.why, "--dev: there is no interface 'eht0'");
    EXPECT_EQ(told.hint, "did you mean eth0?");
    EXPECT_EQ(told.status, Exit::Usage);
    EXPECT_NE(commands::explain_refusal(refusal, filter, {}).hint.find("ip link"),
              std::string::npos);
    filter.netns = 7;
    EXPECT_NE(commands::explain_refusal(refusal, filter, {}).hint.find("--netns"),
              std::string::npos);
    refusal.number = ENOENT;
    refusal.blamed = "netns";
    told = commands::explain_refusal(refusal, filter, {});
    EXPECT_EQ(told.why, "--netns: there is no network namespace with the inode number 7");
    EXPECT_FALSE(told.hint.empty());
    refusal.number = EINVAL;
    EXPECT_EQ(commands::explain_refusal(refusal, filter, {}).why, refusal.why);
}

TEST_F(FilterCommand, a_name_that_is_taken) {
    module.refusal = "a filter of that name exists";
    module.number = EEXIST;
    module.blamed = "name";
    const auto result = run(AddFilterOptions{.name = "web"});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().why, "--name: there is a filter 'web' already");
    EXPECT_NE(result.error().hint.find("dropctl del-filter web"), std::string::npos);
    EXPECT_EQ(result.error().status, Exit::Failed);
}

TEST_F(FilterCommand, what_a_request_is_refused_for_is_told_by_the_verb_that_was_typed) {
    module.refusal = "no";
    const auto result = run(MonitorOptions{.filters = {"udp"}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().what, "monitor");
}

TEST_F(FilterCommand, a_wrong_expression_needs_no_module) {
    module.is_there = false;
    AddFilterOptions options;
    options.expr = {"tcp", "prot"};
    EXPECT_NE(run(options).error().why.find("syntax error"), std::string::npos);
    EXPECT_EQ(run(AddFilterOptions{}).error().why, "not loaded");
}

TEST_F(FilterCommand, list_is_a_table) {
    ASSERT_TRUE(run(ListFiltersOptions{}));
    EXPECT_EQ(out.buffer(), "no filters: every drop is reported\n");
    Filter filter;
    filter.id = 12;
    filter.name = "web";
    filter.expr = "tcp port 80";
    filter.hits = 1234;
    filter.rate = 5;
    filter.rate_limited = 1000;
    filter.errors = 2;
    module.filters.push_back(filter);
    filter = Filter{};
    filter.id = 3;
    module.filters.push_back(filter);
    ASSERT_TRUE(run(ListFiltersOptions{}));
    EXPECT_EQ(
        out.buffer(),
        "ID  NAME  HITS  MATCHES       REMARKS\n"
        " 3  -        0  every packet\n"
        "12  web   1234  tcp port 80   5/s, 1000 over the limit, 2 without a network header\n");
}

TEST_F(FilterCommand, list_as_json_is_an_object_a_line) {
    module.filters = {everything(), Filter{}};
    ASSERT_TRUE(run(ListFiltersOptions{}, true));
    std::istringstream lines(out.buffer());
    std::string line;
    std::getline(lines, line); // sorted by id
    EXPECT_EQ(nlohmann::json::parse(line)["id"], 0);
    std::getline(lines, line);
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["inner"], "udp");
    EXPECT_EQ(json["netns"], 7);
    EXPECT_EQ(json["mark_mask"], 0xf0);
    EXPECT_EQ(json["reasons"].size(), 2U);
}

TEST_F(FilterCommand, names_do_not_reach_the_terminal_raw) {
    Filter filter;
    filter.expr = "tcp\x1b[31m";
    module.filters = {filter};
    ASSERT_TRUE(run(ListFiltersOptions{}));
    EXPECT_EQ(out.buffer().find('\x1b'), std::string::npos);
}

TEST_F(FilterCommand, delete_goes_on_after_a_failure) {
    for (const char *name : {"web", "dns", ""}) {
        Filter filter;
        filter.id = static_cast<uint32_t>(module.filters.size()) + 1;
        filter.name = name;
        module.filters.push_back(filter);
    }
    const auto result = run(DelFilterOptions{.filters = {"web", "wbe", "77", "3", "3"}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().status, Exit::Failed);
    EXPECT_EQ(result.error().why, "there is no filter '77'");
    EXPECT_EQ(err.buffer(), "dropctl: del-filter: there is no filter 'wbe'\n");
    EXPECT_EQ(out.buffer(), "filter 1 \"web\" deleted\nfilter 3 deleted\n");
    ASSERT_EQ(module.filters.size(), 1U);
    EXPECT_EQ(run(DelFilterOptions{.filters = {"dsn"}}).error().hint, "did you mean 'dns'?");
    EXPECT_TRUE(run(DelFilterOptions{.filters = {"dns"}}));
}

TEST_F(FilterCommand, delete_all_leaves_those_of_others) {
    module.filters = {everything(), Filter{}};
    module.filters[1].id = 4;
    module.filters[1].owned = true;
    ASSERT_TRUE(run(DelFilterOptions{.filters = {}, .all = true}));
    EXPECT_EQ(out.buffer(), "filter 3 \"all\" deleted\n");
    EXPECT_EQ(err.buffer(),
              "filter 4 stays: it belongs to a probe, or to a client that is running\n");
}

TEST_F(FilterCommand, delete_wants_names_or_all) {
    EXPECT_EQ(run(DelFilterOptions{}).error().status, Exit::Usage);
    EXPECT_EQ(run(DelFilterOptions{.filters = {"a"}, .all = true}).error().status, Exit::Usage);
}

} // namespace
} // namespace dropctl

// SPDX-License-Identifier: GPL-2.0-only
// Names of drop reasons from the tracepoint's format and from BTF, their
// explanations, and dropctl reasons.
#include "commands/reasons.hpp"
#include "symbols/btf_enums.hpp"
#include "symbols/reasons.hpp"
#include "symbols_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <linux/btf.h>
#include <sstream>

namespace {

using namespace dropctl;
using symbols::ReasonDocs;
using symbols::Reasons;
using Names = std::map<uint32_t, std::string>;

constexpr const char *format_6_1 =
    "name: kfree_skb\nID: 1319\nformat:\n"
    "\tfield:enum skb_drop_reason reason;\toffset:28;\tsize:4;\tsigned:0;\n\n"
    "print fmt: \"skbaddr=%p reason: %s\", REC->skbaddr, __print_symbolic(REC->reason, "
    "{ 1, \"NOT_SPECIFIED\" }, { 2, \"NO_SOCKET\" }, { 0x3, \"TCP_CSUM\" }, { 4, \"MAX\" })\n";
constexpr const char *format_5_10 =
    "name: kfree_skb\nformat:\n\tfield:void * location;\toffset:16;\tsize:8;\tsigned:0;\n\n"
    "print fmt: \"skbaddr=%p location=%p\", REC->skbaddr, REC->location\n";

/// Makes BTF with a few enumerations.
class BtfMaker {
  public:
    /// `base`: bytes of strings in vmlinux, for a module.
    explicit BtfMaker(uint32_t base = 0) : base_(base), strings_(1, '\0') {}

    void add(const std::string &name, const std::vector<symbols::BtfEnum::Value> &values) {
        // Something of another kind in between, with a tail of its own.
        put(btf_type{.name_off = string("int"), .info = BTF_KIND_INT << 24, .size = 4});
        put(uint32_t{32});
        put(btf_type{.name_off = string(name),
                     .info = BTF_KIND_ENUM << 24 | static_cast<uint32_t>(values.size()),
                     .size = 4});
        for (const auto &value : values) {
            put(btf_enum{.name_off = string(value.name), .val = static_cast<int32_t>(value.value)});
        }
    }

    [[nodiscard]] std::string bytes() const {
        btf_header header{};
        header.magic = 0xeb9f;
        header.version = 1;
        header.hdr_len = sizeof(header);
        header.type_len = static_cast<uint32_t>(types_.size());
        header.str_off = header.type_len;
        header.str_len = static_cast<uint32_t>(strings_.size());
        return std::string(reinterpret_cast<const char *>(&header), sizeof(header)) + types_ +
               strings_;
    }
    [[nodiscard]] uint32_t strings_size() const { return static_cast<uint32_t>(strings_.size()); }

  private:
    template <typename Record> void put(const Record &record) {
        types_.append(reinterpret_cast<const char *>(&record), sizeof(record));
    }
    uint32_t string(const std::string &text) {
        const auto offset = static_cast<uint32_t>(strings_.size());
        strings_.append(text).push_back('\0');
        return base_ + offset;
    }

    uint32_t base_;
    std::string types_;
    std::string strings_;
};

/// vmlinux of a kernel with subsystems, one of them in a module.
std::string vmlinux_btf(uint32_t &strings_size) {
    BtfMaker maker;
    maker.add("other", {{"SKB_DROP_REASON_OTHER", 77}});
    maker.add("skb_drop_reason", {{"SKB_NOT_DROPPED_YET", 0},
                                  {"SKB_CONSUMED", 1},
                                  {"SKB_DROP_REASON_NOT_SPECIFIED", 2},
                                  {"SKB_DROP_REASON_NO_SOCKET", 3},
                                  {"SKB_DROP_REASON_MAX", 4},
                                  {"SKB_DROP_REASON_SUBSYS_MASK", 0xffff0000}});
    maker.add("skb_drop_reason_subsys", {{"SKB_DROP_REASON_SUBSYS_CORE", 0},
                                         {"SKB_DROP_REASON_SUBSYS_OPENVSWITCH", 1},
                                         {"SKB_DROP_REASON_SUBSYS_QDISC", 2},
                                         {"SKB_DROP_REASON_SUBSYS_NUM", 3}});
    maker.add("qdisc_drop_reason", {{"QDISC_DROP_UNSPEC", 0},
                                    {"__QDISC_DROP_REASON", 0x20000},
                                    {"QDISC_DROP_OVERLIMIT", 0x20001},
                                    {"QDISC_DROP_MAX", 0x20002}});
    strings_size = maker.strings_size();
    return maker.bytes();
}

class ReasonsTest : public testing::Test {
  protected:
    symbols::ReasonSources sources() {
        return {.formats = {directory_.path() / "missing", directory_.path() / "format"},
                .btf = directory_.path() / "btf"};
    }

    void write_btf() {
        uint32_t base = 0;
        test::write_file(directory_.path() / "btf/vmlinux", vmlinux_btf(base));
        BtfMaker module(base);
        module.add("ovs_drop_reason",
                   {{"OVS_DROP_LAST_ACTION", 0x10001}, {"___OVS_DROP_METER", 0x10002}});
        test::write_file(directory_.path() / "btf/openvswitch", module.bytes());
    }

    test::TemporaryDirectory directory_;
};

TEST_F(ReasonsTest, format_file_has_the_core_names) {
    test::write_file(directory_.path() / "format", format_6_1);
    const auto reasons = Reasons::load(sources());
    ASSERT_TRUE(reasons);
    EXPECT_EQ(reasons->all(), (Names{{1, "NOT_SPECIFIED"}, {2, "NO_SOCKET"}, {3, "TCP_CSUM"}}));
    EXPECT_EQ(reasons->name(2), "NO_SOCKET");
    EXPECT_EQ(reasons->name(4), "");
    EXPECT_EQ(reasons->name(0x10001), "");
}

TEST_F(ReasonsTest, kernel_without_reasons_has_none) {
    test::write_file(directory_.path() / "format", format_5_10);
    const auto reasons = Reasons::load(sources());
    ASSERT_TRUE(reasons);
    EXPECT_TRUE(reasons->all().empty());
    EXPECT_FALSE(reasons->number("NO_SOCKET"));
}

TEST_F(ReasonsTest, btf_has_them_where_the_format_cannot_be_read) {
    write_btf();
    const auto reasons = Reasons::load(sources());
    ASSERT_TRUE(reasons);
    EXPECT_EQ(reasons->name(3), "NO_SOCKET");
    EXPECT_EQ(reasons->all(), (Names{{2, "NOT_SPECIFIED"},
                                     {3, "NO_SOCKET"},
                                     {0x10001, "OVS_DROP_LAST_ACTION"},
                                     {0x10002, "OVS_DROP_METER"},
                                     {0x20001, "QDISC_DROP_OVERLIMIT"}}));
}

TEST_F(ReasonsTest, subsystems_are_read_when_asked_for) {
    test::write_file(directory_.path() / "format", format_6_1);
    write_btf();
    const auto reasons = Reasons::load(sources());
    ASSERT_TRUE(reasons);
    EXPECT_EQ(reasons->name(2), "NO_SOCKET"); // as the format file says
    EXPECT_EQ(reasons->name(0x10001), "OVS_DROP_LAST_ACTION");
    EXPECT_EQ(reasons->number("qdisc_drop_overlimit"), 0x20001U);
    EXPECT_EQ(reasons->name(0x30001), "");
}

TEST_F(ReasonsTest, nothing_to_read_is_an_error) {
    const auto reasons = Reasons::load(sources());
    ASSERT_FALSE(reasons);
    EXPECT_NE(reasons.error().hint, "");
}

TEST_F(ReasonsTest, names_are_found_in_any_case_and_with_prefix) {
    const Reasons reasons(Names{{2, "NO_SOCKET"}, {3, "TCP_CSUM"}});
    EXPECT_EQ(reasons.number("no_socket"), 2U);
    EXPECT_EQ(reasons.number("SKB_DROP_REASON_TCP_CSUM"), 3U);
    EXPECT_FALSE(reasons.number("NO"));
    EXPECT_EQ(reasons.similar("no_soket", 2), std::vector<std::string>{"NO_SOCKET"});
}

TEST_F(ReasonsTest, cut_btf_does_no_harm) {
    uint32_t base = 0;
    const std::string whole = vmlinux_btf(base);
    for (size_t size = 0; size < whole.size(); size++) {
        EXPECT_FALSE(symbols::BtfBlob::parse(whole.substr(0, size)));
    }
    for (size_t at = 0; at < whole.size(); at++) {
        std::string broken = whole;
        broken[at] = '\xff';
        if (const auto blob = symbols::BtfBlob::parse(broken)) {
            static_cast<void>(blob->enums([](std::string_view) { return true; }));
        }
    }
}

constexpr const char *header = R"(
enum skb_drop_reason {
	/**
	 * @SKB_NOT_DROPPED_YET: skb is not dropped yet (used for no-drop case)
	 */
	SKB_NOT_DROPPED_YET = 0,
	/** @SKB_DROP_REASON_NO_SOCKET: no valid socket: a, b */
	SKB_DROP_REASON_NO_SOCKET,
	/**
	 * @SKB_DROP_REASON_HDR_TRUNC: failed to trunc/extract the header, e.g.,
	 *   failed to pull
	 */
	SKB_DROP_REASON_HDR_TRUNC,
	/** nothing in particular */
	/** @QDISC_DROP_GENERIC: generic */
	/** @UNFINISHED)";

TEST_F(ReasonsTest, explanations_come_from_the_headers) {
    test::write_file(directory_.path() / "net/dropreason-core.h", header);
    const auto docs =
        ReasonDocs::load({"/nonexistent", directory_.path() / "net", directory_.path()});
    EXPECT_EQ(docs.find("NO_SOCKET").text, "no valid socket: a, b");
    EXPECT_TRUE(docs.find("NO_SOCKET").from_kernel);
    EXPECT_EQ(docs.find("HDR_TRUNC").text,
              "failed to trunc/extract the header, e.g., failed to pull");
    EXPECT_EQ(docs.find("QDISC_DROP_GENERIC").text, "generic");
    EXPECT_FALSE(docs.find("NETFILTER_DROP").from_kernel);
    EXPECT_NE(docs.find("NETFILTER_DROP").text, "");
    EXPECT_EQ(docs.find("NO_SUCH_REASON").text, "");
}

class ReasonsCommandTest : public testing::Test {
  protected:
    Result<Exit> run(std::vector<std::string> names, bool json = false, bool none = false) {
        commands::Context context{.options = {}, .out = out_, .err = err_};
        context.options.json = json;
        ReasonDocs docs;
        docs.read_header(header);
        const Reasons reasons(none ? Names{}
                                   : Names{{2, "NO_SOCKET"}, {10, "XDP"}, {70000, "STRANGE"}});
        return commands::reasons({.names = std::move(names)}, context, reasons, docs);
    }

    util::Output out_;
    util::Output err_;
};

TEST_F(ReasonsCommandTest, all_are_listed_in_columns) {
    const auto result = run({});
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, Exit::Done);
    EXPECT_EQ(out_.buffer(), "    2  NO_SOCKET  no valid socket: a, b\n"
                             "   10  XDP        an XDP program dropped it\n"
                             "70000  STRANGE\n");
}

TEST_F(ReasonsCommandTest, some_by_name_and_number) {
    ASSERT_TRUE(run({"xdp", "2"}));
    EXPECT_EQ(out_.buffer(), " 2  NO_SOCKET  no valid socket: a, b\n"
                             "10  XDP        an XDP program dropped it\n");
}

TEST_F(ReasonsCommandTest, json_tells_whose_words_they_are) {
    ASSERT_TRUE(run({}, true));
    std::istringstream lines(out_.buffer());
    std::vector<nlohmann::json> objects;
    for (std::string line; std::getline(lines, line);) {
        objects.push_back(nlohmann::json::parse(line));
    }
    ASSERT_EQ(objects.size(), 3U);
    EXPECT_EQ(objects[0]["schema"], 1);
    EXPECT_EQ(objects[0]["type"], "reason");
    EXPECT_EQ(objects[0]["number"], 2);
    EXPECT_EQ(objects[0]["name"], "NO_SOCKET");
    EXPECT_EQ(objects[0]["text_from"], "kernel");
    EXPECT_EQ(objects[1]["text_from"], "dropctl");
    EXPECT_EQ(objects[2]["text"], nullptr);
    EXPECT_EQ(objects[2]["text_from"], nullptr);
}

TEST_F(ReasonsCommandTest, unknown_ones_are_errors) {
    for (const char *name : {"NO_SOKET", "3", "4294967298"}) {
        const auto result = run({"XDP", name});
        ASSERT_FALSE(result) << name;
        EXPECT_EQ(result.error().status, Exit::Usage);
    }
    EXPECT_EQ(run({"NO_SOKET"}).error().hint, "did you mean NO_SOCKET?");
    EXPECT_EQ(out_.buffer(), "");
}

TEST_F(ReasonsCommandTest, kernel_without_reasons_is_no_failure) {
    const auto result = run({}, false, true);
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, Exit::Done);
    EXPECT_EQ(out_.buffer(), "");
    EXPECT_NE(err_.buffer(), "");
    EXPECT_FALSE(run({"XDP"}, false, true));
}

} // namespace

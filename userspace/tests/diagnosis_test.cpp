// SPDX-License-Identifier: GPL-2.0-only
// What is said of a diagnosis: explained, as text, as JSON and as a page.
#include "explain/explainer.hpp"
#include "explain/generic.hpp"
#include "render/diagnosis_html.hpp"
#include "render/diagnosis_json.hpp"
#include "render/diagnosis_text.hpp"
#include "render/html.hpp"
#include "render/progress_text.hpp"
#include "rules/parse.hpp"
#include "util/replace_file.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace dropctl {

namespace {

constexpr uint32_t elsewhere = 4026532214;

class TestNames : public render::Names {
  public:
    const Location &location(uint64_t /*address*/) override { return place_; }
    const Location &location(const std::string & /*symbol*/) override { return place_; }
    std::string reason(uint32_t /*number*/) override { return "IP_INADDRERRORS"; }
    std::string filter(uint32_t /*id*/) override { return {}; }
    std::string netns(uint32_t inode) override { return inode == elsewhere ? "r2" : ""; }
    uint32_t own_netns() override { return 1; }

  private:
    Location place_{.symbol = "ip_rcv_finish_core.constprop.0",
                    .function = "ip_rcv_finish_core",
                    .inlined = {"ip_rcv_finish_core"},
                    .file = "net/ipv4/ip_input.c",
                    .line = 424,
                    .frames = {{"ip_rcv_finish_core", "net/ipv4/ip_input.c", 424}}};
};

std::string source(const std::string & /*file*/, uint32_t line) {
    return line == 2751 ? "\tfor_each_pmc_rcu(in_dev, im) {" : line == 367 ? "  if (err)" : "";
}

const std::vector<std::string> &source_file(const std::string &file) {
    static const std::vector<std::string> lines{"int f(void)", "{", "\tif (a < b && c)",
                                                "\t\treturn g();", "}"};
    static const std::vector<std::string> none;
    return file == "f.c" ? lines : none;
}

diagnose::Diagnosis ospf() {
    diagnose::Diagnosis diagnosis;
    diagnosis.drop.dev = "b0";
    diagnosis.drop.netns = elsewhere;
    diagnosis.drop.len = 64;
    diagnosis.drop.location = 1;
    diagnosis.drop.reason = 3;
    diagnosis.drop.l3_protocol = 0x0800;
    diagnosis.drop.l3_offset = 0;
    diagnosis.drop.packet = {0x45, 0, 0, 20, 0, 0, 0, 0, 1, 89, 0, 0, 10, 10, 2, 4, 224, 0, 0, 5};
    diagnosis.complete = true;
    diagnosis.rounds = 3;
    diagnosis.points = 69;
    diagnosis.unprobed = 1;
    diagnosis.chain = {{.function = "ip_rcv_finish_core",
                        .file = "net/ipv4/ip_input.c",
                        .line = 367,
                        .why = "return",
                        .callee = "ip_check_mc_rcu",
                        .retval = 0,
                        .retval_text = "",
                        .retval_full = "0"},
                       {.function = "ip_check_mc_rcu",
                        .file = "net/ipv4/igmp.c",
                        .line = 2751,
                        .why = "condition",
                        .condition = "im == 0",
                        .loop_ended = true,
                        .values = {{"im", "struct ip_mc_list *", 0, "NULL"}}}};
    return diagnosis;
}

rules::Base base() {
    auto rules = rules::parse("- name: not-joined\n"
                              "  when: {function: ip_check_mc_rcu}\n"
                              "  because: ['{dev} wants {value:nothing}', '{dev} lacks {dst}']\n"
                              "  try: ['start it', '$ ip maddr show dev {dev}',\n"
                              "        '$ ip link show {vlan}', '% dmesg']\n"
                              "  example: {function: ip_check_mc_rcu}\n"
                              "  counterexample: {function: f}\n",
                              "x.yaml");
    return rules::Base(rules ? *rules : std::vector<rules::Rule>());
}

diagnose::Diagnosis explained(const rules::Base &base, diagnose::Diagnosis diagnosis) {
    TestNames names;
    symbols::ReasonDocs docs;
    docs.read_header("/** @SKB_DROP_REASON_IP_INADDRERRORS: host unreachable */");
    explain::Explainer(base, docs, names, source).explain(diagnosis, "proto ospf");
    return diagnosis;
}

std::string text(const diagnose::Diagnosis &diagnosis, size_t columns, bool colour = false) {
    TestNames names;
    return render::DiagnosisText(names, source, {.columns = columns, .colour = colour})
        .text(diagnosis);
}

std::string page(const diagnose::Diagnosis &diagnosis) {
    TestNames names;
    render::DiagnosisHtml html(names, source_file);
    html.add(diagnosis);
    return html.page();
}

bool has(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

TEST(Explainer, SaysWhatTheRuleSaysWithWhatIsKnown) {
    const diagnose::Diagnosis diagnosis = explained(base(), ospf());
    EXPECT_EQ(diagnosis.rule, "not-joined");
    EXPECT_EQ(diagnosis.explanation, "b0 lacks 224.0.0.5");
    ASSERT_EQ(diagnosis.advice.size(), 3U);
    EXPECT_EQ(diagnosis.advice[0].text, "start it");
    EXPECT_FALSE(diagnosis.advice[0].command);
    EXPECT_EQ(diagnosis.advice[1].text, "ip netns exec r2 ip maddr show dev b0");
    EXPECT_TRUE(diagnosis.advice[1].command);
    EXPECT_EQ(diagnosis.advice[2].text, "dmesg");
    EXPECT_EQ(diagnosis.reason_doc, "host unreachable");
}

TEST(Explainer, MakesASentenceWhereNoRuleFits) {
    const diagnose::Diagnosis diagnosis = explained(rules::Base(), ospf());
    EXPECT_EQ(diagnosis.rule, "");
    EXPECT_EQ(diagnosis.explanation,
              "ip_check_mc_rcu() went through all of `for_each_pmc_rcu(in_dev, im)` and found "
              "nothing that matches; so ip_check_mc_rcu() returned 0");
    ASSERT_EQ(diagnosis.advice.size(), 1U);
    EXPECT_EQ(diagnosis.advice[0].text,
              "dropctl trace ip_check_mc_rcu --values @args -- proto ospf");
}

TEST(Explainer, TellsWhatWasCompared) {
    diagnose::Diagnosis diagnosis = ospf();
    diagnosis.chain = {{.function = "f",
                        .line = 1,
                        .why = "condition",
                        .condition = "skb->len < len",
                        .values = {{"skb->len", "", 37, ""}, {"len", "", 900, ""}}}};
    EXPECT_EQ(explain::sentence(diagnosis, source), "in f(), skb->len was 37 (37 < 900)");
    diagnosis.chain[0].values[0].expression = "rax";
    diagnosis.chain[0].condition = "rax < len";
    EXPECT_EQ(explain::sentence(diagnosis, source), "in f(), it held that 37 < 900");
    diagnosis.chain[0].values = {{"dev->flags & 0x4", "", 10, ""}};
    diagnosis.chain[0].condition = "dev->flags & 0x4 == 0";
    EXPECT_EQ(explain::sentence(diagnosis, source), "in f(), it held that 10 & 0x4 == 0");
    diagnosis.chain[0].values = {{"rbp & 0x7e", "", 3, ""}};
    diagnosis.chain[0].condition = "rbp & 0x7e == 0";
    EXPECT_EQ(explain::sentence(diagnosis, source), "in f(), the value tested was 3");
    diagnosis.chain[0].values.clear();
    diagnosis.chain[0].condition = "rax < len";
    EXPECT_EQ(explain::sentence(diagnosis, source), "in f(), it held that rax < len");
    diagnosis.chain.clear();
    EXPECT_EQ(explain::sentence(diagnosis, source), "nothing was recorded that led to the drop");
}

TEST(DiagnosisText, HasTheVerdictFirstAndFits) {
    for (const size_t columns : {80U, 120U}) {
        const std::string shown = text(explained(base(), ospf()), columns);
        EXPECT_TRUE(shown.starts_with("DROPPED  10.10.2.4 > 224.0.0.5  ospf  64 bytes  b0@r2\n"
                                      "BECAUSE  b0 lacks 224.0.0.5\n"))
            << shown;
        EXPECT_TRUE(
            has(shown, "\nTRY      start it\n         ip netns exec r2 ip maddr show dev b0\n"))
            << shown;
        EXPECT_TRUE(has(shown, "└ ip_check_mc_rcu")) << shown;
        EXPECT_TRUE(has(shown, "im = NULL")) << shown;
        EXPECT_TRUE(has(shown, "the kernel says: host unreachable\n")) << shown;
        EXPECT_TRUE(has(shown, "3 drops looked at · 69 points, 1 not traceable · 0 lost\n"));
        EXPECT_FALSE(has(shown, "\x1b"));
        std::string rest = shown;
        for (size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
            EXPECT_LE(util::display_width(rest.substr(0, end)), columns) << rest.substr(0, end);
            rest.erase(0, end + 1);
        }
    }
    EXPECT_TRUE(has(text(ospf(), 80, true), "\x1b[1mDROPPED\x1b[0m"));
}

TEST(DiagnosisText, SaysThatItIsNotCertain) {
    diagnose::Diagnosis diagnosis = explained(base(), ospf());
    diagnosis.complete = false;
    diagnosis.why_incomplete = "a callee is not recorded";
    const std::string shown = text(diagnosis, 80);
    EXPECT_TRUE(has(shown, "\nPERHAPS  ")) << shown;
    EXPECT_TRUE(has(shown, "not certain: a callee is not recorded")) << shown;
    EXPECT_FALSE(has(shown, "BECAUSE"));
}

TEST(DiagnosisJson, HasExplanationRuleAndAdvice) {
    TestNames names;
    util::Writer out;
    render::DiagnosisJson(names, source).append(out, explained(base(), ospf()));
    const auto json = nlohmann::json::parse(out.view());
    EXPECT_TRUE(json["explanation"].get<std::string>().starts_with(
        "b0 lacks 224.0.0.5 ip_check_mc_rcu() went through"));
    EXPECT_EQ(json["rule"], "not-joined");
    EXPECT_EQ(json["reason_doc"], "host unreachable");
    EXPECT_EQ(json["advice"], nlohmann::json::array(
                                  {"start it", "ip netns exec r2 ip maddr show dev b0", "dmesg"}));
    EXPECT_EQ(json["cause"], json["chain"].back());
}

TEST(DiagnosisHtml, ShowsChainAndSourceAndFetchesNothing) {
    diagnose::Diagnosis diagnosis = explained(base(), ospf());
    diagnosis.chain.back().file = "f.c";
    diagnosis.chain.back().line = 3;
    diagnosis.path.emplace();
    diagnosis.path->frames.push_back({.function = "f"});
    diagnosis.path->frames[0].items.emplace_back(
        trace::ReportedLine{.file = "f.c", .line = 3, .count = 2});
    diagnosis.path->frames[0].items.emplace_back(
        trace::ReportedLine{.file = "include/a.h", .line = 9});
    diagnosis.passed.emplace();
    diagnosis.passed->frames.push_back({.function = "f"});
    diagnosis.passed->frames[0].items.emplace_back(
        trace::ReportedLine{.file = "f.c", .line = 4, .count = 1});
    const std::string shown = page(diagnosis);
    EXPECT_TRUE(has(shown, "<h1>b0 lacks 224.0.0.5</h1>"));
    EXPECT_TRUE(has(shown, "CERTAIN"));
    EXPECT_TRUE(has(shown, "<a href=\"#d1-f.c-3\">f.c:3</a>"));
    EXPECT_TRUE(has(shown, "<tr class=\"cause chain\" id=\"d1-f.c-3\">")) << shown;
    EXPECT_TRUE(has(shown, "if (a &lt; b &amp;&amp; c)"));
    EXPECT_TRUE(has(shown, "2×"));
    EXPECT_TRUE(has(shown, "<details><summary>In headers</summary>\n<h3>include/a.h</h3>"));
    EXPECT_TRUE(has(shown, "<tr class=\"only-passed\">"));
    EXPECT_TRUE(has(shown, "im = NULL"));
    EXPECT_FALSE(has(shown, "http://"));
    EXPECT_FALSE(has(shown, "https://"));
    EXPECT_FALSE(has(shown, "<script"));
}

TEST(DiagnosisHtml, TakesNothingFromElsewhereAsMarkup) {
    diagnose::Diagnosis diagnosis = ospf();
    const std::string evil = "<script>alert('1')</script>\"&\x1b[2J";
    diagnosis.explanation = diagnosis.decision = diagnosis.why_incomplete = evil;
    diagnosis.complete = false;
    diagnosis.reason_doc = diagnosis.drop.dev = evil;
    diagnosis.advice = {{evil, true}, {evil, false}};
    for (diagnose::Link &link : diagnosis.chain) {
        link.function = link.module = link.file = link.callee = link.condition = evil;
        link.retval = 1;
        link.retval_full = evil;
        link.values = {{evil, evil, 1, evil}};
    }
    const std::string shown = page(diagnosis);
    EXPECT_FALSE(has(shown, "<script"));
    EXPECT_FALSE(has(shown, "alert('1')"));
    EXPECT_FALSE(has(shown, "\x1b"));
    EXPECT_TRUE(has(shown, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;\\x1b[2J"));
}

TEST(SourceMarks, PutsStretchesTogetherThatNearlyTouch) {
    render::FileMarks marks{"f.c", {{10, {}}, {18, {}}, {40, {}}}};
    const auto found = render::stretches(marks, 41);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].first, 8U);
    EXPECT_EQ(found[0].last, 20U);
    EXPECT_EQ(found[1].last, 41U);
}

TEST(ProgressText, KeepsItsColumns) {
    EXPECT_EQ(render::progress_text("waiting", 0.44, 1, 40),
              "waiting                  0.4 s   1 drop");
    EXPECT_EQ(util::display_width(render::progress_text(std::string(200, 'x'), 1.0, 12, 80)), 79U);
}

TEST(ReplaceFile, IsThereWholeOrNotAtAll) {
    const auto directory = std::filesystem::temp_directory_path() / "droptrace-replace-test";
    std::filesystem::create_directory(directory);
    const std::string path = directory / "a.html";
    EXPECT_TRUE(util::can_replace_file("x", path));
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(util::replace_file("x", path, "one"));
    EXPECT_TRUE(util::replace_file("x", path, "two"));
    std::ifstream in(path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "two");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 1);
    const auto no_directory = util::can_replace_file("x", directory / "b" / "c.html");
    ASSERT_FALSE(no_directory);
    EXPECT_TRUE(has(no_directory.error().why, "No such file or directory"));
    const auto is_directory = util::can_replace_file("x", directory);
    ASSERT_FALSE(is_directory);
    EXPECT_TRUE(has(is_directory.error().why, "Is a directory"));
    std::filesystem::remove_all(directory);
}

} // namespace

} // namespace dropctl

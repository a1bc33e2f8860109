// SPDX-License-Identifier: GPL-2.0-only
// Rules: the base as it is installed, each rule by its own examples; and what is wrong with
// a file is told by its line.
#include "rules/base.hpp"
#include "rules/parse.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <utility>

namespace dropctl::rules {

namespace {

constexpr size_t causes_wanted = 60;

const Base &installed() {
    static std::vector<Error> complaints;
    static const Base base = Base::load(Base::directory(), complaints);
    for (const Error &complaint : std::exchange(complaints, {})) {
        ADD_FAILURE() << complaint.why;
    }
    return base;
}

std::string text_of(const Template &text) {
    std::string out;
    for (const Template::Piece &piece : text.pieces) {
        out += piece.gap ? "{" + piece.text + "}" : piece.text;
    }
    return out;
}

/// The complaint about a file, or the number of rules in it.
std::string outcome(const std::string &text) {
    const auto rules = parse(text, "x.yaml");
    return rules ? std::to_string(rules->size()) + " rules" : rules.error().why;
}

const std::string good = "- name: a\n"
                         "  when: {function: f}\n"
                         "  because: 'of {dst}'\n"
                         "  try: $ ip route get {dst}\n"
                         "  example: {function: f}\n"
                         "  counterexample: {function: g}\n";

std::string changed(const std::string &from, const std::string &to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
}

Facts facts_about(const std::string &function) {
    Facts facts;
    facts.chain.push_back({.function = function});
    facts.words = {{"dst", "192.0.2.2"}, {"dev", "eth0"}};
    return facts;
}

TEST(RuleBase, LoadsAndCoversWhatItShould) {
    EXPECT_GE(installed().all().size(), causes_wanted);
}

TEST(RuleBase, EachExampleFindsItsRule) {
    for (const Rule &rule : installed().all()) {
        for (const Facts &example : rule.examples) {
            const Rule *found = installed().find(example);
            EXPECT_EQ(found == nullptr ? "none" : found->name, rule.name) << rule.place;
        }
    }
}

TEST(RuleBase, NoRuleMatchesItsCounterexamples) {
    for (const Rule &rule : installed().all()) {
        for (const Facts &counterexample : rule.counterexamples) {
            EXPECT_FALSE(matches(rule, counterexample)) << rule.place << " " << rule.name;
        }
    }
}

TEST(RuleBase, EachConditionHasWordsThatCanBeFilled) {
    for (const Rule &rule : installed().all()) {
        for (const Facts &example : rule.examples) {
            EXPECT_TRUE(fill(rule.because.front(), example))
                << rule.place << " " << text_of(rule.because.front());
            for (const Template &attempt : rule.attempts) {
                EXPECT_TRUE(fill(attempt, example)) << rule.place << " " << text_of(attempt);
            }
        }
    }
}

TEST(RuleBase, ExplainsInSentences) {
    for (const Rule &rule : installed().all()) {
        for (const Template &text : rule.because) {
            EXPECT_TRUE(text_of(text).ends_with('.')) << rule.place;
        }
    }
}

TEST(RuleParse, TakesAGoodFile) {
    EXPECT_EQ(outcome(good), "1 rules");
}

TEST(RuleParse, NamesTheLineOfWhatIsWrong) {
    EXPECT_EQ(outcome(changed("because", "becuase")), "x.yaml:3: unknown key 'becuase'");
    EXPECT_EQ(outcome(changed("{dst}'", "{dts}'")), "x.yaml:3: unknown placeholder '{dts}'");
    EXPECT_EQ(outcome(changed("{dst}'", "{dst'")), "x.yaml:3: unknown placeholder '{dst}'");
    EXPECT_EQ(outcome(changed("  because", "  name: b\n  because")),
              "x.yaml:3: key 'name' is there twice");
    EXPECT_EQ(outcome(changed("{function: f}", "{statement: '('}")),
              "x.yaml:2: no regular expression: '('");
    EXPECT_EQ(
        outcome(changed("{function: f}", "{statement: x}")),
        "x.yaml:2: it fits everywhere: no function, callee, called, through, reason or freed_in");
    EXPECT_EQ(outcome(changed("{function: f}", "{function: f, line: 12}")),
              "x.yaml:2: unknown key 'line'");
    EXPECT_EQ(outcome(changed("{function: f}", "{function: f.constprop.0}")),
              "x.yaml:2: no name of a function: 'f.constprop.0'");
    EXPECT_EQ(outcome(changed("{function: f}", "{callee: f, returned: EINVAL}")),
              "x.yaml:2: nothing that a function returns: 'EINVAL'");
    EXPECT_EQ(outcome(changed("{function: f}", "[]")), "x.yaml:2: an empty list");
    EXPECT_EQ(outcome(good + good), "x.yaml:7: rule 'a' is there twice");
    EXPECT_EQ(outcome(changed("  counterexample: {function: g}\n", "")),
              "x.yaml:1: rule 'a' has no 'counterexample'");
    EXPECT_EQ(outcome("name: a\n"), "x.yaml:1: a list of rules is needed");
    EXPECT_TRUE(outcome("- {name: a\n").starts_with("x.yaml:2: ")) << outcome("- {name: a\n");
}

TEST(RuleParse, RefusesARuleOfTheSameNameInAnotherFile) {
    const auto directory = std::filesystem::temp_directory_path() / "droptrace-rules-test";
    std::filesystem::create_directory(directory);
    std::ofstream(directory / "1.yaml") << good;
    std::ofstream(directory / "2.yaml") << good;
    std::vector<Error> complaints;
    EXPECT_EQ(Base::load(directory, complaints).all().size(), 1U);
    std::filesystem::remove_all(directory);
    ASSERT_EQ(complaints.size(), 1U);
    EXPECT_EQ(complaints[0].why, "2.yaml:1: rule 'a' is in another file, too");
}

TEST(RuleFill, UsesNoTemplateWithAGapThatStays) {
    const auto rules = parse(good, "x.yaml");
    ASSERT_TRUE(rules);
    Facts facts = facts_about("f");
    EXPECT_EQ(fill((*rules)[0].because[0], facts), "of 192.0.2.2");
    facts.words.erase("dst");
    EXPECT_FALSE(fill((*rules)[0].because[0], facts));
}

TEST(RuleFill, TakesDoubledBracesAsThemselves) {
    const auto rules = parse(changed("get {dst}", "{{ {dst} }}"), "x.yaml");
    ASSERT_TRUE(rules);
    EXPECT_EQ(fill((*rules)[0].attempts[0], facts_about("f")), "ip route { 192.0.2.2 }");
}

TEST(RuleFill, PutsCommandsIntoTheNamespaceAndQuotesNames) {
    const auto rules = parse(changed("get {dst}", "show dev {dev}"), "x.yaml");
    ASSERT_TRUE(rules);
    Facts facts = facts_about("f");
    facts.enter = "ip netns exec r2 ";
    facts.words["dev"] = "a;b'c";
    EXPECT_EQ(fill((*rules)[0].attempts[0], facts),
              "ip netns exec r2 ip route show dev 'a;b'\\''c'");
}

TEST(RuleMatch, WantsAllOfOneAlternative) {
    const auto rules = parse(changed("{function: f}", "[{function: f, statement: 'x < y'}, "
                                                      "{callee: [c, d], returned: -EINVAL}]"),
                             "x.yaml");
    ASSERT_TRUE(rules);
    Facts facts = facts_about("f");
    EXPECT_FALSE(matches((*rules)[0], facts));
    facts.chain.back().statement = "if (x < y)";
    EXPECT_TRUE(matches((*rules)[0], facts));
    facts = facts_about("g");
    facts.chain.back().callee = "d";
    EXPECT_FALSE(matches((*rules)[0], facts));
    facts.chain.back().retval = -22;
    EXPECT_FALSE(matches((*rules)[0], facts));
    facts.chain.back().retval_text = "-EINVAL";
    EXPECT_TRUE(matches((*rules)[0], facts));
    facts.chain.clear();
    EXPECT_FALSE(matches((*rules)[0], facts));
}

TEST(RuleMatch, DoesWithoutAChainWhereTheReasonSaysEnough) {
    Facts facts;
    facts.reason = "NO_SOCKET";
    const auto by_reason = parse(changed("{function: f}", "{reason: NO_SOCKET}"), "x.yaml");
    const auto by_callee =
        parse(changed("{function: f}", "{reason: NO_SOCKET, callee: g}"), "x.yaml");
    EXPECT_TRUE(matches((*by_reason)[0], facts));
    EXPECT_FALSE(matches((*by_callee)[0], facts));
}

TEST(AddressClass, KnowsTheKinds) {
    EXPECT_EQ(address_class("224.0.0.5"), "multicast");
    EXPECT_EQ(address_class("255.255.255.255"), "broadcast");
    EXPECT_EQ(address_class("127.9.9.9"), "loopback");
    EXPECT_EQ(address_class("169.254.3.4"), "link-local");
    EXPECT_EQ(address_class("0.0.0.0"), "unspecified");
    EXPECT_EQ(address_class("10.0.0.1"), "unicast");
    EXPECT_EQ(address_class("ff02::5"), "multicast");
    EXPECT_EQ(address_class("fe80::1"), "link-local");
    EXPECT_EQ(address_class("::1"), "loopback");
    EXPECT_EQ(address_class("::"), "unspecified");
    EXPECT_EQ(address_class("2001:db8::1"), "unicast");
    EXPECT_EQ(address_class("b0"), "");
}

} // namespace

} // namespace dropctl::rules

// SPDX-License-Identifier: GPL-2.0-only
// Expressions as they are written: what is well formed, and what is said of the rest.
#include "values/compile.hpp"

#include <gtest/gtest.h>

namespace {

using namespace dropctl;
using values::Expression;

std::string why(const std::string &text) {
    const auto parsed = Expression::parse(text);
    return parsed ? "" : parsed.error().why;
}

std::string hint(const std::string &text) {
    const auto parsed = Expression::parse(text);
    return parsed ? "" : parsed.error().hint;
}

TEST(ValuesSyntax, takes_what_people_write) {
    for (const char *text : {"in_dev->mc_hash",
                             "((struct iphdr *)skb->data)->saddr",
                             "*(u16 *)skb->data:port",
                             "(a + b) * -c % 7 << 2",
                             "a ? b : c",
                             "a ? b : c:x",
                             "!a && ~b || c",
                             "x[1][2].y",
                             "(unsigned long)p",
                             "(const char *)p:s",
                             "sizeof(struct sk_buff)",
                             "sizeof x",
                             "(foo_t)x",
                             "(foo_t *)x",
                             "(a)-b",
                             "(a)*b",
                             "&a->b",
                             "list(a->b, next, c.d)",
                             "list_head(h, struct item, node)",
                             "container_of(p, struct item, node.next)->value",
                             "this_cpu(x).y",
                             "$retval",
                             "$entry(skb->len)",
                             "$skb",
                             "@auto",
                             "@args",
                             "f::x",
                             "0x1fUL",
                             "017",
                             "enum_value == A",
                             "(struct a **)b"}) {
        EXPECT_EQ(why(text), "") << text;
    }
}

TEST(ValuesSyntax, marks_the_word_at_fault) {
    EXPECT_EQ(why("a + "), "something is missing at the end\n  a + \n      ^");
    EXPECT_EQ(why("a->"), "the name of a member is missing here\n  a->\n     ^");
    EXPECT_EQ(why("skb->len == 0x1g"), "'0x1g' is no number\n  skb->len == 0x1g\n"
                                       "              ^^^^");
    EXPECT_EQ(why("a = 1"), "nothing can be assigned\n  a = 1\n    ^");
    EXPECT_EQ(hint("a = 1"), "'==' compares");
    EXPECT_EQ(why("(a"), "')' is missing here\n  (a\n    ^");
    EXPECT_EQ(why("a #"), "'#' means nothing here\n  a #\n    ^");
    EXPECT_EQ(why(""), "the expression is empty\n  \n  ^");
    EXPECT_EQ(why("a:q"), "no such format\n  a:q\n    ^");
    EXPECT_EQ(why("f(x)"), "functions of the kernel cannot be called\n  f(x)\n  ^");
    EXPECT_EQ(hint("lst(x)"), "did you mean list?");
    EXPECT_EQ(why("list(a)"), "list takes 2 or 3 arguments\n  list(a)\n  ^^^^^^^");
    EXPECT_EQ(why("$nothing"), "there is no $nothing\n  $nothing\n  ^^^^^^^^");
    EXPECT_EQ(why("a b"), "'b' is not expected here\n  a b\n    ^");
}

TEST(ValuesSyntax, survives_deep_nesting) {
    EXPECT_NE(why(std::string(10000, '(')), "");
    EXPECT_NE(why(std::string(10000, '*')), "");
    EXPECT_NE(why(std::string(10000, '-') + "a"), "");
    EXPECT_EQ(why(std::string(20, '(') + "a" + std::string(20, ')')), "");
}

TEST(ValuesSyntax, knows_what_is_for_exits) {
    EXPECT_TRUE(Expression::parse("a + $retval")->needs_return_value());
    EXPECT_FALSE(Expression::parse("a")->needs_return_value());
    EXPECT_FALSE(Expression::parse("@auto")->needs_return_value());
}

} // namespace

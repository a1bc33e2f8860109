// SPDX-License-Identifier: GPL-2.0-only
// Compiling an expression: what the user is told when it goes wrong.
#include "filter/compile.hpp"

#include <linux/droptrace.h>

#include <gtest/gtest.h>

namespace dropctl::filter {
namespace {

std::string why(const std::string &expression) {
    const auto program = compile(expression);
    EXPECT_FALSE(program) << expression;
    return program ? "" : program.error().why;
}

TEST(Filter, nothing_matches_everything) {
    EXPECT_TRUE(compile("")->empty());
    EXPECT_TRUE(compile("  ")->empty());
}

TEST(Filter, carets_stand_below_the_first_wrong_word) {
    EXPECT_EQ(why("src host 10.10.2.4 an proto ospf"),
              "cannot parse the expression: syntax error near 'an'\n"
              "  src host 10.10.2.4 an proto ospf\n"
              "                     ^^");
    EXPECT_EQ(why("hots 10.0.0.1"), "cannot parse the expression: syntax error near 'hots'\n"
                                    "  hots 10.0.0.1\n"
                                    "  ^^^^");
    EXPECT_EQ(why("tcp[13] & = 0"), "cannot parse the expression: syntax error near '='\n"
                                    "  tcp[13] & = 0\n"
                                    "            ^");
    EXPECT_EQ(why("ip and (tcp or udp) port)"),
              "cannot parse the expression: syntax error near 'port'\n"
              "  ip and (tcp or udp) port)\n"
              "                      ^^^^");
    EXPECT_EQ(why("and"), "cannot parse the expression: syntax error near 'and'\n"
                          "  and\n"
                          "  ^^^");
}

TEST(Filter, carets_stand_behind_what_is_not_finished) {
    EXPECT_EQ(why("host 10.0.0.1 and"), "cannot parse the expression: syntax error at its end\n"
                                        "  host 10.0.0.1 and\n"
                                        "                   ^");
    EXPECT_EQ(why("(tcp"), "cannot parse the expression: syntax error at its end\n"
                           "  (tcp\n"
                           "      ^");
}

TEST(Filter, carets_stand_below_a_quoted_word) {
    EXPECT_EQ(why("tcp port nonesuch"), "cannot parse the expression: unknown port 'nonesuch'\n"
                                        "  tcp port nonesuch\n"
                                        "           ^^^^^^^^");
    EXPECT_EQ(why("ip and net 1.2.3.4/8"),
              "cannot parse the expression: non-network bits set in \"1.2.3.4/8\"\n"
              "  ip and net 1.2.3.4/8\n"
              "             ^^^^^^^^^");
}

TEST(Filter, no_carets_where_the_place_is_not_known) {
    EXPECT_EQ(why("vlan 5000"),
              "cannot parse the expression: VLAN tag 5000 greater than maximum 4095\n"
              "  vlan 5000");
}

TEST(Filter, control_characters_do_not_reach_the_terminal) {
    EXPECT_EQ(why("ip\tand\x1b[31m tcp tcp").find('\x1b'), std::string::npos);
}

TEST(Filter, hint_guesses_a_keyword) {
    const auto hint = [](const char *expression) { return compile(expression).error().hint; };
    EXPECT_EQ(hint("src host 10.10.2.4 an proto ospf"),
              "pcap-filter(7) has the syntax; did you mean 'and'?");
    EXPECT_EQ(hint("ip adn tcp"), "pcap-filter(7) has the syntax; did you mean 'and'?");
    EXPECT_EQ(hint("ip tcpp"), "pcap-filter(7) has the syntax; did you mean 'tcp'?");
    EXPECT_EQ(hint("ip 10.0.0.1 10.0.0.2"),
              "pcap-filter(7) has the syntax; 'and' joins two conditions");
    EXPECT_EQ(hint("host host"),
              "pcap-filter(7) has the syntax; something is missing before 'host'");
}

TEST(Filter, unknown_host_is_told) {
    EXPECT_NE(why("host no-such-name.invalid").find("unknown host 'no-such-name.invalid'"),
              std::string::npos);
}

TEST(Filter, libpcap_refusals_pass_through) {
    EXPECT_NE(why("gateway foo").find("'gateway' not supported"), std::string::npos);
    EXPECT_NE(why("ip broadcast").find("netmask not known"), std::string::npos);
    EXPECT_NE(why("type mgt").find("802.11"), std::string::npos);
}

TEST(Filter, too_long_an_expression_is_refused) {
    EXPECT_NE(why("ip" + std::string(DROPTRACE_EXPR_MAX, ' ') + "and tcp").find("longer than"),
              std::string::npos);
}

} // namespace
} // namespace dropctl::filter

// SPDX-License-Identifier: GPL-2.0-only
// Large expressions, grown at random from small ones: with `vlan` anywhere in them,
// where libpcap itself is no guide, they mean what their parts mean.
#include "filter_machine.hpp"
#include "filter_oracle.hpp"

#include <functional>
#include <iterator>
#include <random>

namespace dropctl::testing {
namespace {

/// A condition and what it means, by tcpdump's word on the untagged frame.
struct Condition {
    std::string text;
    std::function<bool(const Bytes &frame, const View &view)> holds;
};

Condition leaf(const std::string &text) {
    const auto oracle = std::make_shared<Oracle>(text);
    return {text, [oracle](const Bytes &frame, const View &) { return oracle->matches(frame); }};
}

/// The n-th `vlan` of an expression is about the n-th tag.
Condition vlan(size_t level, std::optional<unsigned> id) {
    return {
        id ? "vlan " + std::to_string(*id) : "vlan", [level, id](const Bytes &, const View &view) {
            return level < 2 && view.tpid[level] != 0 && (!id || (view.tci[level] & 0xfff) == *id);
        }};
}

/// Grows expressions; a fixed seed, so that a failure comes back.
class Grower {
  public:
    explicit Grower(unsigned seed) : random_(seed) {}

    Condition grow(unsigned depth) {
        const unsigned choice = depth == 0 ? 0 : pick(4);
        if (choice == 0) {
            return pick(5) == 0 && level_ < 2 ? vlan(level_++, tag()) : leaf(plain());
        }
        const Condition left = grow(depth - 1);
        if (choice == 1) {
            return {"not (" + left.text + ")", [left](const Bytes &frame, const View &view) {
                        return !left.holds(frame, view);
                    }};
        }
        const Condition right = grow(depth - 1);
        const bool both = choice == 2;
        return {"(" + left.text + (both ? ") and (" : ") or (") + right.text + ")",
                [left, right, both](const Bytes &frame, const View &view) {
                    return both ? left.holds(frame, view) && right.holds(frame, view)
                                : left.holds(frame, view) || right.holds(frame, view);
                }};
    }

  private:
    unsigned pick(unsigned choices) { return static_cast<unsigned>(random_() % choices); }

    std::optional<unsigned> tag() {
        return pick(2) == 0 ? std::nullopt : std::optional(10 * (1 + pick(2)));
    }

    /// Nothing that, like `vlan`, changes the meaning of what follows it (mpls). And
    /// none of them may read beyond a whole frame: that ends the program whatever
    /// else the expression says.
    std::string plain() {
        static const char *const leaves[] = {"ip",
                                             "ip6",
                                             "arp",
                                             "tcp",
                                             "udp",
                                             "icmp",
                                             "igmp",
                                             "host 10.0.0.1",
                                             "net 192.168.1.0/24",
                                             "src host 10.0.0.2",
                                             "port 80",
                                             "port 53",
                                             "tcp dst port 40000",
                                             "ip[8] < 5",
                                             "ip6[7] = 64",
                                             "tcp[13] & 2 != 0",
                                             "ether multicast",
                                             "ether src 02:00:00:00:00:02",
                                             "ether proto 0x88cc",
                                             "stp",
                                             "llc",
                                             "ipx",
                                             "len > 60",
                                             "host 2001:db8::1",
                                             "portrange 100-500",
                                             "ip[6:2] & 0x1fff = 0",
                                             "icmp[0] = 8",
                                             "ip proto 89",
                                             "1 = 1"};
        return leaves[pick(std::size(leaves))];
    }

    std::minstd_rand random_;
    size_t level_ = 0;
};

TEST(Rewrite, grown_expressions_mean_what_their_parts_mean) {
    size_t grown = 0;
    for (unsigned seed = 1; seed <= 400; ++seed) {
        const Condition condition = Grower(seed).grow(5);
        const auto program = filter::compile(condition.text);
        if (!program) {
            ASSERT_NE(program.error().why.find("too long"), std::string::npos)
                << program.error().why;
            continue;
        }
        ++grown;
        for (const Bytes &frame : untagged_frames()) {
            for (const Bytes &shown :
                 {frame, with_tag(frame, 10), with_tag(frame, 0x3014, 0x9100),
                  with_tag(with_tag(frame, 20), 10, 0x88a8), with_tag(with_tag(frame, 5), 20)}) {
                const View view = view_of(shown, shown.size());
                ASSERT_EQ(matches(*program, view), condition.holds(frame, view))
                    << "seed " << seed << ": " << condition.text << "\ntype " << std::hex
                    << half(shown, 12) << std::dec << "\n"
                    << listing(*program);
            }
        }
    }
    EXPECT_GT(grown, 390U);
}

} // namespace
} // namespace dropctl::testing

// SPDX-License-Identifier: GPL-2.0-only
// "Did you mean": which names are like one that does not exist.
#include "util/near_names.hpp"

#include <gtest/gtest.h>

namespace dropctl {
namespace {

using Names = std::vector<std::string>;

TEST(NearNames, nearest_come_first) {
    util::NearNames near("ip_rcv_finsh", 3);
    for (const char *name : {"tcp_v4_rcv", "ip_rcv", "ip6_rcv_finish", "ip_rcv_finish",
                             "ip_rcv_finish", "ip_rcv_finish_core", "a"}) {
        near.offer(name);
    }
    EXPECT_EQ(near.take(), (Names{"ip_rcv_finish", "ip6_rcv_finish"}));
}

TEST(NearNames, exchanged_letters_and_parts_are_near) {
    util::NearNames exchanged("recieve", 1);
    exchanged.offer("receive");
    EXPECT_EQ(exchanged.take(), Names{"receive"});
    util::NearNames part("mc_rcu", 2);
    part.offer("ip_check_mc_rcu");
    EXPECT_EQ(part.take(), Names{"ip_check_mc_rcu"});
    util::NearNames none("xyz", 2);
    none.offer("ip_rcv");
    EXPECT_TRUE(none.take().empty());
}

Names like(const char *wanted, std::initializer_list<const char *> names) {
    util::NearNames near(wanted, 3);
    for (const char *name : names) {
        near.offer(name);
    }
    return near.take();
}

TEST(NearNames, short_words_are_like_few) {
    EXPECT_EQ(like("f", {"g", "ff"}), Names{});
    EXPECT_EQ(like("XX", {"XDP", "XY", "XYZ"}), Names{"XY"});
    EXPECT_EQ(like("eht0", {"eth0", "lo"}), Names{"eth0"});
}

TEST(NearNames, nothing_is_like_a_number) {
    EXPECT_EQ(like("77", {"78", "f", "770"}), Names{});
    EXPECT_EQ(like("0x77", {"0x78"}), Names{});
}

} // namespace
} // namespace dropctl

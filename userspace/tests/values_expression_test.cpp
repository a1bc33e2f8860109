// SPDX-License-Identifier: GPL-2.0-only
// Expressions on a small object: compiled, run on made-up memory, decoded.
#include "values_fixture.hpp"

#include <gtest/gtest.h>

#include <cstddef>

#define yes is_yes
#include "data/values_types.h"
#undef yes

namespace {

using namespace dropctl;
using namespace dropctl::test;

class ValuesExpressionTest : public testing::Test {
  protected:
    void SetUp() override {
        if (!SmallObject::get().built()) {
            GTEST_SKIP() << "no compiler";
        }
        first_.value = -7;
        first_.saddr = 0x0500000a; // 10.0.0.5
        first_.dport = 0x3500;     // 53
        first_.next = &second_;
        first_.a = 5;
        first_.b = 17;
        first_.c = -3;
        first_.colour = COLOUR_GREEN;
        first_.second = 99;
        first_.deep = 1234;
        first_.is_yes = true;
        first_.dev = &device_;
        first_.text = text_;
        for (int i = 0; i < 4; i++) {
            first_.numbers[i] = i * 10;
        }
        first_.matrix[1][2] = 12;
        for (unsigned i = 0; i < 6; i++) {
            first_.mac[i] = static_cast<unsigned char>(0xa0 + i);
        }
        first_.addr6.bytes[0] = 0xfe;
        first_.addr6.bytes[1] = 0x80;
        first_.addr6.bytes[15] = 1;
        std::strcpy(first_.name, "first");
        std::strcpy(device_.name, "eth0");
        second_.value = 8;
        second_.next = &third_;
        third_.value = 9;
        packet_.len = 84;
        packet_.head = reinterpret_cast<unsigned char *>(&header_) - 14;
        packet_.network_header = 14;
        header_.saddr = 0x050000e0; // 224.0.0.5
        header_.version = 4;
        header_.ihl = 5;
    }

    /// At the place "look", with its variables.
    Reader look() {
        Reader reader{.types = SmallObject::get().types,
                      .place = SmallObject::get().place("place_look")};
        reader.memory.add(first_);
        reader.memory.add(second_);
        reader.memory.add(third_);
        reader.memory.add(packet_);
        reader.memory.add(header_);
        reader.memory.add(device_);
        reader.memory.add(text_);
        EXPECT_TRUE(reader.set("item", address_of(first_)));
        EXPECT_TRUE(reader.set("count", 20));
        EXPECT_TRUE(reader.set("skb", address_of(packet_)));
        return reader;
    }

    item first_{};
    item second_{};
    item third_{};
    sk_buff packet_{};
    iphdr header_{};
    net_device device_{};
    char text_[6] = "text!";
};

TEST_F(ValuesExpressionTest, members) {
    Reader reader = look();
    EXPECT_EQ(reader.text("item->value"), "-7");
    EXPECT_EQ(reader.text("(*item).value"), "-7");
    EXPECT_EQ(reader.text("item->next->value"), "8");
    EXPECT_EQ(reader.text("item->second"), "99");
    EXPECT_EQ(reader.text("item->deep"), "1234");
    EXPECT_EQ(reader.text("item->a"), "5");
    EXPECT_EQ(reader.text("item->b"), "17");
    EXPECT_EQ(reader.text("item->c"), "-3");
    EXPECT_EQ(reader.text("item->numbers[2]"), "20");
    EXPECT_EQ(reader.text("item->numbers[count - 17]"), "30");
    EXPECT_EQ(reader.text("item->matrix[1][2]"), "12");
    EXPECT_EQ(reader.text("item->numbers"), "{0, 10, 20, 30}");
    EXPECT_EQ(reader.text("&item->value == item"), "1");
    EXPECT_EQ(reader.text("*&item->value"), "-7");
    EXPECT_EQ(reader.text("((struct iphdr *)(skb->head + skb->network_header))->saddr"),
              "224.0.0.5");
    EXPECT_EQ(reader.text("((struct iphdr *)(skb->head + skb->network_header))->version"), "4");
    EXPECT_EQ(reader.text("((struct iphdr *)&skb->head[skb->network_header])->ihl"), "5");
    EXPECT_EQ(reader.text("item->next->next->next"), "NULL");
}

TEST_F(ValuesExpressionTest, arithmetic_as_in_c) {
    Reader reader = look();
    EXPECT_EQ(reader.text("1 + 2 * 3"), "7");
    EXPECT_EQ(reader.text("item->value / 2"), "-3");
    EXPECT_EQ(reader.text("item->value % 4"), "-3");
    EXPECT_EQ(reader.text("(unsigned)item->value > 5"), "1");
    EXPECT_EQ(reader.text("item->value > 5"), "0");
    EXPECT_EQ(reader.text("item->value > 5u"), "1");
    EXPECT_EQ(reader.text("item->value >> 1"), "-4");
    EXPECT_EQ(reader.text("(u8)item->value"), "249");
    EXPECT_EQ(reader.text("~0 == -1 && !0"), "1");
    EXPECT_EQ(reader.text("count == 20 ? item->value : 1 / (count - 20)"), "-7");
    EXPECT_EQ(reader.text("0 && item->next->next->next->value"), "0");
    EXPECT_EQ(reader.text("count || item->next->next->next->value"), "1");
    EXPECT_EQ(reader.text("(long)&item->value - (long)item"), "0");
    EXPECT_EQ(reader.text("&item->numbers[3] - &item->numbers[1]"), "2");
    EXPECT_EQ(reader.text("*(item->numbers + 3)"), "30");
    EXPECT_EQ(reader.text("sizeof(struct item)"), std::to_string(sizeof(item)));
    EXPECT_EQ(reader.text("sizeof item->name"), "16");
    EXPECT_EQ(reader.text("0xffffffff + 1"), "4294967296");
    EXPECT_EQ(reader.text("2147483647 + 1"), "-2147483648");
    EXPECT_EQ(reader.text("ntohs(item->dport)"), "53");
    EXPECT_EQ(reader.text("item->colour == COLOUR_GREEN"), "1");
    EXPECT_EQ(reader.text("1 << 3 | 1"), "9");
    EXPECT_EQ(reader.text("container_of(&item->node, struct item, node)->value"), "-7");
}

TEST_F(ValuesExpressionTest, shown_by_type_and_name) {
    Reader reader = look();
    EXPECT_EQ(reader.text("item->saddr"), "10.0.0.5");
    EXPECT_EQ(reader.json("item->saddr"), "\"10.0.0.5\"");
    EXPECT_EQ(reader.text("item->dport"), "53");
    EXPECT_EQ(reader.text("item->mac"), "a0:a1:a2:a3:a4:a5");
    EXPECT_EQ(reader.text("item->name"), "\"first\"");
    EXPECT_EQ(reader.text("item->colour"), "COLOUR_GREEN");
    EXPECT_EQ(reader.text("item->yes"), "true");
    EXPECT_EQ(reader.json("item->yes"), "true");
    EXPECT_EQ(reader.text("item->addr6"), "fe80::1");
    EXPECT_EQ(reader.text("item->dev"), "eth0");
    EXPECT_EQ(reader.json("item->dev"), "\"eth0\"");
    EXPECT_EQ(reader.text("item->text"), "\"text!\"");
    EXPECT_EQ(reader.text("item->function"), "NULL");
    EXPECT_EQ(reader.json("item->function"), "null");
    EXPECT_EQ(reader.json("item->value"), "-7");
    EXPECT_EQ(reader.json("item->numbers"), "[0,10,20,30]");
    EXPECT_NE(reader.text("skb").find("(len 84)"), std::string::npos);
    EXPECT_EQ(reader.text("item->value:x"), "0xfffffff9");
    EXPECT_EQ(reader.text("item->value:u"), "4294967289");
    EXPECT_EQ(reader.text("item->saddr:x"), "0x500000a");
    EXPECT_EQ(reader.text("item->numbers[1]:ip"), "10.0.0.0");
    EXPECT_EQ(reader.text("item->addr6.bytes:ip"), "fe80::1");
    EXPECT_EQ(reader.text("&item->mac[0]:mac"), "a0:a1:a2:a3:a4:a5");
    EXPECT_EQ(reader.text("(void *)item->text:s"), "\"text!\"");
    EXPECT_EQ(reader.text("(void *)-22"), "ERR_PTR(-22 -EINVAL)");
    const int no_colour = 77;
    std::memcpy(&first_.colour, &no_colour, sizeof(no_colour));
    EXPECT_EQ(look().text("item->colour"), "77");
    EXPECT_NE(reader.text("*item").find(".value=-7, .little=0, .mac=a0:"), std::string::npos);
    EXPECT_NE(reader.text("*item").find(".a=5, .b=17, .c=-3"), std::string::npos);
}

TEST_F(ValuesExpressionTest, walks_lists) {
    Reader reader = look();
    EXPECT_EQ(reader.text("list(item, next, value)"), "{-7, 8, 9}");
    EXPECT_EQ(reader.json("list(item, next, value)"), "[-7,8,9]");
    EXPECT_EQ(reader.text("list(item->next->next->next, next, value)"), "{}");
    EXPECT_EQ(reader.text("list(item, next, value + count > 25)"), "{0, 1, 1}");
    EXPECT_EQ(reader.text("list(item, next, saddr)"), "{10.0.0.5, 0.0.0.0, 0.0.0.0}");
    EXPECT_EQ(reader.text("list(item, next, name)"), "{\"first\", \"\", \"\"}");
    third_.next = &first_; // a loop
    Reader looping = look();
    const auto values = looping.values({"list(item, next, value)", "item->value"});
    ASSERT_EQ(values.size(), 2U);
    EXPECT_EQ(std::get<values::Value::Array>(values[0].data).size(), values::list_most);
    EXPECT_EQ(values[0].note, "only the first 64: the list is longer, or a loop");
    EXPECT_EQ(values[1].text, "-7");
    EXPECT_LT(looping.steps, size_t{DROPTRACE_FETCH_STEPS_MAX});
    third_.next = reinterpret_cast<item *>(0x10); // a broken link
    EXPECT_EQ(look().text("list(item, next, value)"), "{-7, 8, 9} (the rest is unreadable)");
}

TEST_F(ValuesExpressionTest, walks_lists_with_heads) {
    first_.node.next = &second_.node;
    second_.node.next = &third_.node;
    third_.node.next = &first_.node;
    Reader reader = look();
    EXPECT_EQ(reader.text("list_head(item->node, struct item, node, value)"), "{8, 9}");
    EXPECT_EQ(reader.text("list_head(&item->node, struct item, node, value)"), "{8, 9}");
    first_.heads.first = &second_.hnode;
    second_.hnode.next = &third_.hnode;
    Reader hashed = look();
    EXPECT_EQ(hashed.text("hlist(item->heads, struct item, hnode, value)"), "{8, 9}");
    EXPECT_EQ(hashed.text("list_head(item->hnode, struct item, node)"),
              "error: struct hlist_node is no struct list_head");
}

TEST_F(ValuesExpressionTest, faults_leave_the_others_alone) {
    Reader reader = look();
    const auto values = reader.values(
        {"item->next->next->next->value", "item->value", "1 / (count - 20)", "count"});
    ASSERT_EQ(values.size(), 4U);
    EXPECT_EQ(values[0].text, "(unreadable)");
    EXPECT_EQ(values[0].note, "unreadable");
    EXPECT_EQ(values[1].text, "-7");
    EXPECT_EQ(values[2].text, "(unreadable)");
    EXPECT_EQ(values[3].text, "20");
}

TEST_F(ValuesExpressionTest, says_what_is_wrong) {
    Reader reader = look();
    EXPECT_EQ(reader.text("item->valeu"), "error: struct item has no member 'valeu'");
    EXPECT_EQ(reader.hint("item->valeu"), "did you mean value?");
    EXPECT_EQ(reader.complaints.front().position, 6U);
    EXPECT_EQ(reader.complaints.front().length, 5U);
    EXPECT_EQ(reader.text("itme->value"), "error: there is no variable 'itme' here");
    EXPECT_EQ(reader.hint("itme->value"), "did you mean item?");
    EXPECT_EQ(reader.text("item.value"), "error: struct item * is a pointer");
    EXPECT_EQ(reader.hint("item.value"), "'->value' is a member of what it points to");
    EXPECT_EQ(reader.text("item->value->x"), "error: int is no pointer");
    EXPECT_EQ(reader.text("*count"), "error: long int is no pointer");
    EXPECT_EQ(reader.text("item->numbers[9]"), "error: the array has 4 elements");
    EXPECT_EQ(reader.text("(struct nothing *)item"), "error: there is no type 'struct nothing'");
    EXPECT_EQ(reader.hint("(item *)count"), "did you mean 'struct item'?");
    EXPECT_EQ(reader.text("item * 2"), "error: '*' of struct item * and int has no meaning");
    EXPECT_EQ(reader.text("&count"), "error: 'count' is in no memory here, it has no address");
    EXPECT_EQ(reader.text("&item->a"), "error: 'a' is a bit-field, it has no address");
    EXPECT_EQ(reader.text("*item->opaque"), "error: void has no value");
    EXPECT_EQ(reader.text("item->value:mac"), "error: int cannot be shown as 'mac'");
    EXPECT_EQ(reader.text("1 / 0"), "error: division by zero");
    EXPECT_EQ(reader.text("list(item, next, value) + 1"),
              "error: list() gives many values, so it can only stand alone");
    EXPECT_EQ(reader.text("list(item, nxt, value)"), "error: struct item has no member 'nxt'");
    EXPECT_EQ(reader.text("list(item, value)"), "error: int is no pointer");
    EXPECT_EQ(reader.text("$retval"), "error: $retval is known at the function's exits only");
    EXPECT_EQ(reader.text("nobody::item"), "error: this is no code of nobody");
}

TEST_F(ValuesExpressionTest, packet_and_globals) {
    Reader reader = look();
    reader.state.skb = address_of(packet_);
    EXPECT_EQ(reader.text("$skb->len"), "84");
    reader.memory.put(SmallObject::get().address("global_number"), 3);
    reader.memory.put(SmallObject::get().address("declared_elsewhere"), 5);
    EXPECT_EQ(reader.text("global_number"), "3");
    EXPECT_EQ(reader.text("declared_elsewhere"), "5");
    reader.state.percpu = 0x1000;
    reader.memory.put(SmallObject::get().address("counters") + 0x1004, 42);
    EXPECT_EQ(reader.text("this_cpu(counters).y"), "42");
    EXPECT_EQ(reader.text("counters.y"), "error: 'y' has a copy for each CPU");
    reader.place = SmallObject::get().place("place_inner");
    EXPECT_EQ(reader.text("skb->len"), "84");
}

TEST_F(ValuesExpressionTest, automatic) {
    Reader reader = look();
    const auto values = reader.values({"@auto"});
    std::map<std::string, std::string> found;
    for (size_t i = 0; i < values.size(); i++) {
        EXPECT_TRUE(reader.items[i].is_auto);
        found[reader.items[i].text] = values[i].text;
    }
    EXPECT_EQ(found.at("count"), "20");
    EXPECT_TRUE(found.contains("item") && found.contains("skb") && found.contains("small"));
}

} // namespace

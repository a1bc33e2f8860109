// SPDX-License-Identifier: GPL-2.0-only
// What users and programs see of a drop, a loss, a summary: the exact text.
#include "render/clock_text.hpp"
#include "render/counter_view.hpp"
#include "render/json_renderer.hpp"
#include "render/packet_text.hpp"
#include "render/status_text.hpp"
#include "render/text_renderer.hpp"

#include "message_builder.hpp"
#include "nl/decode.hpp"
#include "util/output.hpp"
#include "util/parse.hpp"

#include <gtest/gtest.h>
#include <linux/droptrace.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <ctime>

namespace dropctl::render {
namespace {

/// Names of a kernel that has a single function.
class TestNames final : public Names {
  public:
    const Location &location(uint64_t address) override {
        ++lookups;
        place_ = {};
        place_.address = address;
        if (address == test::drop_location) {
            place_.symbol = "__udp4_lib_rcv";
            place_.offset = 0x9a2;
            place_.function = "__udp4_lib_rcv";
            place_.inlined = {"__udp4_lib_rcv"};
            place_.file = "net/ipv4/udp.c";
            place_.line = 2552;
        }
        return place_;
    }
    const Location &location(const std::string &symbol) override {
        place_ = {};
        place_.symbol = symbol;
        return place_;
    }
    std::string reason(uint32_t number) override {
        return number == 3 ? "NO_SOCKET" : "#" + std::to_string(number);
    }
    std::string filter(uint32_t id) override { return id == 7 ? "dns" : "#" + std::to_string(id); }
    std::string netns(uint32_t inode) override { return inode == 4026532201 ? "blue" : ""; }
    uint32_t own_netns() override { return 4026531840; }

    int lookups = 0;

  private:
    Location place_;
};

Event decoded(const test::Payload &payload) {
    Event event;
    EXPECT_TRUE(nl::decode::event(payload.bytes(), event));
    return event;
}

/// An event of which the module knew next to nothing.
Event bare() {
    Event event;
    event.time_ns = test::drop_time;
    event.len = 5;
    return event;
}

class Render : public testing::Test {
  protected:
    Render() {
        setenv("TZ", "UTC", 1);
        tzset();
    }

    std::string json(const Event &event, bool verbose = false) {
        JsonRenderer renderer(out_, names_, verbose);
        renderer.drop(event);
        renderer.idle();
        return taken();
    }
    std::string text(const Event &event, const TextOptions &options = {}) {
        TextRenderer renderer(out_, err_, names_, options);
        renderer.drop(event);
        return taken();
    }
    std::string taken() {
        std::string text = out_.buffer();
        out_.buffer().clear();
        return text;
    }

    util::Output out_;
    util::Output err_;
    TestNames names_;
};

TEST_F(Render, drop_as_json) {
    EXPECT_EQ(
        json(decoded(test::udp_event())),
        R"({"schema":1,"type":"drop","time_ns":1732275791204567890,"cpu":1,"filter":["dns"],)"
        R"("reason":"NO_SOCKET","location":{"symbol":"__udp4_lib_rcv","offset":2466,"module":null,)"
        R"("function":"__udp4_lib_rcv","inline":["__udp4_lib_rcv"],"file":"net/ipv4/udp.c",)"
        R"("line":2552,"address":"0xffffffff81a2b3c4"},"packet":{"dev":"eth0","ifindex":2,)"
        R"("netns":4026531840,"mark":0,"len":72,"l3":"ipv4","src":"10.0.0.7","dst":"10.0.0.9",)"
        R"("l4":"udp","sport":5353,"dport":53},"skb":"0xffff888003c0a100"})"
        "\n");
}

TEST_F(Render, unknown_values_are_null_or_numbers) {
    Event event = bare();
    event.reason = 4711;
    event.filters = {9};
    const auto drop = nlohmann::json::parse(json(event));
    EXPECT_EQ(drop["reason"], "#4711");
    EXPECT_EQ(drop["filter"][0], "#9");
    EXPECT_TRUE(drop["packet"]["dev"].is_null());
    EXPECT_TRUE(drop["packet"]["netns"].is_null());
    EXPECT_TRUE(drop["packet"]["l3"].is_null());
    EXPECT_FALSE(drop["packet"].contains("sport"));
    EXPECT_FALSE(drop.contains("skb") || drop.contains("pid") || drop.contains("stack"));
    EXPECT_TRUE(drop["location"]["symbol"].is_null());
    event.reason.reset();
    EXPECT_TRUE(nlohmann::json::parse(json(event))["reason"].is_null());
}

TEST_F(Render, everything_at_once_is_valid_json) {
    test::Payload all = test::udp_event();
    all.number(DROPTRACE_A_EVENT_PID, uint32_t{42})
        .text(DROPTRACE_A_EVENT_COMM, "a\"\\\x1b[31m\xff\xc3\xa4")
        .number(DROPTRACE_A_EVENT_VLAN_TPID, uint16_t{0x8100})
        .number(DROPTRACE_A_EVENT_VLAN_TCI, uint16_t{0x200c})
        .array(DROPTRACE_A_EVENT_STACK, std::vector<uint64_t>{test::drop_location, 5});
    const auto drop = nlohmann::json::parse(json(decoded(all), true));
    EXPECT_EQ(drop["comm"], "a\"\\\x1b[31m\xc3\xbf\xc3\xa4");
    EXPECT_EQ(drop["pid"], 42);
    EXPECT_EQ(drop["packet"]["vlan"], 12);
    EXPECT_EQ(drop["packet"]["bytes"].get<std::string>().substr(0, 8), "45000048");
    EXPECT_EQ(drop["packet"]["bytes"].get<std::string>().size(), 144U);
    ASSERT_EQ(drop["stack"].size(), 2U);
    EXPECT_EQ(drop["stack"][0]["line"], 2552);
    EXPECT_TRUE(drop["stack"][1]["symbol"].is_null());
}

TEST_F(Render, place_without_an_address_is_named_by_its_symbol) {
    Event event = bare();
    event.symbol = "tcp_v4_rcv+0x12/0x345";
    const auto drop = nlohmann::json::parse(json(event));
    EXPECT_EQ(drop["location"]["symbol"], "tcp_v4_rcv+0x12/0x345");
}

TEST_F(Render, a_place_is_looked_up_once) {
    JsonRenderer renderer(out_, names_, false);
    const Event event = decoded(test::udp_event());
    renderer.drop(event);
    renderer.drop(event);
    EXPECT_EQ(names_.lookups, 1);
}

TEST_F(Render, drop_as_text) {
    EXPECT_EQ(text(decoded(test::udp_event())),
              "11:43:11.204  NO_SOCKET      10.0.0.7.5353 > 10.0.0.9.53            udp      72  "
              "eth0   __udp4_lib_rcv        net/ipv4/udp.c:2552\n");
}

TEST_F(Render, text_without_knowledge) {
    EXPECT_EQ(text(bare()), "11:43:11.204  -              -                                       "
                            "         5  -      ?\n");
}

TEST_F(Render, narrow_terminal_takes_two_lines_of_at_most_its_width) {
    const std::string lines = text(decoded(test::udp_event()), {.columns = 80});
    EXPECT_EQ(lines,
              "11:43:11.204  NO_SOCKET      10.0.0.7.5353 > 10.0.0.9.53      udp      72  eth0\n"
              "              __udp4_lib_rcv        net/ipv4/udp.c:2552\n");
}

TEST_F(Render, details_go_behind_the_place_or_below_it) {
    Event event = decoded(test::udp_event());
    packet::Packet packet;
    packet.src = "10.0.0.1"; // without addresses, the info stands in their place
    packet.info = "flags S";
    DropText narrow(names_, {.columns = 80});
    EXPECT_NE(narrow.line(event, packet).find("udp.c:2552  flags S\n"), std::string::npos);
    packet.info = std::string(60, 'x');
    EXPECT_NE(narrow.line(event, packet).find("udp.c:2552\n              xxx"), std::string::npos);
}

TEST_F(Render, the_reason_that_says_nothing_is_a_dash) {
    EXPECT_EQ(reason_text("NOT_SPECIFIED"), "-");
    EXPECT_EQ(reason_text("NO_SOCKET"), "NO_SOCKET");
}

TEST_F(Render, columns_grow_and_stay) {
    DropText text(names_, {});
    Event event = decoded(test::udp_event());
    packet::Packet packet;
    packet.src = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff";
    packet.dst = "ff02::1";
    const std::string wide = text.line(event, packet);
    packet.src = "::1";
    const std::string after = text.line(event, packet);
    EXPECT_EQ(wide.find("eth0"), after.find("eth0"));
}

TEST_F(Render, text_of_others_cannot_control_the_terminal) {
    Event event = decoded(test::udp_event());
    event.dev = "e\x1b[2J";
    event.pid = 1;
    event.comm = "\r\n\x07";
    const std::string lines = text(event, {.verbose = true});
    EXPECT_EQ(lines.find('\x1b'), std::string::npos);
    EXPECT_EQ(lines.find('\r'), std::string::npos);
    EXPECT_NE(lines.find("e\\x1b[2J"), std::string::npos);
}

TEST_F(Render, device_of_another_namespace_is_told_with_it) {
    Event event = decoded(test::udp_event());
    event.netns = 4026532201;
    EXPECT_NE(text(event).find("eth0@blue "), std::string::npos);
    event.netns = 4026532999;
    EXPECT_NE(text(event).find("eth0@4026532999 "), std::string::npos);
}

TEST_F(Render, colour_only_when_asked) {
    EXPECT_EQ(text(decoded(test::udp_event())).find('\x1b'), std::string::npos);
    EXPECT_NE(text(decoded(test::udp_event()), {.colour = true}).find("\x1b[36mnet/ipv4"),
              std::string::npos);
}

TEST_F(Render, verbose_adds_stack_and_bytes) {
    Event event = decoded(test::udp_event());
    event.stack = {test::drop_location};
    const std::string lines = text(event, {.verbose = true});
    EXPECT_NE(lines.find("\n              cpu 1  filter dns  netns 4026531840"), std::string::npos);
    EXPECT_NE(lines.find("\n              __udp4_lib_rcv+0x9a2          net/ipv4/udp.c:2552\n"),
              std::string::npos);
    EXPECT_NE(
        lines.find(
            "\n              0000  4500 0048 1234 4000 4011 145f 0a00 0007  E..H.4@.@.._....\n"),
        std::string::npos);
}

TEST_F(Render, losses_are_told_at_once_in_both_forms) {
    Loss before;
    before.ring_full = 2;
    Loss now = before;
    now.ring_full = 5;
    now.rate_limited = 9;
    TextRenderer text(out_, err_, names_, {});
    text.loss(before, {});
    EXPECT_EQ(err_.buffer(), "lost 2 more: 2 lost (ring full 2)\n"
                             "hint: a larger --ring-size, or a filter that matches less\n");
    err_.buffer().clear();
    text.loss(now, before); // within the same second: told later, or by the summary
    EXPECT_EQ(err_.buffer(), "");
    EXPECT_EQ(taken(), "");
    JsonRenderer json(out_, names_, false);
    json.loss(now, before);
    EXPECT_EQ(taken(), R"({"schema":1,"type":"loss","lost":{"total":5,"ring_full":5,)"
                       R"("undelivered":0,"recursion":0},"rate_limited":9})"
                       "\n");
}

TEST_F(Render, summary_in_both_forms) {
    Summary summary;
    summary.events = 2;
    summary.seconds = 3.14;
    summary.complete = true;
    summary.end.cause = DROPTRACE_END_STOPPED;
    summary.end.produced = 2;
    summary.end.delivered = 2;
    EXPECT_EQ(summary_text(summary), "2 drops in 3.1 s, 0 lost");
    summary.events = 1;
    summary.end.loss.ring_full = 1234;
    summary.end.loss.undelivered = 1;
    summary.end.loss.rate_limited = 12;
    EXPECT_EQ(summary_text(summary),
              "1 drop in 3.1 s, 1 235 lost (ring full 1 234, undelivered 1), "
              "12 over the rate or count of their filter");
    JsonRenderer json(out_, names_, false);
    json.summary(summary);
    const auto object = nlohmann::json::parse(taken());
    EXPECT_EQ(object["type"], "summary");
    EXPECT_EQ(object["events"], 1);
    EXPECT_EQ(object["lost"]["total"], 1235);
    EXPECT_EQ(object["rate_limited"], 12);
    EXPECT_EQ(object["cause"], "stopped");
}

TEST(PacketText, tunnels_and_the_unaddressed) {
    packet::Packet packet;
    packet.l3 = "arp";
    packet.info = "who-has 10.0.0.1";
    EXPECT_EQ(addresses(packet), "arp who-has 10.0.0.1");
    EXPECT_EQ(details(packet), "");
    packet = {};
    packet.src = "10.0.0.1";
    packet.dst = "10.0.0.2";
    packet.l4 = "udp";
    packet.tunnel = "vxlan";
    packet.tunnel_id = 42;
    packet.inner = std::make_unique<packet::Packet>();
    packet.inner->src = "172.16.14.2";
    packet.inner->dst = "172.16.14.3";
    packet.inner->l4 = "icmp";
    packet.inner->info = "echo request";
    EXPECT_EQ(addresses(packet), "10.0.0.1 > 10.0.0.2");
    EXPECT_EQ(details(packet), "vxlan 42: 172.16.14.2 > 172.16.14.3 icmp echo request");
}

TEST(ClockText, formats) {
    ClockText delta(TimeFormat::Delta);
    EXPECT_EQ(delta.text(1'000'000'000), "   +0.000000");
    EXPECT_EQ(delta.text(3'500'000'000), "   +2.500000");
    EXPECT_EQ(delta.text(3'000'000'000), "   +0.000000"); // another CPU's, a little late
    EXPECT_EQ(delta.text(3'000'000'000).size(), delta.width());
    ClockText epoch(TimeFormat::Epoch);
    EXPECT_EQ(epoch.text(test::drop_time), "1732275791.204567890");
    EXPECT_EQ(duration_text(11'520'000'000'000), "3h12m");
    EXPECT_EQ(duration_text(1'540'000'000), "1.5s");
    EXPECT_EQ(grouped(1284033), "1 284 033");
    EXPECT_EQ(grouped(0), "0");
}

class Counters : public testing::Test {
  protected:
    static Counter counter(uint64_t packets, uint32_t ifindex) {
        Counter counter;
        counter.location = test::drop_location;
        counter.reason = 3;
        counter.netns = 4026531840;
        counter.ifindex = ifindex;
        counter.dev = "eth" + std::to_string(ifindex);
        counter.protocol = 0x0800;
        counter.packets = packets;
        counter.bytes = packets * 10;
        return counter;
    }

    TestNames names_;
};

TEST_F(Counters, rates_are_those_since_the_last_refresh) {
    CounterView view(names_, TopSort::Rate);
    auto first =
        view.rows({.counters = {counter(10, 1)}, .since_ns = 5'000'000'000, .seconds = 100});
    EXPECT_DOUBLE_EQ(first.rows[0].rate, 2);
    auto second = view.rows(
        {.counters = {counter(20, 1), counter(100, 2)}, .since_ns = 7'000'000'000, .seconds = 102});
    EXPECT_EQ(second.rows[0].dev, "eth2");
    EXPECT_DOUBLE_EQ(second.rows[0].rate, 50);
    EXPECT_DOUBLE_EQ(second.rows[1].rate, 5);
    EXPECT_EQ(second.packets, 120U);
}

TEST_F(Counters, table_fits_the_terminal) {
    CounterView view(names_, TopSort::Total);
    Counter overflow;
    overflow.overflow = true;
    overflow.packets = 1;
    const auto rows = view.rows(
        {.counters = {counter(910112, 1), overflow}, .since_ns = 1'000'000'000, .seconds = 1});
    const auto wide = CounterView::lines(rows, {.columns = 0, .rows = 0}, false);
    ASSERT_EQ(wide.size(), 4U);
    EXPECT_EQ(wide[0], "droptrace  counting for 1.0s   910 113 drops   910113/s   2 rows");
    EXPECT_EQ(wide[1],
              "    RATE    TOTAL  REASON     FUNCTION                     LINE               "
              "  DEV   PROTO");
    EXPECT_EQ(wide[2], "910112/s  910 112  NO_SOCKET  __udp4_lib_rcv               "
                       "net/ipv4/udp.c:2552  eth1  ipv4");
    EXPECT_NE(wide[3].find("(others: the table is full)"), std::string::npos);
    for (const std::string &line : CounterView::lines(rows, {.columns = 80, .rows = 3}, false)) {
        EXPECT_LE(util::display_width(line), 80U) << line;
    }
    EXPECT_EQ(CounterView::lines(rows, {.columns = 80, .rows = 3}, false).size(), 3U);
}

TEST_F(Counters, rows_as_json) {
    CounterView view(names_, TopSort::Total);
    Counter overflow;
    overflow.overflow = true;
    const auto rows =
        view.rows({.counters = {counter(4, 1), overflow}, .since_ns = 2'000'000'000, .seconds = 1});
    util::Writer out;
    view.append_json(out, rows, 1);
    const auto row = nlohmann::json::parse(out.view());
    EXPECT_EQ(row["type"], "counter");
    EXPECT_EQ(row["location"]["line"], 2552);
    EXPECT_EQ(row["protocol"], "ipv4");
    EXPECT_EQ(row["packets"], 4);
    EXPECT_EQ(row["bytes"], 40);
    EXPECT_DOUBLE_EQ(row["rate"].get<double>(), 2.0);
    out.clear();
    view.append_json(out, rows, 0);
    const std::string both(out.view());
    const auto second = nlohmann::json::parse(both.substr(both.find('\n') + 1));
    EXPECT_TRUE(second["overflow"].get<bool>());
    EXPECT_TRUE(second["location"].is_null());
}

TEST(StatusText, both_forms) {
    Report report;
    report.kernel = "6.1.0";
    report.status.module_version = "0.1.0";
    report.status.abi = 1;
    report.status.uptime_ns = 65'000'000'000;
    report.status.probe_armed = true;
    report.status.produced = 1284033;
    report.status.loss.ring_full = 3;
    Session session;
    session.id = 4;
    session.pid = 4242;
    session.comm = "dropctl";
    session.streaming = true;
    session.ring_size = 2 << 20;
    session.filters = {1, 2};
    report.sessions = {session};
    const std::string text = status_text(report);
    EXPECT_NE(text.find("droptrace 0.1.0 on 6.1.0, up 1m5s\n"), std::string::npos);
    EXPECT_NE(text.find("  events     1 284 033 produced, 0 delivered, 3 lost\n"),
              std::string::npos);
    EXPECT_NE(text.find("      4  4242  dropctl  streaming  2M    1,2"), std::string::npos);
    util::Writer out;
    append_json(out, report);
    const auto object = nlohmann::json::parse(out.view());
    EXPECT_EQ(object["type"], "status");
    EXPECT_TRUE(object["loaded"].get<bool>());
    EXPECT_EQ(object["lost"]["total"], 3);
    EXPECT_EQ(object["sessions"][0]["filters"], nlohmann::json({1, 2}));
}

TEST(Parse, durations_and_sizes) {
    EXPECT_EQ(util::parse_duration("1.5"), 1.5);
    EXPECT_EQ(util::parse_duration("500ms"), 0.5);
    EXPECT_EQ(util::parse_duration("2m"), 120.0);
    for (const char *bad : {"", "-1", "inf", "nan", "1x", "s", "1 s"}) {
        EXPECT_FALSE(util::parse_duration(bad)) << bad;
    }
    EXPECT_EQ(util::parse_size("64K"), 65536U);
    EXPECT_EQ(util::parse_size("2MiB"), 2097152U);
    EXPECT_EQ(util::parse_size("12"), 12U);
    for (const char *bad : {"", "K", "-1", "1T", "99999999999999999999", "1iB", "1 K"}) {
        EXPECT_FALSE(util::parse_size(bad)) << bad;
    }
    EXPECT_EQ(util::parse_number("0x10"), 16U);
    EXPECT_FALSE(util::parse_number("1a"));
}

TEST(Writer, numbers_of_every_length) {
    util::Writer out(1); // so that it has to grow
    std::string expected;
    uint64_t value = 0;
    for (int digits = 0; digits < 20; ++digits) {
        out.add(util::Decimal{value}, ' ', util::Hex{value}, ' ');
        char text[64];
        std::snprintf(text, sizeof(text), "%lu %lx ", static_cast<unsigned long>(value),
                      static_cast<unsigned long>(value));
        expected += text;
        value = (value * 10) + 9;
    }
    EXPECT_EQ(out.view(), expected);
    out.clear();
    std::string text;
    for (size_t size = 0; size < 40; ++size) {
        const std::string piece(size, static_cast<char>('a' + size % 26));
        out.text(piece);
        text += piece;
    }
    EXPECT_EQ(out.view(), text);
}

} // namespace
} // namespace dropctl::render

// SPDX-License-Identifier: GPL-2.0-only
// Bytes to model values: whole messages, and whatever else may come.
#include "nl/decode.hpp"

#include "message_builder.hpp"
#include "nl/counter_table.hpp"
#include "nl/messages.hpp"
#include "nl/stream_reader.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <random>

namespace dropctl::nl {
namespace {

using test::Payload;

struct Recorder : Stream {
    bool event(const Event &event) override {
        events.push_back(event);
        return events.size() != limit;
    }
    void loss(const Loss &loss) override { losses.push_back(loss); }
    void end(const SessionEnd &end) override { ends.push_back(end); }
    void idle() override {}

    std::vector<Event> events;
    std::vector<Loss> losses;
    std::vector<SessionEnd> ends;
    size_t limit = 0;
};

TEST(Decode, event_with_all_the_usual_attributes) {
    Event event;
    ASSERT_TRUE(decode::event(test::udp_event().bytes(), event));
    EXPECT_EQ(event.time_ns, test::drop_time);
    EXPECT_EQ(event.cpu, 1U);
    EXPECT_EQ(event.skb, 0xffff888003c0a100U);
    EXPECT_EQ(event.reason, 3U);
    EXPECT_EQ(event.location, test::drop_location);
    EXPECT_EQ(event.filters, std::vector<uint32_t>{7});
    EXPECT_EQ(event.dev, "eth0");
    EXPECT_EQ(event.ifindex, 2U);
    EXPECT_EQ(event.netns, 4026531840U);
    EXPECT_EQ(event.len, 72U);
    EXPECT_EQ(event.l3_protocol, 0x800);
    EXPECT_EQ(event.l3_offset, 0);
    EXPECT_EQ(event.l4_offset, 20);
    EXPECT_EQ(event.packet, test::udp_packet());
    EXPECT_FALSE(event.pid);
}

TEST(Decode, event_is_wiped_before_it_is_used_again) {
    Event event;
    Payload all = test::udp_event();
    all.number(DROPTRACE_A_EVENT_PID, uint32_t{42})
        .text(DROPTRACE_A_EVENT_COMM, "ping")
        .array(DROPTRACE_A_EVENT_STACK, std::vector<uint64_t>{1, 2, 3})
        .text(DROPTRACE_A_EVENT_SYMBOL, "f+0x1/0x2")
        .number(DROPTRACE_A_EVENT_MARK, uint32_t{5})
        .number(DROPTRACE_A_EVENT_VLAN_TPID, uint16_t{0x8100})
        .number(DROPTRACE_A_EVENT_VLAN_TCI, uint16_t{12});
    ASSERT_TRUE(decode::event(all.bytes(), event));
    EXPECT_EQ(event.stack, (std::vector<uint64_t>{1, 2, 3}));
    EXPECT_EQ(event.comm, "ping");
    EXPECT_EQ(event.vlan_tci, 12);
    Payload bare;
    bare.number(DROPTRACE_A_EVENT_CPU, uint32_t{0}).number(DROPTRACE_A_EVENT_TIME_NS, uint64_t{1});
    ASSERT_TRUE(decode::event(bare.bytes(), event));
    EXPECT_FALSE(event.reason || event.pid || event.l3_offset || event.l4_offset);
    EXPECT_TRUE(event.stack.empty() && event.packet.empty() && event.filters.empty());
    EXPECT_TRUE(event.dev.empty() && event.comm.empty() && event.symbol.empty());
    EXPECT_EQ(event.location + event.mark + event.vlan_tpid + event.len + event.skb, 0U);
}

TEST(Decode, event_without_a_mandatory_attribute_is_an_error) {
    Event event;
    Payload no_cpu;
    no_cpu.number(DROPTRACE_A_EVENT_TIME_NS, uint64_t{1});
    EXPECT_FALSE(decode::event(no_cpu.bytes(), event));
    Payload no_time;
    no_time.number(DROPTRACE_A_EVENT_CPU, uint32_t{1});
    EXPECT_FALSE(decode::event(no_time.bytes(), event));
    EXPECT_FALSE(decode::event({}, event));
}

TEST(Decode, unknown_attributes_are_skipped_and_short_ones_are_errors) {
    Event event;
    Payload later = test::udp_event();
    later.number(uint16_t{999}, uint64_t{1});
    EXPECT_TRUE(decode::event(later.bytes(), event));
    Payload brief = test::udp_event();
    brief.number(DROPTRACE_A_EVENT_SKB, uint32_t{1});
    EXPECT_FALSE(decode::event(brief.bytes(), event));
    Payload odd = test::udp_event();
    odd.raw(DROPTRACE_A_EVENT_STACK, "1234567", 7);
    EXPECT_FALSE(decode::event(odd.bytes(), event));
}

TEST(Decode, every_truncation_is_an_error_or_a_shorter_event) {
    const std::vector<uint8_t> whole = test::udp_event().bytes();
    Event event;
    for (size_t size = 0; size < whole.size(); ++size) {
        // A copy of just this size, so that the sanitizer sees a read behind its end.
        const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<long>(size));
        if (decode::event(cut, event)) {
            EXPECT_EQ(event.time_ns, test::drop_time) << size;
        }
    }
}

TEST(Decode, string_without_an_end) {
    Payload payload;
    payload.number(DROPTRACE_A_EVENT_CPU, uint32_t{0})
        .number(DROPTRACE_A_EVENT_TIME_NS, uint64_t{1})
        .raw(DROPTRACE_A_EVENT_DEV, "abcd", 4)
        .raw(DROPTRACE_A_EVENT_COMM, "", 0);
    Event event;
    ASSERT_TRUE(decode::event(payload.bytes(), event));
    EXPECT_EQ(event.dev, "abcd");
    EXPECT_EQ(event.comm, "");
}

TEST(Decode, status_filter_session_counter) {
    Payload lost;
    lost.number(DROPTRACE_A_LOSS_RING_FULL, uint64_t{4})
        .number(DROPTRACE_A_LOSS_RATE_LIMITED, uint64_t{9});
    Payload state;
    state.text(DROPTRACE_A_STATUS_MODULE_VERSION, "0.1")
        .number(DROPTRACE_A_STATUS_ABI, uint32_t{1})
        .number(DROPTRACE_A_STATUS_FEATURES, uint32_t{5})
        .number(DROPTRACE_A_STATUS_PROBE_ARMED, uint8_t{1})
        .nest(DROPTRACE_A_STATUS_LOSS, lost);
    Status status;
    ASSERT_TRUE(decode::status(state.bytes(), status));
    EXPECT_EQ(status.module_version, "0.1");
    EXPECT_TRUE(status.has_reason && status.sees_addresses && status.probe_armed);
    EXPECT_FALSE(status.has_rx_sk || status.counting);
    EXPECT_EQ(status.loss.ring_full, 4U);
    EXPECT_EQ(status.loss.total(), 4U);
    EXPECT_FALSE(decode::status({}, status));

    Payload rule;
    rule.number(DROPTRACE_A_FILTER_ID, uint32_t{3})
        .text(DROPTRACE_A_FILTER_NAME, "dns")
        .flag(DROPTRACE_A_FILTER_EXCLUDE)
        .number(DROPTRACE_A_FILTER_SNAPLEN, uint32_t{0});
    Filter filter;
    ASSERT_TRUE(decode::filter(rule.bytes(), filter));
    EXPECT_EQ(filter.name, "dns");
    EXPECT_TRUE(filter.exclude);
    EXPECT_FALSE(filter.owned);
    EXPECT_EQ(filter.snaplen, 0U);

    Payload owner;
    owner.number(DROPTRACE_A_SESSION_ID, uint32_t{8}).nest(DROPTRACE_A_SESSION_LOSS, lost);
    Session session;
    ASSERT_TRUE(decode::session(owner.bytes(), session));
    EXPECT_EQ(session.loss.rate_limited, 9U);
}

TEST(Decode, counters_of_all_cpus_are_added_up) {
    CounterTable table;
    Counter counter;
    counter.location = 1;
    counter.packets = 2;
    counter.bytes = 20;
    table.add(counter);
    counter.dev = "eth0";
    table.add(counter);
    counter.reason = 0;
    table.add(counter);
    const auto rows = table.rows();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].packets, 4U);
    EXPECT_EQ(rows[0].bytes, 40U);
    EXPECT_EQ(rows[0].dev, "eth0");
    EXPECT_EQ(rows[1].reason, 0U);
}

TEST(Stream, session_messages_are_handed_over_in_order) {
    Payload lost;
    lost.number(DROPTRACE_A_LOSS_RING_FULL, uint64_t{4});
    Payload drops;
    drops.number(DROPTRACE_A_SESSION_ID, uint32_t{5})
        .nest(DROPTRACE_A_SESSION_LOSS, lost)
        .nest(DROPTRACE_A_SESSION_EVENT, test::udp_event())
        .nest(DROPTRACE_A_SESSION_EVENT, Payload{})
        .nest(DROPTRACE_A_SESSION_EVENT, test::udp_event());
    Payload totals;
    totals.number(DROPTRACE_A_SESSION_ID, uint32_t{5})
        .number(DROPTRACE_A_SESSION_END_CAUSE, uint32_t{DROPTRACE_END_STOPPED})
        .number(DROPTRACE_A_SESSION_PRODUCED, uint64_t{7})
        .number(DROPTRACE_A_SESSION_DELIVERED, uint64_t{3})
        .nest(DROPTRACE_A_SESSION_LOSS, lost);
    StreamReader reader;
    Recorder stream;
    reader.begin(5);
    EXPECT_EQ(reader.read(test::message(DROPTRACE_CMD_SESSION_NTF, drops), stream),
              StreamReader::State::GoOn);
    EXPECT_EQ(stream.events.size(), 2U);
    EXPECT_EQ(reader.decode_errors(), 1U);
    ASSERT_EQ(stream.losses.size(), 1U);
    EXPECT_EQ(stream.losses[0].ring_full, 4U);
    EXPECT_EQ(reader.read(test::message(DROPTRACE_CMD_SESSION_END_NTF, totals), stream),
              StreamReader::State::Ended);
    ASSERT_EQ(stream.ends.size(), 1U);
    EXPECT_EQ(stream.ends[0].produced, 7U);
    EXPECT_EQ(stream.ends[0].cause, uint32_t{DROPTRACE_END_STOPPED});
}

TEST(Stream, other_sessions_and_replies_are_skipped) {
    Payload drops;
    drops.number(DROPTRACE_A_SESSION_ID, uint32_t{5})
        .nest(DROPTRACE_A_SESSION_EVENT, test::udp_event());
    StreamReader reader;
    Recorder stream;
    reader.begin(6);
    reader.read(test::message(DROPTRACE_CMD_SESSION_NTF, drops), stream);
    reader.begin(5);
    reader.read(test::message(DROPTRACE_CMD_SESSION_NTF, drops, 99), stream);
    EXPECT_TRUE(stream.events.empty());
    reader.read(test::message(DROPTRACE_CMD_SESSION_NTF, drops), stream);
    EXPECT_EQ(stream.events.size(), 1U);
}

TEST(Stream, stops_where_the_reader_has_enough) {
    Payload drops;
    drops.number(DROPTRACE_A_SESSION_ID, uint32_t{5})
        .nest(DROPTRACE_A_SESSION_EVENT, test::udp_event())
        .nest(DROPTRACE_A_SESSION_EVENT, test::udp_event());
    StreamReader reader;
    Recorder stream;
    stream.limit = 1;
    reader.begin(5);
    EXPECT_EQ(reader.read(test::message(DROPTRACE_CMD_SESSION_NTF, drops), stream),
              StreamReader::State::Enough);
    EXPECT_EQ(stream.events.size(), 1U);
}

TEST(Answer, extack_with_and_without_the_request_behind_it) {
    for (const bool capped : {true, false}) {
        nlmsgerr error{.error = -EEXIST, .msg = {}};
        error.msg.nlmsg_len = NLMSG_HDRLEN + 8;
        std::vector<uint8_t> payload(sizeof(error));
        std::memcpy(payload.data(), &error, sizeof(error));
        if (!capped) {
            payload.resize(payload.size() + 8);
        }
        Payload extack;
        extack.text(NLMSGERR_ATTR_MSG, "there is such a filter")
            .number(NLMSGERR_ATTR_OFFS, uint32_t{20});
        payload.insert(payload.end(), extack.bytes().begin(), extack.bytes().end());
        Message message;
        message.header.nlmsg_flags =
            static_cast<uint16_t>(NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0));
        message.payload = payload;
        const Answer answer = read_answer(message);
        EXPECT_EQ(answer.error, EEXIST);
        EXPECT_EQ(answer.text, "there is such a filter");
        EXPECT_EQ(answer.offset, 20U);
    }
}

/// Bytes changed, cut and put together at random: no read outside (the sanitizer
/// tells), no endless loop.
TEST(Fuzz, mutated_messages) {
    Payload drops;
    drops.number(DROPTRACE_A_SESSION_ID, uint32_t{5});
    for (int count = 0; count < 3; ++count) {
        drops.nest(DROPTRACE_A_SESSION_EVENT, test::udp_event());
    }
    const auto seed = test::message(DROPTRACE_CMD_SESSION_NTF, drops);
    std::mt19937 random(20241122); // always the same, so that a failure comes again
    Recorder stream;
    StreamReader reader;
    reader.begin(5);
    for (int round = 0; round < 20000; ++round) {
        std::vector<uint8_t> bytes = seed;
        for (unsigned change = random() % 8; change > 0; --change) {
            bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
        }
        bytes.resize(random() % 4 == 0 ? random() % bytes.size() : bytes.size());
        reader.read(bytes, stream);
        stream.events.clear();
        Filter filter;
        Session session;
        Status status;
        Counter counter;
        uint64_t since = 0;
        decode::filter(bytes, filter);
        decode::session(bytes, session);
        decode::status(bytes, status);
        decode::counter(bytes, counter, since);
        Messages messages(bytes);
        Message message;
        while (messages.next(message)) {
            read_answer(message);
            read_done(message);
        }
    }
}

} // namespace
} // namespace dropctl::nl

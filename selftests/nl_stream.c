// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a session is shown: which drops, chosen by filters that come, go, exclude
 * and run out; and what is said of each.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "progs.h"
#include "traffic.h"

static const struct sock_filter of_ours[] = LOAD_EQUALS(LD_PROTOCOL, TRAFFIC_TYPE);
static const struct sock_filter of_others[] = LOAD_EQUALS(LD_PROTOCOL, TRAFFIC_TYPE_OTHER);
#define OURS	.prog = of_ours
#define OTHERS	.prog = of_others

FIXTURE(stream)
{
	struct client client;
	__u32 netns;
	int fd;
	__u32 features;
};

FIXTURE_SETUP(stream)
{
	struct status status;

	self->netns = net_isolate();
	client_open(&self->client);
	ASSERT_TRUE(client_await_idle(&self->client));
	client_keep(&self->client, 400);
	client_status(&self->client, &status);
	self->features = status.features;
	self->fd = packet_open("lo");
	cpu_pin(1 % cpus_online());
}

FIXTURE_TEARDOWN(stream)
{
	struct client watcher;

	client_filter_del_all(&self->client);
	client_close(&self->client);
	client_open(&watcher);
	EXPECT_TRUE(client_await_idle(&watcher));
	client_close(&watcher);
	close(self->fd);
}

static void drop(int fd, __u16 type, unsigned int count)
{
	traffic_drop(fd, type, count, NULL);
}

/* Events of a protocol among those kept. */
static unsigned int kept(const struct client *client, __u16 type)
{
	unsigned int nr = 0;
	size_t i;

	for (i = 0; i < client->nr_kept; i++)
		nr += client->kept[i].l3_protocol == type;
	return nr;
}

static bool finish(struct client *client)
{
	return !client_stop(client) && client_await_end(client) &&
	       stream_adds_up(&client->stream);
}

/* --- what is said of a drop --- */

static __u64 real_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* The function that holds an address, as /proc/kallsyms has it. */
static void symbol_of(__u64 address, char *name, size_t size)
{
	FILE *kallsyms = fopen("/proc/kallsyms", "r");
	unsigned long long start, best = 0;
	char line[512], found[256];

	name[0] = '\0';
	while (kallsyms && fgets(line, sizeof(line), kallsyms)) {
		if (sscanf(line, "%llx %*c %255s", &start, found) == 2 && start <= address &&
		    start > best) {
			best = start;
			snprintf(name, size, "%s", found);
		}
	}
	if (kallsyms)
		fclose(kallsyms);
}

TEST_F(stream, event_says_what_there_is_to_say)
{
	struct event *event = self->client.kept;
	__u64 before = real_ns();
	struct traffic_payload payload = { .marker = TRAFFIC_MARKER };
	__u32 id, number = 1000;
	char name[256];

	memcpy(payload.number, &number, sizeof(number));
	id = filter_add(&self->client, OURS, .netns = self->netns, .owned = true);
	ASSERT_LT(0, session_start(&self->client, .filters = &id, .nr_filters = 1,
				   .stack_depth = 64));
	traffic_drop(self->fd, TRAFFIC_TYPE, 1, &number);
	ASSERT_TRUE(client_await_events(&self->client, 1));

	EXPECT_FALSE(event->malformed);
	EXPECT_LE(before, event->time_ns);
	EXPECT_GE(real_ns(), event->time_ns);
	EXPECT_EQ(1 % cpus_online(), event->cpu);
	EXPECT_EQ(TRAFFIC_TYPE, event->protocol);
	EXPECT_EQ(TRAFFIC_TYPE, event->l3_protocol);
	EXPECT_EQ(sizeof(payload), event->len);
	EXPECT_EQ(1, event->ifindex);
	EXPECT_STREQ("lo", event->dev);
	EXPECT_EQ(self->netns, event->netns);
	EXPECT_EQ(0, event->pkt_type);		/* PACKET_HOST */
	EXPECT_EQ(1, event->nr_filters);
	EXPECT_EQ(id, event->filters[0]);
	EXPECT_EQ(14, event->l3_offset);
	EXPECT_EQ(TRAFFIC_FRAME_LEN, event->packet_len);
	EXPECT_EQ(0, memcmp(event->packet + 14, &payload, sizeof(payload)));
	EXPECT_EQ(htons(TRAFFIC_TYPE), *(__u16 *)(event->packet + 12));

	EXPECT_EQ(!!(self->features & DROPTRACE_FEATURE_REASON),
		  event_has(event, DROPTRACE_A_EVENT_REASON));
	if (self->features & DROPTRACE_FEATURE_REASON)
		EXPECT_LT(0, event->reason);
	/* in softirq no task is to blame */
	EXPECT_FALSE(event_has(event, DROPTRACE_A_EVENT_PID));
	EXPECT_FALSE(event_has(event, DROPTRACE_A_EVENT_COMM));
	/* absent where there is nothing */
	EXPECT_FALSE(event_has(event, DROPTRACE_A_EVENT_MARK));
	EXPECT_FALSE(event_has(event, DROPTRACE_A_EVENT_VLAN_TPID));
	EXPECT_FALSE(event_has(event, DROPTRACE_A_EVENT_VLAN_TCI));

	ASSERT_TRUE(self->features & DROPTRACE_FEATURE_ADDRESSES);
	EXPECT_FALSE(event_has(event, DROPTRACE_A_EVENT_SYMBOL));
	EXPECT_LE(0xff00000000000000ULL, event->skb);
	symbol_of(event->location - 1, name, sizeof(name));
	EXPECT_EQ(0, strncmp(name, "__netif_receive_skb_core", 24))
		TH_LOG("freed in %s", name);
	ASSERT_LT(4, event->nr_stack);
	EXPECT_EQ(event->location, event->stack[0]);
	symbol_of(event->stack[1] - 1, name, sizeof(name));
	EXPECT_EQ(0, strncmp(name, "__netif_receive_skb", 19))
		TH_LOG("called from %s", name);
}

TEST_F(stream, stack_is_as_deep_as_asked_or_absent)
{
	__u32 id = filter_add(&self->client, OURS, .owned = true);
	struct session session = { .filters = &id, .nr_filters = 1, .stack_depth = 3 };

	ASSERT_LT(0, client_start(&self->client, &session));
	drop(self->fd, TRAFFIC_TYPE, 1);
	ASSERT_TRUE(client_await_events(&self->client, 1));
	EXPECT_EQ(3, self->client.kept[0].nr_stack);
	ASSERT_TRUE(finish(&self->client));

	session.stack_depth = 0;
	ASSERT_LT(0, client_start(&self->client, &session));
	drop(self->fd, TRAFFIC_TYPE, 1);
	ASSERT_TRUE(client_await_events(&self->client, 1));
	EXPECT_FALSE(event_has(&self->client.kept[0], DROPTRACE_A_EVENT_STACK));
}

/* Closed by this process, in its own context: a buffer of no network at all. */
TEST_F(stream, drop_in_a_task_names_it_and_has_no_headers)
{
	static const char bytes[] = "unix, not a packet";
	struct event *event = NULL;
	size_t i;

	ASSERT_LT(0, session_start(&self->client, .stack_depth = 8));
	traffic_drop_unix(bytes, sizeof(bytes));
	drop(self->fd, TRAFFIC_TYPE, 1);
	ASSERT_TRUE(finish(&self->client));
	for (i = 0; i < self->client.nr_kept; i++)
		if (event_contains(&self->client.kept[i], bytes, sizeof(bytes)))
			event = &self->client.kept[i];
	ASSERT_NE(NULL, event);
	EXPECT_FALSE(event->malformed);
	EXPECT_EQ(getpid(), event->pid);
	EXPECT_STREQ("nl_stream", event->comm);
	EXPECT_FALSE(event_has(event, DROPTRACE_A_EVENT_L3_OFFSET));
	EXPECT_FALSE(event_has(event, DROPTRACE_A_EVENT_L3_PROTOCOL));
	EXPECT_FALSE(event_has(event, DROPTRACE_A_EVENT_IFINDEX));
	EXPECT_EQ(0, event->protocol);
	EXPECT_EQ(sizeof(bytes), event->len);
}

TEST_F(stream, snaplen_is_the_most_that_a_matching_filter_asks_for)
{
	static const struct { int session, a, b; unsigned int kept; } cases[] = {
		{ 20, -1, -1, 20 },
		{ 0, -1, -1, 0 },
		{ 20, 5, -1, 5 },
		{ 5, 20, -1, 20 },
		{ 5, 0, -1, 0 },
		{ 5, 7, 30, 30 },
		{ 5, 30, 7, 30 },
		{ 3072, -1, -1, TRAFFIC_FRAME_LEN },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct filter a = { OURS, .owned = true, .has_snaplen = cases[i].a >= 0,
				    .snaplen = cases[i].a };
		struct filter b = { OURS, .owned = true, .has_snaplen = cases[i].b >= 0,
				    .snaplen = cases[i].b };

		client_filter_add(&self->client, &a);
		client_filter_add(&self->client, &b);
		ASSERT_LT(0, session_start(&self->client, .has_snaplen = true,
					   .snaplen = cases[i].session));
		drop(self->fd, TRAFFIC_TYPE, 1);
		ASSERT_TRUE(finish(&self->client));
		EXPECT_EQ(2, self->client.kept[0].nr_filters);
		EXPECT_EQ(cases[i].kept, self->client.kept[0].packet_len)
			TH_LOG("case %u", i);
		EXPECT_EQ(!!cases[i].kept,
			  event_has(&self->client.kept[0], DROPTRACE_A_EVENT_PACKET));
		client_filter_del_all(&self->client);
	}
}

/* The most of everything at once, of a packet whose bytes lie in page fragments. */
TEST_F(stream, event_of_the_largest_size_is_whole)
{
	static __u8 frame[6000];
	struct event *event = self->client.kept;
	size_t i;

	for (i = 14; i < sizeof(frame); i++)
		frame[i] = i * 7 + i / 251;
	frame[12] = TRAFFIC_TYPE >> 8;
	frame[13] = TRAFFIC_TYPE & 0xff;
	for (i = 0; i < DROPTRACE_FILTERS_MAX; i++)
		ASSERT_LT(0, filter_add(&self->client, OURS, .has_snaplen = true,
					.snaplen = DROPTRACE_SNAPLEN_MAX));
	ASSERT_LT(0, session_start(&self->client, .ring_size = DROPTRACE_RING_MIN,
				   .stack_depth = DROPTRACE_STACK_MAX));
	for (i = 0; i < 3; i++)
		packet_send(self->fd, frame, sizeof(frame));
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(3, self->client.stream.events);
	for (i = 0; i < 3; i++, event++) {
		EXPECT_FALSE(event->malformed);
		EXPECT_EQ(DROPTRACE_FILTERS_MAX, event->nr_filters);
		EXPECT_LT(4, event->nr_stack);
		EXPECT_EQ(sizeof(frame) - 14, event->len);
		EXPECT_EQ(DROPTRACE_SNAPLEN_MAX, event->packet_len);
		EXPECT_EQ(0, memcmp(frame, event->packet, DROPTRACE_SNAPLEN_MAX));
	}
}

/* --- which drops --- */

TEST_F(stream, everything_without_a_filter)
{
	ASSERT_LT(0, session_start(&self->client));
	drop(self->fd, TRAFFIC_TYPE, 2);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 3);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(2, kept(&self->client, TRAFFIC_TYPE));
	EXPECT_EQ(3, kept(&self->client, TRAFFIC_TYPE_OTHER));
	EXPECT_EQ(0, self->client.kept[0].nr_filters);
}

TEST_F(stream, filters_that_come_and_go_take_effect_at_once)
{
	int id;

	ASSERT_LT(0, session_start(&self->client));
	id = filter_add(&self->client, OURS);
	drop(self->fd, TRAFFIC_TYPE, 2);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 3);
	filter_add(&self->client, OTHERS, .owned = true);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 5);
	EXPECT_EQ(0, client_filter_del(&self->client, id));
	drop(self->fd, TRAFFIC_TYPE, 7);
	client_filter_del_all(&self->client);
	drop(self->fd, TRAFFIC_TYPE, 11);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(2 + 11, kept(&self->client, TRAFFIC_TYPE));
	EXPECT_EQ(5, kept(&self->client, TRAFFIC_TYPE_OTHER));
}

TEST_F(stream, nothing_once_the_filters_it_named_are_gone)
{
	__u32 id = filter_add(&self->client, OURS);

	filter_add(&self->client, OTHERS);
	ASSERT_LT(0, session_start(&self->client, .filters = &id, .nr_filters = 1));
	drop(self->fd, TRAFFIC_TYPE, 2);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 3);
	client_filter_del(&self->client, id);
	drop(self->fd, TRAFFIC_TYPE, 5);
	filter_add(&self->client, OURS);
	drop(self->fd, TRAFFIC_TYPE, 7);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(2, self->client.stream.events);
}

TEST_F(stream, named_and_all_filters_are_told_apart)
{
	__u32 id;
	struct event *event = self->client.kept;

	filter_add(&self->client, OURS);
	id = filter_add(&self->client, .netns = self->netns);
	ASSERT_LT(0, session_start(&self->client, .filters = &id, .nr_filters = 1));
	drop(self->fd, TRAFFIC_TYPE, 1);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(1, event->nr_filters);
	EXPECT_EQ(id, event->filters[0]);

	ASSERT_LT(0, session_start(&self->client));
	drop(self->fd, TRAFFIC_TYPE, 1);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(2, event->nr_filters);
}

TEST_F(stream, excluding_filter_beats_all_others)
{
	filter_add(&self->client, .netns = self->netns);
	filter_add(&self->client, OURS, .exclude = true);
	ASSERT_LT(0, session_start(&self->client));
	drop(self->fd, TRAFFIC_TYPE, 2);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 3);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(0, kept(&self->client, TRAFFIC_TYPE));
	EXPECT_EQ(3, self->client.stream.produced);
}

TEST_F(stream, excluding_filter_alone_leaves_everything_else)
{
	filter_add(&self->client, OURS, .exclude = true);
	ASSERT_LT(0, session_start(&self->client));
	drop(self->fd, TRAFFIC_TYPE, 2);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 3);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(0, kept(&self->client, TRAFFIC_TYPE));
	EXPECT_EQ(3, kept(&self->client, TRAFFIC_TYPE_OTHER));
}

/* Also from a session that has named its filters. */
TEST_F(stream, excluding_filter_applies_to_named_ones)
{
	__u32 id = filter_add(&self->client, .netns = self->netns);

	ASSERT_LT(0, session_start(&self->client, .filters = &id, .nr_filters = 1));
	drop(self->fd, TRAFFIC_TYPE, 1);
	filter_add(&self->client, OURS, .exclude = true);
	drop(self->fd, TRAFFIC_TYPE, 2);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 3);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(1, kept(&self->client, TRAFFIC_TYPE));
	EXPECT_EQ(4, self->client.stream.produced);
}

TEST_F(stream, owned_filters_of_another_socket_are_not_its_own)
{
	struct client other;

	client_open(&other);
	ASSERT_LT(0, filter_add(&other, OURS, .owned = true));
	ASSERT_LT(0, filter_add(&other, OTHERS, .exclude = true, .owned = true));
	ASSERT_LT(0, session_start(&other));
	/* Of this socket's own there is none, so everything. */
	ASSERT_LT(0, session_start(&self->client));
	drop(self->fd, TRAFFIC_TYPE, 2);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 3);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(2, kept(&self->client, TRAFFIC_TYPE));
	EXPECT_EQ(3, kept(&self->client, TRAFFIC_TYPE_OTHER));
	EXPECT_EQ(0, self->client.kept[0].nr_filters);
	ASSERT_TRUE(finish(&other));
	EXPECT_EQ(2, other.stream.events);

	/* "all" means all but those of other sockets. */
	EXPECT_EQ(0, client_filter_del_all(&self->client));
	EXPECT_EQ(2, client_filters(&self->client, NULL, 0));
	client_close(&other);
}

/* --- limits --- */

TEST_F(stream, count_ends_after_so_many_events)
{
	struct filter_info info;
	int id;

	id = filter_add(&self->client, OURS, .count = 5);
	ASSERT_LT(0, session_start(&self->client));
	drop(self->fd, TRAFFIC_TYPE, 12);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 3);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(5, self->client.stream.events);
	EXPECT_EQ(5, self->client.stream.produced);
	ASSERT_TRUE(client_filter_info(&self->client, id, &info));
	EXPECT_EQ(5, info.hits);
}

TEST_F(stream, count_is_exact_on_several_cpus)
{
	unsigned int cpus = cpus_online() < 4 ? cpus_online() : 4;
	struct storm storm;

	filter_add(&self->client, OURS, .count = 100);
	ASSERT_LT(0, session_start(&self->client));
	storm_start(&storm, cpus, 500, TRAFFIC_TYPE);
	EXPECT_EQ(500 * cpus, storm_end(&storm, false));
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(100, self->client.stream.events);
	EXPECT_EQ(self->client.stream.produced, 100 + self->client.stream.loss.rate_limited);
}

TEST_F(stream, rate_is_kept_and_what_is_over_it_counted)
{
	__u64 began, took = 0, seen;
	struct filter_info info;
	int id, tries;

	id = filter_add(&self->client, OURS, .rate = 10);
	ASSERT_LT(0, session_start(&self->client));
	/* On a busy host a second may pass between the first drop and the last. */
	for (tries = 0, seen = 0; tries < 3; tries++, seen = self->client.stream.events) {
		began = now_ms();
		drop(self->fd, TRAFFIC_TYPE, 100);
		took = now_ms() - began;
		client_await_events(&self->client, seen + 10);
		sleep_ms(1100);
		if (took < 900)
			break;
	}
	ASSERT_GT(900, took);
	EXPECT_EQ(seen + 10, self->client.stream.events);
	seen = self->client.stream.events;
	drop(self->fd, TRAFFIC_TYPE, 4);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(seen + 4, self->client.stream.events);
	EXPECT_EQ(100 * (tries + 1) + 4, self->client.stream.produced);
	EXPECT_EQ(self->client.stream.produced - self->client.stream.events,
		  self->client.stream.loss.rate_limited);
	ASSERT_TRUE(client_filter_info(&self->client, id, &info));
	EXPECT_EQ(self->client.stream.produced, info.hits);
	EXPECT_EQ(self->client.stream.loss.rate_limited, info.rate_limited);
}

/* What one filter has used up another may still let through. */
TEST_F(stream, limit_of_one_filter_is_not_that_of_another)
{
	struct event *event = self->client.kept;
	int id;

	filter_add(&self->client, OURS, .rate = 1);
	id = filter_add(&self->client, .netns = self->netns);
	ASSERT_LT(0, session_start(&self->client));
	drop(self->fd, TRAFFIC_TYPE, 3);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(3, self->client.stream.events);
	EXPECT_EQ(0, self->client.stream.loss.rate_limited);
	EXPECT_EQ(2, event[0].nr_filters);
	EXPECT_EQ(1, event[1].nr_filters);
	EXPECT_EQ(id, event[1].filters[0]);
}

TEST_F(stream, limits_are_not_used_up_by_what_nobody_is_shown)
{
	int excluding;

	filter_add(&self->client, OURS, .count = 3);
	excluding = filter_add(&self->client, OURS, .exclude = true);
	ASSERT_LT(0, session_start(&self->client));
	drop(self->fd, TRAFFIC_TYPE, 5);
	EXPECT_EQ(0, client_filter_del(&self->client, excluding));
	drop(self->fd, TRAFFIC_TYPE, 5);
	ASSERT_TRUE(finish(&self->client));
	EXPECT_EQ(3, self->client.stream.events);
}

TEST_F(stream, losses_are_told_on_the_way)
{
	filter_add(&self->client, OURS, .rate = 1);
	filter_add(&self->client, OTHERS);
	ASSERT_LT(0, session_start(&self->client));
	drop(self->fd, TRAFFIC_TYPE, 5);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 1);
	ASSERT_TRUE(client_await_events(&self->client, 2));
	drop(self->fd, TRAFFIC_TYPE_OTHER, 1);
	ASSERT_TRUE(client_await_events(&self->client, 3));
	EXPECT_LE(3, self->client.stream.told.rate_limited);
}

TEST_HARNESS_MAIN

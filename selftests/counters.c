// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting drops without a session: on and off, by whom, from zero; every drop in
 * exactly one row, also from several CPUs at once and when the table is full.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "traffic.h"

#define ROWS_MAX	(16 * 1025)
#define PAYLOAD		sizeof(struct traffic_payload)

struct row {
	__u64 location;
	__u32 reason;
	bool has_reason;
	__u32 netns;
	__u32 ifindex;
	char dev[32];
	__u32 protocol;
	__u64 packets;
	__u64 bytes;
	bool overflow;
	__u64 since_ns;
};

struct rows {
	struct row row[ROWS_MAX];
	unsigned int nr;
};

FIXTURE(counting)
{
	struct client client;
	__u32 netns;
	int fd;
	struct rows *rows;
};

FIXTURE_SETUP(counting)
{
	self->netns = net_isolate();
	client_open(&self->client);
	ASSERT_TRUE(client_await_idle(&self->client));
	self->fd = packet_open("lo");
	self->rows = calloc(1, sizeof(*self->rows));
	cpu_pin(0);
}

static int counter_set(struct client *client, int enable, bool owned, bool reset)
{
	static struct request request;

	request_begin(&request, client, DROPTRACE_CMD_COUNTER_SET, 0);
	if (enable >= 0)
		request_put_u8(&request, DROPTRACE_A_COUNTER_ENABLE, enable);
	if (owned)
		request_put_flag(&request, DROPTRACE_A_COUNTER_OWNED);
	if (reset)
		request_put_flag(&request, DROPTRACE_A_COUNTER_RESET);
	return client_call(client, &request);
}

FIXTURE_TEARDOWN(counting)
{
	counter_set(&self->client, 0, false, false);
	counter_set(&self->client, 0, true, false);
	client_close(&self->client);
	client_open(&self->client);
	EXPECT_TRUE(client_await_idle(&self->client));
	client_close(&self->client);
	free(self->rows);
}

static void row_listed(const struct attrs *attrs, void *arg)
{
	const struct nlattr *const *of = attrs->of;
	struct rows *rows = arg;
	struct row *row = &rows->row[rows->nr];

	if (rows->nr == ROWS_MAX)
		errx(1, "more rows than can be");
	rows->nr++;
	memset(row, 0, sizeof(*row));
	row->location = attr_u64(of[DROPTRACE_A_COUNTER_LOCATION]);
	row->reason = attr_u32(of[DROPTRACE_A_COUNTER_REASON]);
	row->has_reason = of[DROPTRACE_A_COUNTER_REASON];
	row->netns = attr_u32(of[DROPTRACE_A_COUNTER_NETNS]);
	row->ifindex = attr_u32(of[DROPTRACE_A_COUNTER_IFINDEX]);
	attr_copy_string(of[DROPTRACE_A_COUNTER_DEV], row->dev, sizeof(row->dev));
	row->protocol = attr_u32(of[DROPTRACE_A_COUNTER_PROTOCOL]);
	row->packets = attr_u64(of[DROPTRACE_A_COUNTER_PACKETS]);
	row->bytes = attr_u64(of[DROPTRACE_A_COUNTER_BYTES]);
	row->overflow = of[DROPTRACE_A_COUNTER_OVERFLOW];
	row->since_ns = attr_u64(of[DROPTRACE_A_COUNTER_SINCE_NS]);
}

static int list(struct _test_data_counting *self)
{
	self->rows->nr = 0;
	return client_dump(&self->client, DROPTRACE_CMD_COUNTER_GET, row_listed, self->rows);
}

/* Packets in the rows of a protocol in the test's namespace, of any if 0. */
static __u64 packets(const struct _test_data_counting *self, __u32 protocol)
{
	const struct row *row;
	__u64 sum = 0;

	for (row = self->rows->row; row < self->rows->row + self->rows->nr; row++)
		if (row->netns == self->netns && (!protocol || row->protocol == protocol))
			sum += row->packets;
	return sum;
}

static __u64 overflow(const struct _test_data_counting *self)
{
	const struct row *row;
	__u64 sum = 0;

	for (row = self->rows->row; row < self->rows->row + self->rows->nr; row++)
		sum += row->overflow ? row->packets : 0;
	return sum;
}

static void drop(int fd, __u16 type, unsigned int count)
{
	traffic_drop(fd, type, count, NULL);
}

/* --- on and off --- */

TEST_F(counting, off_at_first)
{
	struct status status;

	drop(self->fd, TRAFFIC_TYPE, 3);
	EXPECT_EQ(0, list(self));
	EXPECT_EQ(0, self->rows->nr);
	client_status(&self->client, &status);
	EXPECT_EQ(0, status.counting);
	EXPECT_EQ(0, status.armed);
}

TEST_F(counting, from_on_to_off)
{
	struct status status;

	drop(self->fd, TRAFFIC_TYPE, 3);
	ASSERT_EQ(0, counter_set(&self->client, 1, false, false));
	client_status(&self->client, &status);
	EXPECT_EQ(1, status.counting);
	EXPECT_EQ(1, status.armed);
	EXPECT_LE(1, status.objects);
	drop(self->fd, TRAFFIC_TYPE, 5);
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(5, packets(self, TRAFFIC_TYPE));

	ASSERT_EQ(0, counter_set(&self->client, 0, false, false));
	client_status(&self->client, &status);
	EXPECT_EQ(0, status.counting);
	EXPECT_EQ(0, status.armed);
	EXPECT_EQ(0, status.objects);
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(0, self->rows->nr);
}

TEST_F(counting, stays_when_the_socket_closes)
{
	struct client other;

	client_open(&other);
	ASSERT_EQ(0, counter_set(&other, 1, false, false));
	client_close(&other);
	drop(self->fd, TRAFFIC_TYPE, 5);
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(5, packets(self, TRAFFIC_TYPE));
}

TEST_F(counting, owned_goes_when_the_socket_closes)
{
	struct client other;
	struct status status;

	client_open(&other);
	ASSERT_EQ(0, counter_set(&other, 1, true, false));
	client_status(&self->client, &status);
	EXPECT_EQ(1, status.counting);
	client_close(&other);
	EXPECT_TRUE(client_await_idle(&self->client));
}

TEST_F(counting, owned_goes_when_the_process_is_killed)
{
	struct status status;
	int ready[2];
	char byte = 0;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	if (!pid) {
		struct client other;

		client_open(&other);
		counter_set(&other, 1, true, false);
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	client_status(&self->client, &status);
	EXPECT_EQ(1, status.counting);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	EXPECT_TRUE(client_await_idle(&self->client));
}

/* Who wants it, wants it once, and only the last to want it no more ends it. */
TEST_F(counting, until_nobody_wants_it)
{
	struct client other;
	struct status status;

	client_open(&other);
	ASSERT_EQ(0, counter_set(&other, 1, true, false));
	ASSERT_EQ(0, counter_set(&other, 1, true, false));
	ASSERT_EQ(0, counter_set(&self->client, 1, true, false));
	ASSERT_EQ(0, counter_set(&self->client, 1, false, false));
	drop(self->fd, TRAFFIC_TYPE, 1);

	ASSERT_EQ(0, counter_set(&self->client, 0, false, false));
	client_status(&self->client, &status);
	EXPECT_EQ(1, status.counting);
	ASSERT_EQ(0, counter_set(&other, 0, true, false));
	client_status(&self->client, &status);
	EXPECT_EQ(1, status.counting);
	drop(self->fd, TRAFFIC_TYPE, 1);
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(2, packets(self, TRAFFIC_TYPE));
	ASSERT_EQ(0, counter_set(&self->client, 0, true, false));
	client_status(&self->client, &status);
	EXPECT_EQ(0, status.counting);
	client_close(&other);
}

TEST_F(counting, not_wanted_twice_is_no_error)
{
	struct status status;

	EXPECT_EQ(0, counter_set(&self->client, 0, false, false));
	EXPECT_EQ(0, counter_set(&self->client, 0, true, false));
	EXPECT_EQ(0, counter_set(&self->client, -1, false, true));
	client_status(&self->client, &status);
	EXPECT_EQ(0, status.counting);
	EXPECT_EQ(0, status.armed);
}

TEST_F(counting, reset_begins_at_zero)
{
	__u64 reset;

	ASSERT_EQ(0, counter_set(&self->client, 1, false, false));
	drop(self->fd, TRAFFIC_TYPE, 5);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 5);
	sleep_ms(200);
	ASSERT_EQ(0, list(self));
	ASSERT_LE(2, self->rows->nr);
	EXPECT_LE(200000000ULL, self->rows->row[0].since_ns);

	reset = now_ms();
	ASSERT_EQ(0, counter_set(&self->client, -1, false, true));
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(0, packets(self, 0));
	drop(self->fd, TRAFFIC_TYPE, 2);
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(2, packets(self, 0));
	EXPECT_GE((now_ms() - reset + 1) * 1000000, self->rows->row[0].since_ns);
}

/* --- what is counted --- */

TEST_F(counting, rows_say_where_and_why)
{
	const struct row *row, *found = NULL;
	struct client stream;
	struct event *event;
	unsigned int i;

	client_open(&stream);
	client_keep(&stream, 10);
	filter_add(&stream, .netns = self->netns, .owned = true);
	ASSERT_EQ(0, counter_set(&self->client, 1, false, false));
	ASSERT_LT(0, session_start(&stream));
	drop(self->fd, TRAFFIC_TYPE, 7);
	ASSERT_TRUE(client_await_events(&stream, 7));
	event = &stream.kept[0];

	ASSERT_EQ(0, list(self));
	for (i = 0; i < self->rows->nr; i++) {
		row = &self->rows->row[i];
		if (row->netns == self->netns && row->protocol == TRAFFIC_TYPE) {
			EXPECT_EQ(NULL, found);
			found = row;
		}
	}
	ASSERT_NE(NULL, found);
	EXPECT_EQ(7, found->packets);
	EXPECT_EQ(7 * PAYLOAD, found->bytes);
	EXPECT_EQ(event->location, found->location);
	EXPECT_EQ(event->reason, found->reason);
	EXPECT_EQ(event_has(event, DROPTRACE_A_EVENT_REASON), found->has_reason);
	EXPECT_EQ(1, found->ifindex);
	EXPECT_STREQ("lo", found->dev);
	EXPECT_FALSE(found->overflow);
	client_close(&stream);
}

TEST_F(counting, rows_are_apart_by_protocol_and_namespace)
{
	__u32 other;
	int fd;

	ASSERT_EQ(0, counter_set(&self->client, 1, false, false));
	drop(self->fd, TRAFFIC_TYPE, 7);
	drop(self->fd, TRAFFIC_TYPE_OTHER, 11);
	other = net_isolate();
	fd = packet_open("lo");
	drop(fd, TRAFFIC_TYPE, 13);
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(7, packets(self, TRAFFIC_TYPE));
	EXPECT_EQ(11, packets(self, TRAFFIC_TYPE_OTHER));
	self->netns = other;
	EXPECT_EQ(13, packets(self, 0));
	close(fd);
}

/* The name is that of now; a device that is gone has none. */
TEST_F(counting, devices_that_are_gone_have_no_name)
{
	unsigned int i, found = 0;
	int fd;

	net_sysctl("ipv6/conf/default/disable_ipv6", "1");
	net_ip("link add c0 index 77 type veth peer name c1 index 78\n"
	       "link set c0 up\n"
	       "link set c1 up\n");
	ASSERT_EQ(0, counter_set(&self->client, 1, false, false));
	fd = packet_open("c0");
	drop(fd, TRAFFIC_TYPE, 3);
	close(fd);
	net_ip("link del c0\n");
	ASSERT_EQ(0, list(self));
	for (i = 0; i < self->rows->nr; i++) {
		if (self->rows->row[i].ifindex != 78)
			continue;
		found++;
		EXPECT_EQ(3, self->rows->row[i].packets);
		EXPECT_STREQ("", self->rows->row[i].dev);
	}
	EXPECT_EQ(1, found);
}

TEST_F(counting, session_and_counters_see_the_same)
{
	struct client stream;

	client_open(&stream);
	filter_add(&stream, .netns = self->netns, .owned = true);
	ASSERT_LT(0, session_start(&stream));
	ASSERT_EQ(0, counter_set(&self->client, 1, false, false));
	drop(self->fd, TRAFFIC_TYPE, 100);
	client_stop(&stream);
	ASSERT_TRUE(client_await_end(&stream));
	/* ... and the probe stays for the one when the other ends */
	drop(self->fd, TRAFFIC_TYPE, 1);
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(100, stream.stream.events);
	EXPECT_EQ(101, packets(self, TRAFFIC_TYPE));
	client_close(&stream);
}

/* --- many --- */

TEST_F(counting, exact_from_several_cpus)
{
	unsigned int cpus = cpus_online() < STORM_CPUS_MAX ? cpus_online() : STORM_CPUS_MAX;
	__u64 sent, seen, before = 0;
	struct storm storm;

	ASSERT_EQ(0, counter_set(&self->client, 1, false, false));
	storm_start(&storm, cpus, 3000, TRAFFIC_TYPE);
	/* Looking on does not disturb. */
	do {
		EXPECT_EQ(0, list(self));
		seen = packets(self, TRAFFIC_TYPE);
		EXPECT_LE(before, seen);
		before = seen;
	} while (seen < 1000 * cpus);
	sent = storm_end(&storm, false);
	EXPECT_EQ(3000 * cpus, sent);
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(sent, packets(self, TRAFFIC_TYPE));
	EXPECT_EQ(sent, packets(self, 0));
}

TEST_F(counting, on_and_off_in_a_storm)
{
	unsigned int cpus = cpus_online() < 4 ? cpus_online() : 4;
	struct storm storm;
	int i;

	storm_start(&storm, cpus, 0, TRAFFIC_TYPE);
	for (i = 0; i < 15; i++) {
		EXPECT_EQ(0, counter_set(&self->client, 1, i & 1, false));
		EXPECT_EQ(0, counter_set(&self->client, -1, false, true));
		EXPECT_EQ(0, list(self));
		EXPECT_EQ(0, counter_set(&self->client, 0, i & 1, false));
	}
	EXPECT_LT(0, storm_end(&storm, true));
}

/* More kinds of drops than a table has rows for: none is lost from the sum. */
TEST_F(counting, overflow_takes_what_finds_no_row)
{
	const unsigned int types = 1600;
	unsigned int i, own = 0;
	__u64 keyed;

	ASSERT_EQ(0, counter_set(&self->client, 1, false, false));
	for (i = 0; i < 2 * types; i++)
		drop(self->fd, 0xa000 + i % types, 1);
	ASSERT_EQ(0, list(self));
	keyed = packets(self, 0);
	for (i = 0; i < self->rows->nr; i++) {
		own += self->rows->row[i].netns == self->netns;
		if (self->rows->row[i].netns == self->netns)
			EXPECT_EQ(2, self->rows->row[i].packets);
		if (self->rows->row[i].overflow)
			EXPECT_EQ(0, self->rows->row[i].protocol);
	}
	EXPECT_LT(500, own);
	EXPECT_GE(1024, own);
	EXPECT_EQ(2 * own, keyed);
	/* Others' drops have to overflow too; there are hardly any. */
	EXPECT_LE(2 * types - keyed, overflow(self));
	EXPECT_GT(2 * types - keyed + 20, overflow(self));

	/* and after a reset there is room again */
	ASSERT_EQ(0, counter_set(&self->client, -1, false, true));
	drop(self->fd, TRAFFIC_TYPE, 3);
	ASSERT_EQ(0, list(self));
	EXPECT_EQ(3, packets(self, TRAFFIC_TYPE));
	EXPECT_EQ(0, overflow(self));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0-only
/* vm: --cpus 4 */
/*
 * The equation of the stream: produced = delivered + lost, exactly, and what was
 * delivered came, in the smallest ring there is, from one, two and four CPUs at
 * once, while the client does not read, reads slowly, stops in the middle of it,
 * or goes away.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "progs.h"
#include "traffic.h"

static const struct sock_filter of_ours[] = LOAD_EQUALS(LD_PROTOCOL, TRAFFIC_TYPE);

FIXTURE(overflow)
{
	struct client client;
	struct client watcher;
	__u32 netns;
	__u32 filter;
	struct storm storm;
};

FIXTURE_VARIANT(overflow)
{
	unsigned int cpus;
};

FIXTURE_VARIANT_ADD(overflow, from_one_cpu)
{
	.cpus = 1,
};

FIXTURE_VARIANT_ADD(overflow, from_two_cpus)
{
	.cpus = 2,
};

FIXTURE_VARIANT_ADD(overflow, from_four_cpus)
{
	.cpus = 4,
};

FIXTURE_SETUP(overflow)
{
	if (cpus_online() < variant->cpus)
		SKIP(return, "fewer than %u CPUs", variant->cpus);
	self->netns = net_isolate();
	client_open(&self->watcher);
	ASSERT_TRUE(client_await_idle(&self->watcher));
	client_open(&self->client);
	self->filter = filter_add(&self->client, .prog = of_ours, .netns = self->netns,
				  .owned = true);
	ASSERT_LT(0, (int)self->filter);
}

FIXTURE_TEARDOWN(overflow)
{
	if (!self->netns)
		return;
	if (self->client.fd >= 0)
		client_close(&self->client);
	EXPECT_TRUE(client_await_idle(&self->watcher));
	client_close(&self->watcher);
}

static int start(struct _test_data_overflow *self, __u32 snaplen, __u32 stack_depth)
{
	struct session session = {
		.ring_size = DROPTRACE_RING_MIN, .has_snaplen = true, .snaplen = snaplen,
		.stack_depth = stack_depth, .filters = &self->filter, .nr_filters = 1,
	};

	/* Room for a message or two: from there on the ring has to hold it all. */
	client_set_rcvbuf(&self->client, 40000);
	return client_start(&self->client, &session);
}

#define FRAMES_MAX	4000	/* of a CPU, in a storm whose events are looked at */

/*
 * Events are whole, no two are of the same frame, and those of a CPU come in the
 * order of their times.  (Not of their numbers: a full backlog drops frames ahead
 * of those that wait in it.)
 */
static void check_kept(struct __test_metadata *_metadata, const struct client *client)
{
	static bool seen[STORM_CPUS_MAX][FRAMES_MAX];
	unsigned int broken = 0, twice = 0, early = 0;
	const struct traffic_payload *payload;
	__u64 last[STORM_CPUS_MAX] = {};
	const struct event *event;
	__u32 number;

	for (event = client->kept; event < client->kept + client->nr_kept; event++) {
		payload = (const void *)(event->packet + 14);
		number = traffic_number(payload);
		if (event->malformed || event->cpu >= STORM_CPUS_MAX || number >= FRAMES_MAX ||
		    event->packet_len != TRAFFIC_FRAME_LEN ||
		    memcmp(payload->marker, TRAFFIC_MARKER, sizeof(payload->marker))) {
			broken++;
			continue;
		}
		twice += seen[event->cpu][number];
		seen[event->cpu][number] = true;
		early += event->time_ns < last[event->cpu];
		last[event->cpu] = event->time_ns;
	}
	EXPECT_EQ(0, broken);
	EXPECT_EQ(0, twice);
	EXPECT_EQ(0, early);
}

static bool status_adds_up(struct client *watcher, const struct status *before)
{
	struct status after;

	client_status(watcher, &after);
	return after.produced - before->produced == after.delivered - before->delivered +
	       loss_sum(&after.loss) - loss_sum(&before->loss);
}

TEST_F(overflow, adds_up_when_nobody_reads)
{
	struct stream *stream = &self->client.stream;
	struct status before;
	__u64 sent, lost;

	if (!self->netns)
		return;	/* skipped */
	client_status(&self->watcher, &before);
	client_keep(&self->client, FRAMES_MAX);
	ASSERT_LT(0, start(self, 128, 0));
	storm_start(&self->storm, variant->cpus, FRAMES_MAX, TRAFFIC_TYPE);
	sent = storm_end(&self->storm, false);
	EXPECT_EQ(FRAMES_MAX * variant->cpus, sent);

	/* Once it reads again, it is sent what was kept, and what comes then. */
	ASSERT_TRUE(client_await_events(&self->client, 1));
	while (client_take(&self->client, 300))
		;
	lost = stream->told.ring_full;
	EXPECT_LT(sent / 2, lost);
	self->client.max_kept = self->client.nr_kept;	/* these are numbered anew */
	storm_start(&self->storm, 1, 20, TRAFFIC_TYPE);
	sent += storm_end(&self->storm, false);
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));

	EXPECT_EQ(sent, stream->produced);
	EXPECT_EQ(lost, stream->loss.ring_full);
	EXPECT_EQ(0, stream->loss.undelivered);
	EXPECT_EQ(0, stream->loss.rate_limited);
	EXPECT_TRUE(stream_adds_up(stream))
		TH_LOG("%s", stream_describe(stream));
	EXPECT_EQ(0, stream->loss.recursion - before.loss.recursion);
	EXPECT_TRUE(status_adds_up(&self->watcher, &before));
	check_kept(_metadata, &self->client);
}

TEST_F(overflow, adds_up_when_the_client_is_slow)
{
	struct stream *stream = &self->client.stream;
	__u64 sent;

	if (!self->netns)
		return;	/* skipped */
	client_keep(&self->client, FRAMES_MAX);
	/* Events as large as they get, but for the packet. */
	ASSERT_LT(0, start(self, 3072, 64));
	storm_start(&self->storm, variant->cpus, 3000, TRAFFIC_TYPE);
	while (stream->events < 1000 && client_take(&self->client, 200))
		sleep_ms(20);
	sent = storm_end(&self->storm, false);
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(sent, stream->produced);
	EXPECT_LT(0, stream->loss.ring_full);
	EXPECT_TRUE(stream_adds_up(stream));
	check_kept(_metadata, &self->client);
}

TEST_F(overflow, adds_up_when_stopped_in_the_middle)
{
	struct stream *stream = &self->client.stream;
	__u64 sent;

	if (!self->netns)
		return;	/* skipped */
	ASSERT_LT(0, start(self, 64, 0));
	storm_start(&self->storm, variant->cpus, 0, TRAFFIC_TYPE);
	ASSERT_TRUE(client_await_events(&self->client, 500));
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));
	sent = storm_end(&self->storm, true);
	EXPECT_LE(500, stream->produced);
	EXPECT_GE(sent, stream->produced);
	EXPECT_TRUE(stream_adds_up(stream));
	/* nothing comes after the end */
	EXPECT_FALSE(client_take(&self->client, 50));
}

TEST_F(overflow, adds_up_when_the_client_goes_away)
{
	struct status before;
	int i;

	if (!self->netns)
		return;	/* skipped */
	client_status(&self->watcher, &before);
	storm_start(&self->storm, variant->cpus, 0, TRAFFIC_TYPE);
	for (i = 0; i < 5; i++) {
		ASSERT_LT(0, start(self, 128, 8));
		ASSERT_TRUE(client_await_events(&self->client, 50));
		client_close(&self->client);
		EXPECT_TRUE(status_adds_up(&self->watcher, &before));
		client_open(&self->client);
		self->filter = filter_add(&self->client, .prog = of_ours,
					  .netns = self->netns, .owned = true);
	}
	EXPECT_LT(0, storm_end(&self->storm, true));
}

/* Whoever looks on meanwhile sees no event lost or delivered before it was produced. */
TEST_F(overflow, adds_up_at_every_moment)
{
	__u64 until = now_ms() + 1000, accounted;
	struct status before, now;
	unsigned int looks;

	if (!self->netns)
		return;	/* skipped */
	client_status(&self->watcher, &before);
	ASSERT_LT(0, start(self, 128, 0));
	storm_start(&self->storm, variant->cpus, 0, TRAFFIC_TYPE);
	for (looks = 0; now_ms() < until; looks++) {
		client_status(&self->watcher, &now);
		accounted = now.delivered + loss_sum(&now.loss) -
			    before.delivered - loss_sum(&before.loss);
		EXPECT_LE(accounted, now.produced - before.produced);
		if (looks % 8 == 0)
			client_take(&self->client, 0);
	}
	EXPECT_LT(10, looks);
	EXPECT_LT(0, storm_end(&self->storm, true));
}

/* Sessions do not pay for each other: one reads, the other does not. */
TEST_F(overflow, is_the_loss_of_one_session_alone)
{
	struct client reader;
	__u64 sent;

	if (!self->netns)
		return;	/* skipped */
	client_open(&reader);
	client_set_rcvbuf(&reader, 8 << 20);
	filter_add(&reader, .prog = of_ours,
		   .netns = self->netns, .owned = true);
	ASSERT_LT(0, session_start(&reader, .ring_size = 4 << 20));
	ASSERT_LT(0, start(self, 128, 0));
	storm_start(&self->storm, variant->cpus, 2000, TRAFFIC_TYPE);
	sent = storm_end(&self->storm, false);
	client_stop(&reader);
	ASSERT_TRUE(client_await_end(&reader));
	EXPECT_EQ(sent, reader.stream.events);
	EXPECT_EQ(0, loss_sum(&reader.stream.loss));
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(sent, self->client.stream.produced);
	EXPECT_LT(0, self->client.stream.loss.ring_full);
	EXPECT_TRUE(stream_adds_up(&self->client.stream));
	client_close(&reader);
}

TEST_HARNESS_MAIN

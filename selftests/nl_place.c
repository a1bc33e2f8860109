// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters by what is beside the packet: device, network namespace, mark, drop
 * reason, and the code that freed it; each where it matches and where it does not.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "matrix.h"
#include "progs.h"
#include "traffic.h"

static const struct sock_filter of_ours[] = LOAD_EQUALS(LD_PROTOCOL, TRAFFIC_TYPE);
#define OURS	.prog = of_ours

FIXTURE(place)
{
	struct client client;
	struct status status;
	__u32 netns;		/* with t0 and t1 */
	__u32 other_netns;
	int netns_fd;
	int other_fd;
	int fd;			/* packet socket on t0 */
};

FIXTURE_SETUP(place)
{
	self->other_netns = net_isolate();
	self->other_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	self->netns = net_isolate();
	self->netns_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	matrix_devices();
	client_open(&self->client);
	ASSERT_TRUE(client_await_idle(&self->client));
	client_keep(&self->client, 64);
	client_status(&self->client, &self->status);
	self->fd = packet_open("t0");
}

FIXTURE_TEARDOWN(place)
{
	struct client watcher;

	client_filter_del_all(&self->client);
	client_close(&self->client);
	client_open(&watcher);
	EXPECT_TRUE(client_await_idle(&watcher));
	client_close(&watcher);
}

static void move_to(int netns_fd)
{
	if (setns(netns_fd, CLONE_NEWNET))
		err(1, "cannot enter a namespace");
}

/* The number of packets that a filter matched. */
static __u64 hits(struct client *client, int id)
{
	struct filter_info info = {};

	return client_filter_info(client, id, &info) ? info.hits : ~0ULL;
}

/* The same, waiting for so many: ksoftirqd may see to the last packets. */
static __u64 hits_reach(struct client *client, int id, __u64 wanted)
{
	int left;

	for (left = 500; left && hits(client, id) < wanted; left--)
		sleep_ms(10);
	return hits(client, id);
}

static int start(struct client *client)
{
	return session_start(client, .ring_size = 1 << 17);
}

/* Dropped on t1, with this mark. */
static void drop_marked(int fd, __u32 mark, unsigned int count)
{
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		err(1, "cannot mark");
	traffic_drop(fd, TRAFFIC_TYPE, count, NULL);
}

static void drop(int fd, unsigned int count)
{
	drop_marked(fd, 0, count);
}

/* --- devices and namespaces --- */

TEST_F(place, device_by_name)
{
	int t1 = filter_add(&self->client, OURS, .dev = "t1");
	int t0 = filter_add(&self->client, OURS, .dev = "t0");
	int lo = filter_add(&self->client, OURS, .dev = "lo");

	ASSERT_LT(0, start(&self->client));
	drop(self->fd, 3);
	traffic_drop(packet_open("lo"), TRAFFIC_TYPE, 5, NULL);
	EXPECT_EQ(3, hits_reach(&self->client, t1, 3));
	EXPECT_EQ(0, hits_reach(&self->client, t0, 0));
	EXPECT_EQ(5, hits_reach(&self->client, lo, 5));
}

TEST_F(place, namespace_by_inode)
{
	int here = filter_add(&self->client, OURS, .netns = self->netns);
	int there = filter_add(&self->client, OURS, .netns = self->other_netns);

	ASSERT_LT(0, start(&self->client));
	drop(self->fd, 3);
	move_to(self->other_fd);
	traffic_drop(packet_open("lo"), TRAFFIC_TYPE, 5, NULL);
	move_to(self->netns_fd);
	EXPECT_EQ(3, hits_reach(&self->client, here, 3));
	EXPECT_EQ(5, hits_reach(&self->client, there, 5));
}

/* A name is looked for at home first, so that "lo" is not every namespace's lo. */
TEST_F(place, device_of_the_callers_namespace_comes_first)
{
	int own = filter_add(&self->client, OURS, .dev = "lo");
	int named = filter_add(&self->client, OURS, .dev = "lo",
			       .netns = self->other_netns);

	ASSERT_LT(0, start(&self->client));
	traffic_drop(packet_open("lo"), TRAFFIC_TYPE, 3, NULL);
	move_to(self->other_fd);
	traffic_drop(packet_open("lo"), TRAFFIC_TYPE, 5, NULL);
	move_to(self->netns_fd);
	EXPECT_EQ(3, hits_reach(&self->client, own, 3));
	EXPECT_EQ(5, hits_reach(&self->client, named, 5));
}

TEST_F(place, device_found_elsewhere_if_not_at_home)
{
	struct client stranger;
	int id;

	move_to(self->other_fd);
	client_open(&stranger);
	id = filter_add(&stranger, OURS, .dev = "t1");
	EXPECT_LT(0, id);
	EXPECT_EQ(-ENODEV, filter_add(&stranger, OURS, .dev = "t1",
				      .netns = self->other_netns));
	move_to(self->netns_fd);
	ASSERT_LT(0, start(&self->client));
	drop(self->fd, 3);
	traffic_drop(packet_open("lo"), TRAFFIC_TYPE, 5, NULL);
	EXPECT_EQ(3, hits_reach(&self->client, id, 3));
	client_close(&stranger);
}

TEST_F(place, device_that_is_renamed)
{
	int id = filter_add(&self->client, OURS, .dev = "t1");
	int all = filter_add(&self->client, OURS);
	int renamed;

	ASSERT_LT(0, start(&self->client));
	drop(self->fd, 1);
	EXPECT_EQ(1, hits_reach(&self->client, all, 1));
	/* Up, which needs v6.2 for a change of name, or down. */
	net_ip("link set t1 down\n"
	       "link set t1 name t1new\n"
	       "link set t1new up\n");
	drop(self->fd, 2);
	EXPECT_EQ(-ENODEV, filter_add(&self->client, .dev = "t1"));
	renamed = filter_add(&self->client, OURS, .dev = "t1new");
	EXPECT_LT(0, renamed);
	EXPECT_EQ(3, hits_reach(&self->client, all, 3));
	drop(self->fd, 4);
	EXPECT_EQ(7, hits_reach(&self->client, all, 7));
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(1, hits_reach(&self->client, id, 1));
	EXPECT_EQ(7, hits_reach(&self->client, all, 7));
	EXPECT_EQ(4, hits_reach(&self->client, renamed, 4));
	EXPECT_STREQ("t1", self->client.kept[0].dev);
	EXPECT_STREQ("t1new", self->client.kept[6].dev);
	EXPECT_EQ(self->client.kept[0].ifindex, self->client.kept[6].ifindex);
}

TEST_F(place, device_that_moves_to_another_namespace)
{
	int here = filter_add(&self->client, OURS, .dev = "t1");
	int there = filter_add(&self->client, OURS, .netns = self->other_netns);
	char move[64];

	snprintf(move, sizeof(move), "link set t1 netns /proc/%d/fd/%d\n", getpid(),
		 self->other_fd);
	ASSERT_LT(0, start(&self->client));
	drop(self->fd, 1);
	net_ip(move);
	move_to(self->other_fd);
	net_ip("link set t1 up\n");
	move_to(self->netns_fd);
	drop(self->fd, 2);
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(1, hits_reach(&self->client, here, 1));
	EXPECT_EQ(2, hits_reach(&self->client, there, 2));
	EXPECT_STREQ("t1", self->client.kept[2].dev);
	EXPECT_EQ(self->other_netns, self->client.kept[2].netns);
}

TEST_F(place, device_and_namespace_that_are_gone_match_nothing)
{
	int id = filter_add(&self->client, OURS, .dev = "t1");
	int all = filter_add(&self->client, OURS);

	ASSERT_LT(0, start(&self->client));
	drop(self->fd, 1);
	net_ip("link del t1\n");
	EXPECT_EQ(-ENODEV, filter_add(&self->client, .dev = "t1"));
	traffic_drop(packet_open("lo"), TRAFFIC_TYPE, 2, NULL);
	EXPECT_EQ(1, hits_reach(&self->client, id, 1));
	EXPECT_EQ(3, hits_reach(&self->client, all, 3));
}

/* --- marks --- */

TEST_F(place, mark_under_its_mask)
{
	static const struct {
		struct filter filter;
		__u64 hits;		/* of 1 x 0, 2 x 0x12, 4 x 0x1f, 8 x 0x22, 16 x ~0 */
	} cases[] = {
		{ { OURS, .has_mark = true, .mark = 0x12 }, 2 },
		{ { OURS, .has_mark = true, .mark = 0 }, 1 },
		{ { OURS, .has_mark = true, .mark = 0x10, .has_mask = true, .mask = 0xf0 }, 6 },
		{ { OURS, .has_mark = true, .mark = 0, .has_mask = true, .mask = 0xd }, 11 },
		{ { OURS, .has_mark = true, .mark = 0, .has_mask = true, .mask = 0 }, 31 },
		{ { OURS, .has_mark = true, .mark = ~0U }, 16 },
		{ { OURS, .has_mark = true, .mark = 1U << 31, .has_mask = true,
		    .mask = 1U << 31 }, 16 },
		{ { OURS }, 31 },
	};
	int ids[ARRAY_SIZE(cases)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		ids[i] = client_filter_add(&self->client, &cases[i].filter);
	ASSERT_LT(0, start(&self->client));
	drop_marked(self->fd, 0, 1);
	drop_marked(self->fd, 0x12, 2);
	drop_marked(self->fd, 0x1f, 4);
	drop_marked(self->fd, 0x22, 8);
	drop_marked(self->fd, ~0U, 16);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_EQ(cases[i].hits, hits_reach(&self->client, ids[i], cases[i].hits))
			TH_LOG("case %u", i);
}

/* --- what the kernel said, and where it said it --- */

/* One drop, to learn its reason and location. */
static const struct event *learn(struct _test_data_place *self)
{
	int id = filter_add(&self->client, OURS);

	if (start(&self->client) < 0)
		return NULL;
	drop(self->fd, 1);
	client_await_events(&self->client, 1);
	client_stop(&self->client);
	client_await_end(&self->client);
	client_filter_del(&self->client, id);
	return self->client.nr_kept ? &self->client.kept[0] : NULL;
}

TEST_F(place, reason_is_one_of_those_named_where_there_are_any)
{
	const struct event *event = learn(self);
	__u32 reason, list[DROPTRACE_REASONS_MAX];
	int one, other, last, none, i;

	ASSERT_NE(NULL, event);
	reason = event->reason;
	if (!(self->status.features & DROPTRACE_FEATURE_REASON)) {
		EXPECT_EQ(-EOPNOTSUPP, filter_add(&self->client, .reasons = &reason,
						  .nr_reasons = 1));
		EXPECT_STREQ("this kernel gives no drop reasons", self->client.text);
		return;
	}
	one = filter_add(&self->client, OURS, .reasons = &reason, .nr_reasons = 1);
	reason++;
	other = filter_add(&self->client, OURS, .reasons = &reason, .nr_reasons = 1);
	reason--;
	for (i = 0; i < DROPTRACE_REASONS_MAX; i++)
		list[i] = reason + 1 + i;
	none = filter_add(&self->client, OURS, .reasons = list,
			  .nr_reasons = DROPTRACE_REASONS_MAX);
	list[DROPTRACE_REASONS_MAX - 1] = reason;
	last = filter_add(&self->client, OURS, .reasons = list,
			  .nr_reasons = DROPTRACE_REASONS_MAX);
	ASSERT_LT(0, start(&self->client));
	drop(self->fd, 3);
	EXPECT_EQ(3, hits_reach(&self->client, one, 3));
	EXPECT_EQ(0, hits_reach(&self->client, other, 0));
	EXPECT_EQ(0, hits_reach(&self->client, none, 0));
	EXPECT_EQ(3, hits_reach(&self->client, last, 3));
}

/* The call lies before the address that it returns to. */
TEST_F(place, range_holds_the_call_not_the_return)
{
	const struct event *event = learn(self);
	__u64 at, around[2], before[2], behind[2], second[6];
	int in, ends, begins, later;

	ASSERT_NE(NULL, event);
	at = event->location;
	memcpy(around, (__u64[]){ at - 1, at }, sizeof(around));
	memcpy(before, (__u64[]){ at - 100, at - 1 }, sizeof(before));
	memcpy(behind, (__u64[]){ at, at + 100 }, sizeof(behind));
	memcpy(second, (__u64[]){ at + 1, at + 2, at - 50, at + 50, at + 3, at + 4 },
	       sizeof(second));
	in = filter_add(&self->client, OURS, .ranges = around, .nr_ranges = 1);
	ends = filter_add(&self->client, OURS, .ranges = before, .nr_ranges = 1);
	begins = filter_add(&self->client, OURS, .ranges = behind, .nr_ranges = 1);
	later = filter_add(&self->client, OURS, .ranges = second, .nr_ranges = 3);
	ASSERT_LT(0, start(&self->client));
	drop(self->fd, 3);
	EXPECT_EQ(3, hits_reach(&self->client, in, 3));
	EXPECT_EQ(0, hits_reach(&self->client, ends, 0));
	EXPECT_EQ(0, hits_reach(&self->client, begins, 0));
	EXPECT_EQ(3, hits_reach(&self->client, later, 3));
}

/* --- modules that go --- */

/* Where a module lies, from /proc/modules; 0 if it is not loaded. */
static __u64 module_address(const char *name)
{
	FILE *modules = fopen("/proc/modules", "r");
	unsigned long long address = 0, at;
	char line[512], found[64];

	while (modules && fgets(line, sizeof(line), modules))
		if (sscanf(line, "%63s %*s %*s %*s %*s %llx", found, &at) == 2 &&
		    !strcmp(found, name))
			address = at;
	if (modules)
		fclose(modules);
	return address;
}

TEST_F(place, filter_goes_stale_with_the_module_it_points_into)
{
	struct filter_info info;
	__u64 ranges[4];
	int id, other;

	if (run("modprobe dummy numdummies=0") || !module_address("dummy"))
		SKIP(return, "no module to load and unload");
	ranges[0] = 0xffffffff81000000ULL;
	ranges[1] = ranges[0] + 1;
	ranges[2] = module_address("dummy");
	ranges[3] = ranges[2] + 64;
	other = filter_add(&self->client, .ranges = ranges, .nr_ranges = 1);
	id = filter_add(&self->client, .ranges = ranges, .nr_ranges = 2);
	ASSERT_LT(0, id);
	ASSERT_TRUE(client_filter_info(&self->client, id, &info));
	EXPECT_FALSE(info.stale);
	ASSERT_EQ(0, run("modprobe -r dummy"));
	ASSERT_TRUE(client_filter_info(&self->client, id, &info));
	EXPECT_TRUE(info.stale);
	ASSERT_TRUE(client_filter_info(&self->client, other, &info));
	EXPECT_FALSE(info.stale);
}

/* What is loaded in its place must not be taken for it. */
TEST_F(place, stale_filter_matches_nothing)
{
	const struct event *event = learn(self);
	__u64 ranges[4];
	int id;

	ASSERT_NE(NULL, event);
	if (run("modprobe dummy numdummies=0") || !module_address("dummy"))
		SKIP(return, "no module to load and unload");
	ranges[0] = event->location - 1;
	ranges[1] = event->location;
	ranges[2] = module_address("dummy");
	ranges[3] = ranges[2] + 64;
	id = filter_add(&self->client, OURS, .ranges = ranges, .nr_ranges = 2);
	ASSERT_LT(0, start(&self->client));
	drop(self->fd, 1);
	EXPECT_EQ(1, hits_reach(&self->client, id, 1));
	ASSERT_EQ(0, run("modprobe -r dummy"));
	drop(self->fd, 3);
	EXPECT_EQ(1, hits_reach(&self->client, id, 1));
}

/* --- all of it at once --- */

TEST_F(place, every_condition_has_to_hold)
{
	const struct event *event = learn(self);
	__u64 range[2];
	static const struct sock_filter nothing[] = { NO_MATCH, PROG_END };
	struct filter filter, wrong[7];
	__u32 reason, bad_reason;
	__u64 bad_range[2];
	int ids[7], i;

	ASSERT_NE(NULL, event);
	reason = event->reason;
	range[0] = event->location - 1;
	range[1] = event->location;
	bad_reason = reason + 1;
	bad_range[0] = range[1];
	bad_range[1] = range[1] + 1;
	filter = (struct filter){ OURS, .dev = "t1", .netns = self->netns, .has_mark = true,
				  .mark = 5, .ranges = range, .nr_ranges = 1 };
	if (self->status.features & DROPTRACE_FEATURE_REASON) {
		filter.reasons = &reason;
		filter.nr_reasons = 1;
	}
	for (i = 0; i < 7; i++)
		wrong[i] = filter;
	/* but for the first, each is wrong in one way */
	wrong[1].dev = "t0";
	wrong[2].dev = "lo";
	wrong[2].netns = self->other_netns;
	wrong[3].mark = 6;
	wrong[4].ranges = bad_range;
	wrong[5].prog = nothing;
	if (filter.reasons)
		wrong[6].reasons = &bad_reason;
	else
		wrong[6].mark = 7;
	for (i = 0; i < 7; i++) {
		ids[i] = client_filter_add(&self->client, &wrong[i]);
		ASSERT_LT(0, ids[i]);
	}
	ASSERT_LT(0, start(&self->client));
	drop_marked(self->fd, 5, 4);
	EXPECT_EQ(4, hits_reach(&self->client, ids[0], 4));
	for (i = 1; i < 7; i++)
		EXPECT_EQ(0, hits_reach(&self->client, ids[i], 0))
			TH_LOG("condition %d", i);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traces that outlive the socket that made them: their filters and what the client
 * keeps with them, how they end, and that nothing half-made stays.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "progs.h"
#include "tracing.h"
#include "traffic.h"

#define PORT 4321

/* UDP to the port, by destination. */
static const struct sock_filter to_port[] = {
	LD_B(9), IF_EQ(17, 3), LD_H(22), IF_EQ(PORT, 1), MATCH, NO_MATCH, PROG_END
};

FIXTURE(keep)
{
	struct client client;	/* makes the trace */
	struct client watcher;
	struct code code;
	__u32 filter;
	int id;
};

FIXTURE_SETUP(keep)
{
	net_isolate();
	client_open(&self->watcher);
	ASSERT_TRUE(client_await_idle(&self->watcher));
	client_open(&self->client);
	client_keep(&self->watcher, 10);
	self->filter = filter_add(&self->client, .prog = to_port, .owned = true);
	code_begin(&self->code);
	code_function(&self->code, symbol("__udp4_lib_rcv"), RDI, DROPTRACE_FRAME_ROOT);
	self->id = trace_add(&self->client, .filters = &self->filter, .nr_filters = 1,
			     .owned = true, .name = "kept", .spec = "any\nwords");
	ASSERT_LT(0, self->id);
}

FIXTURE_TEARDOWN(keep)
{
	struct client last;

	client_close(&self->watcher);
	client_open(&last);
	trace_del_all(&last);
	EXPECT_TRUE(client_await_idle(&last));
	client_close(&last);
}

static void send_datagram(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	sendto(fd, "hello", 5, 0, (void *)&to, sizeof(to));
	close(fd);
}

static bool await_no_trace(struct client *client, __u32 id)
{
	__u64 until = now_ms() + PATIENCE;
	struct trace_info info;

	while (client_trace_info(client, id, &info)) {
		if (now_ms() > until)
			return false;
		sleep_ms(20);
	}
	return true;
}

TEST_F(keep, outlives_its_socket_with_its_filter)
{
	struct trace_info info;
	struct paths paths;

	ASSERT_EQ(0, trace_arm(&self->client, self->id, &self->code, false));
	ASSERT_TRUE(client_trace_info(&self->watcher, self->id, &info));
	EXPECT_TRUE(info.owned);
	ASSERT_EQ(0, trace_keep(&self->client, self->id)) TH_LOG("%s", self->client.text);
	client_close(&self->client);
	ASSERT_TRUE(client_trace_info(&self->watcher, self->id, &info));
	EXPECT_FALSE(info.owned);
	EXPECT_EQ(1, info.live);
	EXPECT_STREQ("kept", info.name);
	EXPECT_STREQ("any\nwords", info.spec);
	EXPECT_EQ(0, info.expire);
	EXPECT_LT(0, info.age_ns);
	EXPECT_GT(60000000000, info.age_ns);

	/* it goes by its filter; sessions do not */
	paths_begin(&paths, &self->watcher, 10);
	ASSERT_LT(0, session_start(&self->watcher, .has_paths = true));
	send_datagram();
	ASSERT_TRUE(paths_await(&paths, &self->watcher, 1));
	EXPECT_EQ(self->id, paths.of[0].trace);
	EXPECT_TRUE(paths.of[0].flags & DROPTRACE_PATH_DROPPED);
	ASSERT_TRUE(client_await_events(&self->watcher, 2));
	EXPECT_EQ(0, self->watcher.kept[0].nr_filters);
	ASSERT_EQ(0, client_stop(&self->watcher));
	ASSERT_TRUE(client_await_end(&self->watcher));
	paths_end(&paths, &self->watcher);

	/* and takes it along; see the fixture's end */
	EXPECT_EQ(0, trace_del(&self->watcher, self->id));
}

TEST_F(keep, goes_with_its_socket_until_then)
{
	ASSERT_EQ(0, trace_arm(&self->client, self->id, &self->code, false));
	client_close(&self->client);
	EXPECT_TRUE(await_no_trace(&self->watcher, self->id));
}

TEST_F(keep, is_refused_without_points_and_to_others)
{
	EXPECT_EQ(-EINVAL, trace_keep(&self->client, self->id));
	EXPECT_STREQ("the trace has no points", self->client.text);
	EXPECT_EQ(-EPERM, trace_keep(&self->watcher, self->id));
	client_close(&self->client);
	EXPECT_TRUE(await_no_trace(&self->watcher, self->id));
}

TEST_F(keep, expires)
{
	__u64 begun = now_ms();
	struct trace_info info;
	int later, id;

	later = trace_add(&self->client, .owned = true, .expire = 3600);
	ASSERT_LT(0, later);
	id = trace_add(&self->client, .filters = &self->filter, .nr_filters = 1, .owned = true,
		       .expire = 1);
	ASSERT_LT(0, id);
	ASSERT_EQ(0, trace_arm(&self->client, id, &self->code, false));
	ASSERT_EQ(0, trace_keep(&self->client, id));
	ASSERT_TRUE(client_trace_info(&self->watcher, later, &info));
	EXPECT_EQ(3600, info.expire);
	ASSERT_TRUE(await_no_trace(&self->watcher, id));
	EXPECT_LE(900, now_ms() - begun);
	EXPECT_TRUE(client_trace_info(&self->watcher, later, &info));
	client_close(&self->client);
	EXPECT_TRUE(await_no_trace(&self->watcher, later));
}

TEST_F(keep, is_bounded)
{
	char spec[DROPTRACE_SPEC_MAX + 2];
	struct trace_info info;
	int id;

	memset(spec, 'x', sizeof(spec));
	spec[DROPTRACE_SPEC_MAX + 1] = 0;
	EXPECT_GT(0, trace_add(&self->client, .owned = true, .spec = spec));
	EXPECT_EQ(DROPTRACE_A_TRACE_SPEC, self->client.blamed);
	spec[DROPTRACE_SPEC_MAX] = 0;
	id = trace_add(&self->client, .owned = true, .spec = spec);
	ASSERT_LT(0, id);
	ASSERT_TRUE(client_trace_info(&self->watcher, id, &info));
	EXPECT_STREQ(spec, info.spec);
	EXPECT_EQ(-ERANGE, trace_add(&self->client, .owned = true,
				     .expire = DROPTRACE_EXPIRE_MAX + 1));
	EXPECT_EQ(DROPTRACE_A_TRACE_EXPIRE, self->client.blamed);
	client_close(&self->client);
}

static __attribute__((constructor)) void load(void)
{
	symbols_load();
}

TEST_HARNESS_MAIN

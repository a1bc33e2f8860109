// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths of real packets: a datagram to a port where nobody listens is dropped in
 * __udp4_lib_rcv(), with known functions around it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "progs.h"
#include "tracing.h"
#include "traffic.h"

#define PORT		4321
#define PORT_OTHER	4322

/* UDP to the port, by destination; at any layer. */
static const struct sock_filter to_port[] = {
	LD_B(9), IF_EQ(17, 3), LD_H(22), IF_EQ(PORT, 1), MATCH, NO_MATCH, PROG_END
};

FIXTURE(path)
{
	struct client client;
	struct paths paths;
	struct code code;
	__u32 filter;
	int fd;
};

FIXTURE_SETUP(path)
{
	net_isolate();
	client_open(&self->client);
	ASSERT_TRUE(client_await_idle(&self->client));
	client_keep(&self->client, 100);
	paths_begin(&self->paths, &self->client, 100);
	self->filter = client_filter_add(&self->client,
					 &(struct filter){ .prog = to_port, .owned = true });
	self->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	code_begin(&self->code);
}

FIXTURE_TEARDOWN(path)
{
	struct client watcher;

	close(self->fd);
	paths_end(&self->paths, &self->client);
	client_close(&self->client);
	client_open(&watcher);
	trace_del_all(&watcher);
	EXPECT_TRUE(client_await_idle(&watcher));
	client_close(&watcher);
}

static void send_to(int fd, __u16 port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	/* errors that ICMP brought back are cleared by the first try */
	if (sendto(fd, "hello", 5, 0, (void *)&to, sizeof(to)) != 5)
		sendto(fd, "hello", 5, 0, (void *)&to, sizeof(to));
}

TEST_F_TIMEOUT(path, of_a_drop, 100)
{
	__u64 entry = symbol("__udp4_lib_rcv");
	__u64 addresses[1000];
	unsigned int i, nr, exits = 0;
	const struct droptrace_step_enter *enter;
	const struct droptrace_step_drop *drop;
	const struct path *path;
	struct trace_info info;
	__u32 frame;
	int trace;

	ASSERT_TRUE(entry);
	nr = instructions(&self->client, "__udp4_lib_rcv", addresses, 1000);
	ASSERT_LT(20, nr);
	frame = code_function(&self->code, entry, RDI, DROPTRACE_FRAME_ROOT);
	for (i = 1; i < nr; i++) {
		bool exit = code_returns(addresses[i]);

		exits += exit;
		code_point(&self->code, addresses[i], frame,
			   exit ? DROPTRACE_POINT_EXIT : DROPTRACE_POINT_BLOCK,
			   exit ? RAX : DROPTRACE_NO_REG, DROPTRACE_NONE);
	}
	EXPECT_LT(0, exits);
	trace = trace_add(&self->client, .filters = &self->filter, .nr_filters = 1, .owned = true);
	ASSERT_LT(0, trace);
	ASSERT_EQ(0, trace_arm(&self->client, trace, &self->code, false))
		TH_LOG("%s", self->client.text);
	ASSERT_LT(0, session_start(&self->client, .filters = &self->filter, .nr_filters = 1,
				   .has_paths = true));
	send_to(self->fd, PORT_OTHER);
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	TH_LOG("%s", path_text(path));
	EXPECT_FALSE(path->malformed);
	EXPECT_TRUE(path->flags & DROPTRACE_PATH_DROPPED);
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_ENTER));
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_EXIT));
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_DROP));
	EXPECT_LT(5, path_count(path, DROPTRACE_STEP_BLOCK));
	enter = (const void *)path_find(path, DROPTRACE_STEP_ENTER, 0)->data;
	drop = (const void *)path_find(path, DROPTRACE_STEP_DROP, 0)->data;
	EXPECT_EQ(step_u64(enter->skb), step_u64(enter->args[0]));
	EXPECT_EQ(step_u64(enter->skb), step_u64(drop->skb));
	EXPECT_LE(entry, step_u64(drop->location));
	EXPECT_GE(symbol_end("__udp4_lib_rcv"), step_u64(drop->location));
	EXPECT_EQ(0, step_reg(path_find(path, DROPTRACE_STEP_EXIT, 0)));
	EXPECT_TRUE(path->has_packet);
	EXPECT_EQ(step_u64(enter->skb), path->packet.skb);
	ASSERT_TRUE(client_await_events(&self->client, 2));
	EXPECT_EQ(path->context, self->client.kept[0].context);
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_EQ(1, info.live);
	EXPECT_EQ(1, info.opened);
	EXPECT_EQ(1, info.kept);
	TH_LOG("points %u armed %u optimized %u hits %llu missed %llu", info.nr_points,
	       info.nr_armed, info.nr_optimized, info.hits, info.missed);
	ASSERT_EQ(0, client_stop(&self->client));
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_TRUE(stream_adds_up(&self->client.stream))
		TH_LOG("%s", stream_describe(&self->client.stream));
}

TEST_HARNESS_MAIN

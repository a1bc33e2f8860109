/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests of paths share: a namespace, a client that collects paths, a filter for UDP
 * to a port, a socket to send from, and code that is put together bit by bit.
 */
#ifndef PATH_FIXTURE_H
#define PATH_FIXTURE_H

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

/* What a socket that listens at the port takes, until it is closed. */
static int receiver(__u16 port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (void *)&at, sizeof(at)))
		return -1;
	return fd;
}

/* Arms what was put together, follows our packets with it, and listens. */
static int begin(struct __test_metadata *_metadata, struct _test_data_path *self,
		 struct trace trace)
{
	int id, err;

	trace.filters = &self->filter;
	trace.nr_filters = 1;
	trace.owned = true;
	id = client_trace_add(&self->client, &trace);
	err = id < 0 ? id : trace_arm(&self->client, id, &self->code, false);
	if (err)
		TH_LOG("%d: %s", err, self->client.text);
	if (err)
		return -1;
	err = session_start(&self->client, .filters = &self->filter, .nr_filters = 1);
	return err < 0 ? -1 : id;
}

#define BEGIN(...) begin(_metadata, self, (struct trace){ __VA_ARGS__ })

static bool finish(struct client *client)
{
	return !client_stop(client) && client_await_end(client) &&
	       stream_adds_up(&client->stream);
}

static __u32 entry(struct _test_data_path *self, const char *name, unsigned int reg, __u32 flags)
{
	__u64 address = symbol(name);

	if (!address)
		return DROPTRACE_NONE;
	return code_function(&self->code, address, reg, flags);
}

#define ENTRY(...) ASSERT_NE(DROPTRACE_NONE, entry(self, __VA_ARGS__))

#endif /* PATH_FIXTURE_H */

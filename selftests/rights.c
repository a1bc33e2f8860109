// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may ask, and who may see addresses: capabilities one by one, root of a user
 * namespace, sockets that change hands, kernel.kptr_restrict.  Lockdown stands in
 * rights_lockdown.c, since it cannot be undone.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "kselftest_harness.h"

#include "client.h"
#include "progs.h"
#include "rights.h"
#include "traffic.h"

#define KPTR_RESTRICT "/proc/sys/kernel/kptr_restrict"

static int kptr_restrict(int value)
{
	char text[16] = {};
	int fd = open(KPTR_RESTRICT, O_RDWR | O_CLOEXEC), old;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 1)
		err(1, KPTR_RESTRICT);
	old = atoi(text);
	snprintf(text, sizeof(text), "%d", value);
	/* Elsewhere than at the beginning a write would be ignored. */
	if (pwrite(fd, text, strlen(text), 0) < 1)
		err(1, KPTR_RESTRICT);
	close(fd);
	return old;
}

/* Takes capabilities away from this process. */
static void drop_caps(__u64 caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int i;

	if (syscall(SYS_capget, &header, data))
		err(1, "capget");
	for (i = 0; i < 2; i++) {
		data[i].effective &= ~(__u32)(caps >> 32 * i);
		data[i].permitted &= ~(__u32)(caps >> 32 * i);
	}
	if (syscall(SYS_capset, &header, data))
		err(1, "capset");
}

#define CAP(name)	(1ULL << CAP_##name)
#define ALL_CAPS	((1ULL << (CAP_LAST_CAP + 1)) - 1)

FIXTURE(rights)
{
	struct client watcher;	/* opened with all rights */
	__u32 netns;
	int fd;
	int restricted;		/* as it was */
};

FIXTURE_SETUP(rights)
{
	self->netns = net_isolate();
	self->restricted = kptr_restrict(0);
	client_open(&self->watcher);
	self->fd = packet_open("lo");
}

FIXTURE_TEARDOWN(rights)
{
	kptr_restrict(self->restricted);
	client_close(&self->watcher);
}

/*
 * Runs a function in a child, which may give up rights without harm to the test.
 * The child's EXPECTs cannot be seen from here, so it returns a word instead:
 * 0 if all was as it should be.
 */
static int in_child(int (*function)(struct _test_data_rights *self), struct _test_data_rights *self)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(function(self));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* --- who may ask --- */

static int without(struct _test_data_rights *self, __u64 caps, const char *text)
{
	struct client client;
	int refused;

	(void)self;
	drop_caps(caps);
	client_open(&client);
	refused = operations_refused(&client, text);
	client_close(&client);
	return refused == OPERATIONS ? 0 : 1 + refused;
}

static int without_sys_admin(struct _test_data_rights *self)
{
	return without(self, CAP(SYS_ADMIN), "droptrace: CAP_SYS_ADMIN is needed");
}

static int without_net_admin(struct _test_data_rights *self)
{
	return without(self, CAP(NET_ADMIN), NULL);
}

static int without_any(struct _test_data_rights *self)
{
	return without(self, ALL_CAPS, NULL);
}

static int with_the_two(struct _test_data_rights *self)
{
	struct client client;
	int refused;

	(void)self;
	drop_caps(ALL_CAPS & ~(CAP(SYS_ADMIN) | CAP(NET_ADMIN)));
	client_open(&client);
	refused = operations_refused(&client, NULL);
	client_filter_del_all(&client);
	client_close(&client);
	return refused;
}

TEST_F(rights, refused_without_cap_sys_admin)
{
	EXPECT_EQ(0, in_child(without_sys_admin, self));
}

TEST_F(rights, refused_without_cap_net_admin)
{
	EXPECT_EQ(0, in_child(without_net_admin, self));
}

TEST_F(rights, refused_without_any)
{
	EXPECT_EQ(0, in_child(without_any, self));
}

TEST_F(rights, granted_with_these_two_alone)
{
	EXPECT_EQ(0, in_child(with_the_two, self));
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

/* All capabilities, in a user namespace and a network namespace of its own. */
static int as_namespace_root(struct _test_data_rights *self)
{
	struct client client;
	int refused;

	(void)self;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return 77;
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", "0 0 1");
	client_open(&client);
	refused = operations_refused(&client, NULL);
	client_close(&client);
	return refused == OPERATIONS ? 0 : 1 + refused;
}

TEST_F(rights, refused_to_root_of_a_user_namespace)
{
	int status = in_child(as_namespace_root, self);

	if (status == 77)
		SKIP(return, "no user namespaces");
	EXPECT_EQ(0, status);
}

/* A socket that root opened does not lend its rights to who writes to it. */
static int with_a_socket_of_root(struct _test_data_rights *self)
{
	int refused;

	drop_caps(ALL_CAPS);
	refused = operations_refused(&self->watcher, NULL);
	return refused == OPERATIONS ? 0 : 1 + refused;
}

TEST_F(rights, refused_on_a_socket_of_root)
{
	EXPECT_EQ(0, in_child(with_a_socket_of_root, self));
}

/* Nor can root be made to write to a socket that another opened. */
TEST_F(rights, refused_to_root_on_a_socket_of_another)
{
	struct client client;
	int refused;

	/* Effective capabilities go with the user id, and come back with it. */
	ASSERT_EQ(0, seteuid(1000));
	client_open(&client);
	ASSERT_EQ(0, seteuid(0));
	refused = operations_refused(&client, NULL);
	EXPECT_EQ(OPERATIONS, refused);
	client_close(&client);
}

TEST_F(rights, nothing_is_left_by_what_was_refused)
{
	EXPECT_EQ(0, in_child(without_sys_admin, self));
	EXPECT_TRUE(client_await_idle(&self->watcher));
}

/* --- who may see addresses --- */

static void counter_row(const struct attrs *attrs, void *arg)
{
	int *bad = arg;

	if (attrs->of[DROPTRACE_A_COUNTER_OVERFLOW])
		return;
	*bad += !!attrs->of[DROPTRACE_A_COUNTER_LOCATION] ==
		!!attrs->of[DROPTRACE_A_COUNTER_SYMBOL];
	*bad += !!attrs->of[DROPTRACE_A_COUNTER_LOCATION] << 8;
}

static int counter_set(struct client *client, int enable)
{
	static struct request request;

	request_begin(&request, client, DROPTRACE_CMD_COUNTER_SET, 0);
	request_put_u8(&request, DROPTRACE_A_COUNTER_ENABLE, enable);
	request_put_flag(&request, DROPTRACE_A_COUNTER_OWNED);
	return client_call(client, &request);
}

/*
 * What a session, the counters and the status show: 0 if all of them addresses,
 * 1 if all of them symbols, else something else.
 */
static int shown(struct _test_data_rights *self)
{
	const struct event *event;
	struct client client;
	struct status status;
	int rows = 0, ret = 0;

	client_open(&client);
	client_keep(&client, 4);
	filter_add(&client, .netns = self->netns, .owned = true);
	counter_set(&client, 1);
	session_start(&client, .stack_depth = 8);
	traffic_drop(self->fd, TRAFFIC_TYPE, 1, NULL);
	if (!client_await_events(&client, 1))
		return 101;
	event = &client.kept[0];
	client_dump(&client, DROPTRACE_CMD_COUNTER_GET, counter_row, &rows);
	client_status(&client, &status);

	ret += !(status.features & DROPTRACE_FEATURE_ADDRESSES);
	ret += 2 * !event_has(event, DROPTRACE_A_EVENT_LOCATION);
	ret += 4 * !event_has(event, DROPTRACE_A_EVENT_SKB);
	ret += 8 * !event_has(event, DROPTRACE_A_EVENT_STACK);
	ret += 16 * !!event_has(event, DROPTRACE_A_EVENT_SYMBOL);
	ret += 32 * !(rows >> 8);
	if (rows & 0xff || event->malformed)
		return 102;
	if (event_has(event, DROPTRACE_A_EVENT_SYMBOL) &&
	    strncmp(event->symbol, "__netif_receive_skb_core", 24))
		return 103;
	client_close(&client);
	return ret == 63 ? 1 : ret;
}

static int shown_without_syslog(struct _test_data_rights *self)
{
	drop_caps(CAP(SYSLOG));
	return shown(self);
}

TEST_F(rights, addresses_shown_to_root)
{
	EXPECT_EQ(0, in_child(shown, self));
}

TEST_F(rights, symbols_shown_without_cap_syslog)
{
	EXPECT_EQ(1, in_child(shown_without_syslog, self));
}

TEST_F(rights, addresses_shown_to_root_under_kptr_restrict_1)
{
	kptr_restrict(1);
	EXPECT_EQ(0, in_child(shown, self));
	EXPECT_EQ(1, in_child(shown_without_syslog, self));
}

TEST_F(rights, symbols_shown_to_root_under_kptr_restrict_2)
{
	kptr_restrict(2);
	EXPECT_EQ(1, in_child(shown, self));
}

/* Who may not see addresses may not search for them either. */
static int ranges_without_syslog(struct _test_data_rights *self)
{
	static const __u64 range[] = { 0xffffffff81000000ULL, 0xffffffffc0000000ULL };
	struct client client;

	(void)self;
	drop_caps(CAP(SYSLOG));
	client_open(&client);
	return -filter_add(&client, .ranges = range, .nr_ranges = 1, .owned = true);
}

TEST_F(rights, ranges_refused_without_cap_syslog)
{
	EXPECT_EQ(EPERM, in_child(ranges_without_syslog, self));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0-only
/* vm: --cpus 2 */
/* timeout: 900 */
/*
 * The module comes and goes, over and over, under drops, with clients that listen,
 * that ask, and that have stopped reading: each is told, nothing is left behind,
 * and the kernel has nothing to say about it.
 *
 * The module is taken from $DROPTRACE_KO, else from where scripts/vm took it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "progs.h"
#include "traffic.h"

#define CYCLES 200

static char module_path[512];

static void find_module(void)
{
	FILE *settings = fopen("/run/vm/settings", "r");
	char line[1024], *at, *end;

	if (getenv("DROPTRACE_KO"))
		snprintf(module_path, sizeof(module_path), "%s", getenv("DROPTRACE_KO"));
	/* vm_modules='DEPENDENCY … /path/of/droptrace.ko' */
	while (settings && !module_path[0] && fgets(line, sizeof(line), settings)) {
		if (strncmp(line, "vm_modules='", 12))
			continue;
		at = strchr(line, '/');
		end = at ? strchr(at, '\'') : NULL;
		if (end)
			snprintf(module_path, sizeof(module_path), "%.*s", (int)(end - at), at);
	}
	if (settings)
		fclose(settings);
}

/* Returns 0 or -errno. */
static int load(const char *parameters)
{
	int fd = open(module_path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		err(1, "%s", module_path);
	ret = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return ret;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "droptrace", O_NONBLOCK) ? -errno : 0;
}

static bool loaded(void)
{
	return !access("/sys/module/droptrace", F_OK);
}

static const struct sock_filter of_ours[] = LOAD_EQUALS(LD_PROTOCOL, TRAFFIC_TYPE);

static int start_own(struct client *client, __u32 netns, __u32 ring_size)
{
	int id = filter_add(client, .prog = of_ours,
			    .netns = netns);

	return id < 0 ? id : session_start(client, .ring_size = ring_size);
}

FIXTURE(module)
{
	__u32 netns;
	int fd;
	struct storm storm;
};

FIXTURE_SETUP(module)
{
	find_module();
	if (!module_path[0])
		SKIP(return, "the module's file is not known (DROPTRACE_KO)");
	if (loaded())
		ASSERT_EQ(0, unload());
	self->netns = net_isolate();
	self->fd = packet_open("lo");
}

FIXTURE_TEARDOWN(module)
{
	if (module_path[0] && !loaded())
		EXPECT_EQ(0, load(""));
}

/* A number from a file like /proc/meminfo. */
static long long number_of(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	long long value = -1;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			value = atoll(line + strlen(name));
	if (file)
		fclose(file);
	return value;
}

TEST_F_TIMEOUT(module, comes_and_goes_under_load, 200)
{
	long long percpu = 0, available = 0;
	struct client clients[2];
	int i, j;

	if (!module_path[0])
		return;
	storm_start(&self->storm, 2, 0, TRAFFIC_TYPE);
	storm_ease(&self->storm, 1000);
	for (i = 0; i < CYCLES; i++) {
		if (i == 20) {
			percpu = number_of("/proc/meminfo", "Percpu:");
			available = number_of("/proc/meminfo", "MemAvailable:");
		}
		ASSERT_EQ(0, load(i % 4 ? "" : "counters=1"));
		for (j = 0; j < 2; j++) {
			client_open(&clients[j]);
			ASSERT_LT(0, start_own(&clients[j], self->netns, 1 << (14 + j * 6)));
		}
		if (i % 2)
			ASSERT_TRUE(client_await_events(&clients[0], 10));
		ASSERT_EQ(0, unload())
			TH_LOG("cycle %d", i);
		for (j = 0; j < 2; j++) {
			ASSERT_TRUE(client_await_end(&clients[j]))
				TH_LOG("cycle %d", i);
			EXPECT_EQ(DROPTRACE_END_UNLOADED, clients[j].stream.cause);
			EXPECT_TRUE(stream_adds_up(&clients[j].stream))
				TH_LOG("cycle %d: %s", i,
				       stream_describe(&clients[j].stream));
			client_close(&clients[j]);
		}
	}
	EXPECT_LT(0, storm_end(&self->storm, true));
	/* A ring is 2 MB, and a kB of per-CPU memory would be 180 by now. */
	EXPECT_GE(percpu + 100, number_of("/proc/meminfo", "Percpu:"));
	EXPECT_LE(available - 100000, number_of("/proc/meminfo", "MemAvailable:"));
}

TEST_F(module, does_not_wait_long_for_a_client_that_does_not_read)
{
	struct client client;
	__u64 began;

	if (!module_path[0])
		return;
	ASSERT_EQ(0, load(""));
	client_open(&client);
	client_set_rcvbuf(&client, 40000);
	ASSERT_LT(0, start_own(&client, self->netns, 1 << 18));
	traffic_drop(self->fd, TRAFFIC_TYPE, 1000, NULL);
	began = now_ms();
	EXPECT_EQ(0, unload());
	EXPECT_GT(5000, now_ms() - began);
	/* What was in its socket is still there. */
	while (client_take(&client, 50))
		;
	EXPECT_LT(0, client.stream.events);
	EXPECT_GT(1000, client.stream.events);
	client_close(&client);
}

/* In another network namespace, and in a child that inherited the socket. */
TEST_F(module, tells_every_client)
{
	struct client clients[8];
	int i;

	if (!module_path[0])
		return;
	ASSERT_EQ(0, load(""));
	for (i = 0; i < 8; i++) {
		if (i == 4)
			net_isolate();
		client_open(&clients[i]);
		ASSERT_LT(0, session_start(&clients[i], .ring_size = DROPTRACE_RING_MIN));
	}
	EXPECT_EQ(0, unload());
	for (i = 0; i < 8; i++) {
		EXPECT_TRUE(client_await_end(&clients[i]));
		EXPECT_EQ(DROPTRACE_END_UNLOADED, clients[i].stream.cause);
		client_close(&clients[i]);
	}
}

/* --- clients that ask while it goes --- */

static bool asking;		/* atomic */
static int answered;		/* atomic; threads that have had an answer */

/* Whatever it is told is all right, as long as it is told something. */
static void *ask_on(void *arg)
{
	struct request *req = malloc(sizeof(*req));
	struct client client;
	long asked = 0;

	(void)arg;
	client_open(&client);
	__atomic_add_fetch(&answered, 1, __ATOMIC_SEQ_CST);
	for (; __atomic_load_n(&asking, __ATOMIC_SEQ_CST); asked++) {
		request_begin(req, &client, 1 + asked % DROPTRACE_CMD_MAX, 0);
		client_call(&client, req);
		client_filters(&client, NULL, 0);
		client_sessions(&client, NULL, 0);
		if (client.err == -ETIME)
			errx(1, "no answer");
	}
	client_close(&client);
	free(req);
	return (void *)asked;
}

TEST_F_TIMEOUT(module, goes_while_clients_ask, 200)
{
	pthread_t threads[3];
	void *asked;
	int i, j, error;

	if (!module_path[0])
		return;
	ASSERT_EQ(0, load(""));
	storm_start(&self->storm, 1, 0, TRAFFIC_TYPE);
	storm_ease(&self->storm, 1000);
	for (i = 0; i < 10; i++) {
		__atomic_store_n(&asking, true, __ATOMIC_SEQ_CST);
		__atomic_store_n(&answered, 0, __ATOMIC_SEQ_CST);
		for (j = 0; j < 3; j++)
			ASSERT_EQ(0, pthread_create(&threads[j], NULL, ask_on, NULL));
		while (__atomic_load_n(&answered, __ATOMIC_SEQ_CST) < 3)
			sleep_ms(1);
		/* A dump under way holds the module for a moment. */
		for (j = 0; (error = unload()) == -EWOULDBLOCK && j < 2000; j++)
			sleep_ms(1);
		EXPECT_EQ(0, error);
		__atomic_store_n(&asking, false, __ATOMIC_SEQ_CST);
		for (j = 0; j < 3; j++) {
			pthread_join(threads[j], &asked);
			EXPECT_LT(0, (long)asked);
		}
		ASSERT_EQ(0, load(""));
	}
	EXPECT_LT(0, storm_end(&self->storm, true));
}

TEST_F(module, stays_while_a_dump_is_under_way)
{
	static const char expr[DROPTRACE_EXPR_MAX + 1] = { [0 ... DROPTRACE_EXPR_MAX - 1] = 'e' };
	struct request *req = malloc(sizeof(*req));
	struct client client;
	int i, error;

	if (!module_path[0])
		return;
	ASSERT_EQ(0, load(""));
	client_open(&client);
	/* 64 kB of them: more than a dump gives at once. */
	for (i = 0; i < DROPTRACE_FILTERS_MAX; i++) {
		request_begin(req, &client, DROPTRACE_CMD_FILTER_ADD, 0);
		request_put_string(req, DROPTRACE_A_FILTER_EXPR, expr);
		ASSERT_EQ(0, client_call(&client, req));
	}
	request_begin(req, &client, DROPTRACE_CMD_FILTER_GET, NLM_F_DUMP);
	client_send(&client, req);
	EXPECT_EQ(-EWOULDBLOCK, unload());
	close(client.fd);
	for (i = 0; (error = unload()) == -EWOULDBLOCK && i < 1000; i++)
		sleep_ms(1);
	EXPECT_EQ(0, error);
	free(req);
}

/* --- the rest --- */

TEST_F(module, refuses_what_it_does_not_know)
{
	if (!module_path[0])
		return;
	EXPECT_EQ(-EINVAL, load("counters=maybe"));
	EXPECT_FALSE(loaded());
	ASSERT_EQ(0, load(""));
	EXPECT_EQ(-EEXIST, load(""));
	EXPECT_EQ(0, unload());
	EXPECT_EQ(-ENOENT, unload());
}

TEST_F(module, counts_from_the_start_if_asked)
{
	struct status status;
	struct client client;

	if (!module_path[0])
		return;
	ASSERT_EQ(0, load("counters=1"));
	client_open(&client);
	client_status(&client, &status);
	EXPECT_EQ(1, status.counting);
	EXPECT_EQ(1, status.armed);
	EXPECT_GT(5000000000ULL, status.uptime_ns);
	client_close(&client);
	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, load("counters=0"));
	client_open(&client);
	client_status(&client, &status);
	EXPECT_EQ(0, status.counting);
	EXPECT_EQ(0, status.objects);
	client_close(&client);
}

/* Sockets that outlive the module are no business of the next one. */
TEST_F(module, next_one_knows_nothing_of_the_last)
{
	struct client client;
	struct status status;

	if (!module_path[0])
		return;
	ASSERT_EQ(0, load(""));
	client_open(&client);
	ASSERT_LT(0, start_own(&client, self->netns, 0));
	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, load(""));
	EXPECT_EQ(-ENOENT, client_status(&client, &status));
	client_close(&client);
	client_open(&client);
	ASSERT_EQ(0, client_status(&client, &status));
	EXPECT_EQ(0, status.objects);
	EXPECT_EQ(0, status.filters);
	EXPECT_EQ(0, status.produced);
	client_close(&client);
}

/* Since the machine started: all of the above. */
TEST_F(module, kernel_has_nothing_to_say)
{
	static const char *const words[] = {
		"WARNING", "BUG:", "Oops", "Call Trace", "refcount", "scheduling while atomic",
		"leaked", "unregister_netdevice: waiting", "possible circular",
	};
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];
	ssize_t len;
	size_t i;

	ASSERT_LE(0, fd);
	for (;;) {
		len = read(fd, record, sizeof(record) - 1);
		if (len < 0 && errno == EPIPE)
			continue;	/* overwritten meanwhile */
		if (len <= 0)
			break;
		record[len] = '\0';
		for (i = 0; i < ARRAY_SIZE(words); i++)
			EXPECT_EQ(NULL, strstr(record, words[i]))
				TH_LOG("%s", record);
	}
	close(fd);
}

TEST_HARNESS_MAIN

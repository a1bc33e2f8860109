// SPDX-License-Identifier: GPL-2.0-only
/* vm: --cpus 4 */
/* timeout: 900 */
/*
 * Paths under load: two flows through the same functions on every CPU, softirqs on
 * top of the tasks that send. No path mixes two packets; traces come and go, clients
 * are killed, and the module is unloaded while points are being hit.
 *
 * The module is taken from $DROPTRACE_KO.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "progs.h"
#include "tracing.h"
#include "traffic.h"

#define PORT		4400
#define FLOWS		2
#define PACKETS		100000

static const struct sock_filter to_us[] = {
	LD_B(9), IF_EQ(17, 4), LD_H(22),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfffe), IF_EQ(PORT, 1), MATCH, NO_MATCH, PROG_END
};

static bool stop_sending;
static unsigned int pause_us;

static void *sender(void *arg)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned long i = (unsigned long)arg;

	cpu_pin(i % cpus_online());
	for (; !__atomic_load_n(&stop_sending, __ATOMIC_RELAXED); i++) {
		to.sin_port = htons(PORT + i % FLOWS);
		sendto(fd, &i, sizeof(i), 0, (void *)&to, sizeof(to));
		if (i % 8 == 0)
			usleep(pause_us);
	}
	close(fd);
	return NULL;
}

struct senders {
	pthread_t threads[16];
	unsigned int nr;
};

static void senders_start(struct senders *senders)
{
	unsigned long i;

	stop_sending = false;
	senders->nr = 2 * cpus_online() < 16 ? 2 * cpus_online() : 16;
	for (i = 0; i < senders->nr; i++)
		pthread_create(&senders->threads[i], NULL, sender, (void *)i);
}

static void senders_stop(struct senders *senders)
{
	__atomic_store_n(&stop_sending, true, __ATOMIC_RELAXED);
	while (senders->nr)
		pthread_join(senders->threads[--senders->nr], NULL);
}

static void put_code(struct code *code)
{
	__u32 lookup;

	code_begin(code);
	code_function(code, symbol("ip_rcv"), RDI, DROPTRACE_FRAME_ROOT);
	code_function(code, symbol(UDP_RECEIVE), RDI, 0);
	lookup = code_frame(code, symbol(UDP_LOOKUP), DROPTRACE_NONE, 0);
	code_point(code, symbol(UDP_LOOKUP), lookup, DROPTRACE_POINT_ENTRY,
		   DROPTRACE_NO_REG, DROPTRACE_NONE);
	/* tasks have contexts, too, beneath those of softirqs */
	code_function(code, symbol("ip_output"), RDX, DROPTRACE_FRAME_ROOT);
	code_function(code, symbol("ip_finish_output2"), RDX, 0);
}

FIXTURE(storm)
{
	struct client client;
	struct code code;
	struct senders senders;
};

FIXTURE_SETUP(storm)
{
	net_isolate();
	net_sysctl("ipv4/icmp_ratelimit", "0");
	pause_us = 0;
	client_open(&self->client);
	ASSERT_TRUE(client_await_idle(&self->client));
	put_code(&self->code);
}

FIXTURE_TEARDOWN(storm)
{
	struct client watcher;

	if (self->client.fd >= 0)
		client_close(&self->client);
	client_open(&watcher);
	trace_del_all(&watcher);
	client_filter_del_all(&watcher);
	EXPECT_TRUE(client_await_idle(&watcher));
	client_close(&watcher);
}

struct judged {
	__u64 paths;
	__u64 lookups;
	__u64 mixed;
	__u64 malformed;
	__u64 incomplete;
	char first[4096];
};

static void judge(void *arg, const struct path *path)
{
	struct judged *judged = arg;
	unsigned int i;
	__u16 port;
	bool mixed = false;

	judged->paths++;
	judged->malformed += path->malformed || !path->has_packet;
	judged->incomplete += !!(path->flags & (DROPTRACE_PATH_MISSED | DROPTRACE_PATH_TRUNCATED |
						DROPTRACE_PATH_DEEP));
	memcpy(&port, path->packet.packet + path->packet.l3_offset + 22, sizeof(port));
	for (i = 0; i < path->nr_steps; i++) {
		const struct step *step = &path->steps[i];
		const struct droptrace_step_enter *enter = (const void *)step->data;
		const struct droptrace_step_drop *drop = (const void *)step->data;
		__u64 skb = 0;

		if (step->kind == DROPTRACE_STEP_ENTER)
			skb = step_u64(enter->skb);
		else if (step->kind == DROPTRACE_STEP_DROP)
			skb = step_u64(drop->skb);
		mixed |= skb && skb != path->packet.skb;
		if (step->kind == DROPTRACE_STEP_ENTER && step->point == 2) {
			judged->lookups++;
			mixed |= (__u16)step_u64(enter->args[4]) != port;
		}
	}
	if (mixed && !judged->mixed++)
		snprintf(judged->first, sizeof(judged->first), "%s", path_text(path));
}

TEST_F_TIMEOUT(storm, no_path_mixes_two_packets, 600)
{
	struct judged judged = {};
	struct trace_info info;
	struct paths paths;
	__u32 filter;
	int trace;
	__u64 until = now_ms() + 500000;

	filter = filter_add(&self->client, .prog = to_us, .owned = true);
	trace = trace_add(&self->client, .filters = &filter, .nr_filters = 1, .owned = true);
	ASSERT_EQ(0, trace_arm(&self->client, trace, &self->code, false));
	paths_begin(&paths, &self->client, 4000);
	paths.each = judge;
	paths.arg = &judged;
	ASSERT_LT(0, session_start(&self->client, .filters = &filter, .nr_filters = 1,
				   .ring_size = 4 << 20));
	senders_start(&self->senders);
	while (judged.paths < PACKETS && now_ms() < until)
		client_take(&self->client, 100);
	senders_stop(&self->senders);
	EXPECT_EQ(0, client_stop(&self->client));
	EXPECT_TRUE(client_await_end(&self->client));
	EXPECT_TRUE(stream_adds_up(&self->client.stream))
		TH_LOG("%s", stream_describe(&self->client.stream));
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	TH_LOG("%llu paths, %llu ports compared, %llu incomplete", judged.paths, judged.lookups,
	       judged.incomplete);
	TH_LOG("opened %llu kept %llu missed %llu without context %llu", info.opened, info.kept,
	       info.missed, info.no_context);
	TH_LOG("%s", stream_describe(&self->client.stream));
	EXPECT_LE(PACKETS, judged.paths);
	EXPECT_LT(judged.paths / 2, judged.lookups);
	EXPECT_EQ(0, judged.mixed) TH_LOG("the first: %s", judged.first);
	EXPECT_EQ(0, judged.malformed);
	paths_end(&paths, &self->client);
}

TEST_F_TIMEOUT(storm, traces_come_and_go, 200)
{
	struct status before, after;
	__u32 filter;
	int i, trace;

	filter = filter_add(&self->client, .prog = to_us);
	client_status(&self->client, &before);
	pause_us = 1000;
	senders_start(&self->senders);
	for (i = 0; i < 30; i++) {
		trace = trace_add(&self->client, .filters = &filter, .nr_filters = 1,
				  .passing = ~0U);
		ASSERT_EQ(0, trace_arm(&self->client, trace, &self->code, false));
		sleep_ms(i);
		ASSERT_EQ(0, trace_del(&self->client, trace));
	}
	senders_stop(&self->senders);
	client_status(&self->client, &after);
	EXPECT_EQ(before.objects, after.objects);
	EXPECT_EQ(0, after.armed);
}

static void stream_until_killed(const struct code *code)
{
	struct client client;
	__u32 filter;
	int trace;

	client_open(&client);
	filter = filter_add(&client, .prog = to_us, .owned = true);
	/* The kernel's ring buffer warns if whoever makes one is killed meanwhile. */
	session_start(&client, .filters = &filter, .nr_filters = 1);
	trace = trace_add(&client, .filters = &filter, .nr_filters = 1, .owned = true);
	if (trace > 0)
		trace_arm(&client, trace, code, false);
	for (;;)
		client_take(&client, 10);
}

TEST_F_TIMEOUT(storm, killing_the_owner_leaves_nothing, 300)
{
	int i, status;
	pid_t pid;

	pause_us = 1000;
	senders_start(&self->senders);
	for (i = 0; i < 40; i++) {
		pid = fork();
		if (!pid)
			stream_until_killed(&self->code);
		sleep_ms(i * 4);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		if (i % 8 == 7)
			ASSERT_TRUE(client_await_idle(&self->client));
	}
	senders_stop(&self->senders);
	ASSERT_TRUE(client_await_idle(&self->client));
}

static int load_module(void)
{
	const char *path = getenv("DROPTRACE_KO");
	int fd = open(path ?: "kmod/droptrace.ko", O_RDONLY | O_CLOEXEC);
	int ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;

	close(fd);
	return ret;
}

TEST_F_TIMEOUT(storm, module_goes_while_points_are_hit, 300)
{
	__u32 filter;
	int i, trace;

	pause_us = 1000;
	senders_start(&self->senders);
	for (i = 0; i < 8; i++) {
		filter = filter_add(&self->client, .prog = to_us);
		trace = trace_add(&self->client, .filters = &filter, .nr_filters = 1,
				  .passing = ~0U);
		ASSERT_EQ(0, trace_arm(&self->client, trace, &self->code, false))
			TH_LOG("%s", self->client.text);
		if (i & 1)
			session_start(&self->client, .has_paths = true);
		sleep_ms(50);
		ASSERT_EQ(0, syscall(SYS_delete_module, "droptrace", O_NONBLOCK));
		sleep_ms(20);
		client_close(&self->client);
		ASSERT_EQ(0, load_module());
		client_open(&self->client);
	}
	senders_stop(&self->senders);
}

static __attribute__((constructor)) void load(void)
{
	symbols_load();
}

TEST_HARNESS_MAIN

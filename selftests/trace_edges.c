// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths where it gets tight: more contexts than there are, functions nested too deeply,
 * points that are missed, packets that come as a list, packets dropped by somebody else
 * than who has them in hand.
 */
#include <fcntl.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>

#include "path_fixture.h"

/* --- more contexts than there are --- */

#define SLEEPERS 100

static void *sleeper(void *arg)
{
	char bytes[16];

	recv(*(int *)arg, bytes, sizeof(bytes), 0);
	return NULL;
}

/* Tasks that sleep in a function keep their contexts; there are not so many. */
TEST_F_TIMEOUT(path, that_finds_no_context_is_counted, 60)
{
	pthread_t threads[SLEEPERS];
	struct trace_info info;
	int fd = receiver(PORT_OTHER), trace, i;
	__u32 frame;

	ASSERT_LE(0, fd);
	frame = code_frame(&self->code, symbol("udp_recvmsg"), DROPTRACE_NONE,
			   DROPTRACE_FRAME_ROOT | DROPTRACE_FRAME_ANY);
	code_point(&self->code, symbol("udp_recvmsg"), frame, DROPTRACE_POINT_ENTRY,
		   DROPTRACE_NO_REG, DROPTRACE_NONE);
	ENTRY("__udp4_lib_rcv", RDI, DROPTRACE_FRAME_ROOT);
	trace = BEGIN();
	ASSERT_LT(0, trace);
	for (i = 0; i < SLEEPERS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, sleeper, &fd));
	sleep_ms(500);
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	TH_LOG("opened %llu, without context %llu", info.opened, info.no_context);
	EXPECT_LT(0, info.no_context);
	/* each was either opened and kept, or counted */
	EXPECT_LE(SLEEPERS, info.opened + info.no_context);
	/* who sleeps for long makes room */
	sleep_ms(1500);
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	EXPECT_EQ(1, path_count(&self->paths.of[0], DROPTRACE_STEP_DROP));
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_TRUE(finish(&self->client));
	EXPECT_EQ(info.no_context, self->client.stream.loss.no_context)
		TH_LOG("%s", stream_describe(&self->client.stream));
	for (i = 0; i < SLEEPERS; i++)
		send_to(self->fd, PORT_OTHER);
	for (i = 0; i < SLEEPERS; i++)
		pthread_join(threads[i], NULL);
	close(fd);
}

/* --- functions within functions --- */

#define STACKED 7

/* VLANs on one another: each is a device that sends through the one below. */
static void stack_devices(void)
{
	char lines[4096] = "link add v0 type dummy\nlink set v0 up\n";
	unsigned int i;

	for (i = 1; i <= STACKED; i++)
		sprintf(lines + strlen(lines),
			"link add link v%u name v%u type vlan id %u\nlink set v%u up\n", i - 1, i,
			i, i);
	sprintf(lines + strlen(lines),
		"addr add 192.0.2.1/24 dev v%u\n"
		"neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v%u\n", STACKED, STACKED);
	net_ip(lines);
}

static void send_away(int fd)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	inet_pton(AF_INET, "192.0.2.2", &to.sin_addr);
	sendto(fd, "hello", 5, 0, (void *)&to, sizeof(to));
}

/* The same function over and over: each has its own frame, and its own end. */
TEST_F_TIMEOUT(path, of_a_function_within_itself, 300)
{
	__u64 addresses[2000], sp = ~0ULL;
	const struct droptrace_step_enter *enter;
	unsigned int i, nr, depth = 0, deepest = 0;
	struct path *path;

	stack_devices();
	ENTRY("__dev_queue_xmit", RDI, DROPTRACE_FRAME_ROOT);
	nr = instructions(&self->client, "__dev_queue_xmit", addresses, 2000);
	ASSERT_LT(10, nr);
	for (i = 1; i < nr; i++)
		if (code_returns(addresses[i]))
			code_point(&self->code, addresses[i], 0, DROPTRACE_POINT_EXIT, RAX,
				   DROPTRACE_NONE);
	ASSERT_LT(0, BEGIN(.passing = ~0U));
	send_away(self->fd);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	TH_LOG("%s", path_text(path));
	EXPECT_EQ(STACKED + 1, path_count(path, DROPTRACE_STEP_ENTER));
	EXPECT_EQ(STACKED + 1, path_count(path, DROPTRACE_STEP_EXIT));
	for (i = 0; i < path->nr_steps; i++) {
		if (path->steps[i].kind == DROPTRACE_STEP_ENTER) {
			enter = (const void *)path->steps[i].data;
			EXPECT_GT(sp, step_u64(enter->sp));
			sp = step_u64(enter->sp);
			deepest = ++depth > deepest ? depth : deepest;
		} else if (path->steps[i].kind == DROPTRACE_STEP_EXIT) {
			depth--;
		}
	}
	EXPECT_EQ(STACKED + 1, deepest);
	EXPECT_EQ(0, depth);
	EXPECT_FALSE(path->flags & DROPTRACE_PATH_DEEP);
}

/* More than can be kept are left out, and the path says so. */
TEST_F_TIMEOUT(path, of_functions_nested_too_deeply_says_so, 60)
{
	static const char * const around[] = {
		"udp_sendmsg", "udp_send_skb", "ip_send_skb", "ip_output",
		"ip_finish_output", "ip_finish_output2", "neigh_resolve_output", "sock_sendmsg",
		"inet_sendmsg", "__sys_sendto", "__x64_sys_sendto", "ip_local_out",
		"__ip_finish_output",
		/* and where it ends */
		"dummy_xmit", "consume_skb", "__kfree_skb", "skb_release_data", "sock_wfree",
		NULL
	};
	struct path *path;
	unsigned int i;
	__u32 frame;

	stack_devices();
	for (i = 0; around[i]; i++) {
		/* not all kernels have all of them */
		if (!symbol_like(around[i]))
			continue;
		frame = code_frame(&self->code, symbol_like(around[i]), DROPTRACE_NONE,
				   i < 13 ? DROPTRACE_FRAME_ROOT | DROPTRACE_FRAME_ANY : 0);
		code_point(&self->code, symbol_like(around[i]), frame, DROPTRACE_POINT_ENTRY,
			   DROPTRACE_NO_REG, DROPTRACE_NONE);
	}
	ENTRY("__dev_queue_xmit", RDI, DROPTRACE_FRAME_ROOT);
	ENTRY("dev_hard_start_xmit", RDI, 0);
	ENTRY("vlan_dev_hard_start_xmit", RDI, 0);
	ASSERT_LT(0, BEGIN(.passing = ~0U));
	/* nothing tells of the end of the first but the second */
	send_away(self->fd);
	send_away(self->fd);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	TH_LOG("%u frames: %s", path_count(path, DROPTRACE_STEP_ENTER), path_text(path));
	EXPECT_TRUE(path->flags & DROPTRACE_PATH_DEEP);
	EXPECT_FALSE(path->malformed);
	EXPECT_LE(32, path_count(path, DROPTRACE_STEP_ENTER));
}

/* --- points that are missed --- */

/* The kernel does not call a handler from what a handler calls. */
TEST_F(path, says_that_points_were_missed)
{
	struct trace_info info;
	struct path *path;
	__u32 frame;
	int trace;

	ENTRY("__udp4_lib_rcv", RDI, DROPTRACE_FRAME_ROOT);
	frame = code_frame(&self->code, symbol("copy_from_kernel_nofault"), DROPTRACE_NONE, 0);
	code_point(&self->code, symbol("copy_from_kernel_nofault"), frame, DROPTRACE_POINT_ENTRY,
		   DROPTRACE_NO_REG, DROPTRACE_NONE);
	trace = BEGIN();
	ASSERT_LT(0, trace);
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	EXPECT_TRUE(path->flags & DROPTRACE_PATH_MISSED);
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_LT(0, info.missed);
	EXPECT_TRUE(finish(&self->client));
	EXPECT_LT(0, self->client.stream.loss.point_missed);
}

/* --- packets that come as a list --- */

#define SEGMENTS 4

/*
 * One send that is cut into packets below: they are put before the receiver in one go,
 * and taken from there as a list.
 */
TEST_F_TIMEOUT(path, of_packets_of_a_list, 60)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	char bytes[SEGMENTS * 100] = "";
	int size = 100, seen = 0;
	unsigned int i, drops = 0;

	ASSERT_EQ(0, run("ip netns add edges"));
	ASSERT_EQ(0, run("ip link add e0 type veth peer name e1 netns edges"));
	ASSERT_EQ(0, run("ip addr add 192.0.2.1/24 dev e0"));
	ASSERT_EQ(0, run("ip link set e0 up"));
	ASSERT_EQ(0, run("ip -n edges addr add 192.0.2.2/24 dev e1"));
	ASSERT_EQ(0, run("ip -n edges link set e1 up"));
	ASSERT_EQ(0, run("ethtool -K e0 tso off gso off tx-udp-segmentation off > /dev/null"));
	ASSERT_EQ(0, run("ip netns exec edges ethtool -K e1 gro on > /dev/null"));
	inet_pton(AF_INET, "192.0.2.2", &to.sin_addr);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)));
	ENTRY("ip_list_rcv", RDI, DROPTRACE_FRAME_ROOT | DROPTRACE_FRAME_LIST);
	ENTRY("__udp4_lib_rcv", RDI, 0);
	ASSERT_LT(0, BEGIN());
	for (i = 0; i < 10 && !self->paths.whole; i++) {
		sendto(self->fd, bytes, sizeof(bytes), 0, (void *)&to, sizeof(to));
		sleep_ms(300);
		client_take(&self->client, 0);
	}
	run("ip netns del edges");
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	for (i = 0; i < self->paths.nr; i++) {
		const struct path *path = &self->paths.of[i];

		TH_LOG("%s", path_text(path));
		drops = path_count(path, DROPTRACE_STEP_DROP);
		/* the list, and each packet in a frame of its own */
		EXPECT_EQ(1 + drops, path_count(path, DROPTRACE_STEP_ENTER));
		seen += drops > 1;
		EXPECT_EQ(0, path_find(path, DROPTRACE_STEP_ENTER, 0)->point);
	}
	EXPECT_LT(0, seen);
}

/* --- dropped by somebody else --- */

#define SENT 500

/*
 * What this CPU sends another one receives, and drops while we are still in the function
 * that sends it, or just have left it.
 */
TEST_F_TIMEOUT(path, of_what_another_cpu_drops, 120)
{
	char dir[] = "/tmp/droptrace-sys.XXXXXX", name[128];
	struct trace_info info;
	unsigned int i, own = 0;
	__u32 frame;
	int trace;
	FILE *f;

	if (cpus_online() < 2)
		SKIP(return, "one CPU");
	ASSERT_TRUE(mkdtemp(dir));
	ASSERT_EQ(0, mount("none", dir, "sysfs", 0, NULL));
	snprintf(name, sizeof(name), "%s/class/net/lo/queues/rx-0/rps_cpus", dir);
	f = fopen(name, "w");
	ASSERT_TRUE(f);
	fputs("2\n", f);
	ASSERT_EQ(0, fclose(f));
	umount2(dir, MNT_DETACH);
	cpu_pin(0);
	net_sysctl("ipv4/icmp_ratelimit", "1000000");
	frame = code_frame(&self->code, symbol("udp_sendmsg"), DROPTRACE_NONE,
			   DROPTRACE_FRAME_ROOT | DROPTRACE_FRAME_ANY);
	code_point(&self->code, symbol("udp_sendmsg"), frame, DROPTRACE_POINT_ENTRY,
		   DROPTRACE_NO_REG, DROPTRACE_NONE);
	ENTRY("ip_output", RDX, 0);
	trace = BEGIN();
	ASSERT_LT(0, trace);
	for (i = 0; i < SENT; i++) {
		sendto(self->fd, "hello", 5, 0,
		       (void *)&(struct sockaddr_in){ .sin_family = AF_INET,
						      .sin_port = htons(PORT),
						      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
		       sizeof(struct sockaddr_in));
		/* no more packets under way than can be kept in mind */
		usleep(1000);
		client_take(&self->client, 0);
	}
	/* the last one has no other behind it that would end it */
	sleep_ms(2500);
	EXPECT_TRUE(finish(&self->client));
	for (i = 0; i < self->paths.nr; i++)
		own += path_count(&self->paths.of[i], DROPTRACE_STEP_DROP) == 1;
	EXPECT_EQ(self->paths.nr, own);
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	TH_LOG("%llu drops, %llu paths", self->client.stream.events - self->paths.whole,
	       self->paths.whole);
	EXPECT_LT(0, self->paths.whole);
	/* as many paths as drops */
	EXPECT_EQ(self->client.stream.events, 2 * self->paths.whole);
}

static __attribute__((constructor)) void load(void)
{
	run("modprobe -a 8021q dummy");
	symbols_load();
}

TEST_HARNESS_MAIN

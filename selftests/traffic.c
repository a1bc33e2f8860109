// SPDX-License-Identifier: GPL-2.0-only
/* See traffic.h. */
#include <arpa/inet.h>
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/if_packet.h>

#include "traffic.h"

/* Frames that are handed to the kernel at a time. */
#define BATCH	32

__u32 traffic_number(const struct traffic_payload *payload)
{
	__u32 number;

	memcpy(&number, payload->number, sizeof(number));
	return number;
}

/* --- namespaces --- */

__u32 net_inum(void)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st))
		err(1, "/proc/thread-self/ns/net");
	return st.st_ino;
}

static void device_up(const char *dev)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = { .ifr_flags = IFF_UP };

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", dev);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &req))
		err(1, "cannot bring %s up", dev);
	close(fd);
}

__u32 net_isolate(void)
{
	if (unshare(CLONE_NEWNET))
		err(4, "no network namespace (root is needed)");
	device_up("lo");
	return net_inum();
}

int run(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

void net_ip(const char *lines)
{
	FILE *ip = popen("ip -batch -", "w");

	if (!ip || fputs(lines, ip) < 0 || pclose(ip))
		errx(1, "ip failed on:\n%s", lines);
}

void net_sysctl(const char *path, const char *value)
{
	char file[256];
	int fd;

	snprintf(file, sizeof(file), "/proc/sys/net/%s", path);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		err(1, "%s", file);
	close(fd);
}

/* --- packets --- */

int packet_open(const char *dev)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (!address.sll_ifindex)
		err(1, "no device %s", dev);
	if (fd < 0 || bind(fd, (void *)&address, sizeof(address)))
		err(1, "no packet socket on %s", dev);
	return fd;
}

void packet_send(int fd, const void *frame, size_t len)
{
	/* ENOBUFS says that a queueing discipline dropped it, which may be meant. */
	if (send(fd, frame, len, 0) != (ssize_t)len && errno != ENOBUFS && errno != ENETDOWN)
		err(1, "cannot send a frame");
}

struct frame {
	__u8 ethernet[12];
	__u8 type[2];
	struct traffic_payload payload;
};

static_assert(sizeof(struct frame) == TRAFFIC_FRAME_LEN, "a frame has no holes");

static void frame_make(struct frame *frame, __u16 type)
{
	memset(frame, 0, sizeof(*frame));
	frame->type[0] = type >> 8;
	frame->type[1] = type;
	memcpy(frame->payload.marker, TRAFFIC_MARKER, sizeof(frame->payload.marker));
}

static void send_frames(int fd, __u16 type, unsigned int count, __u32 *number)
{
	struct mmsghdr messages[BATCH] = {};
	struct frame frames[BATCH];
	struct iovec iov[BATCH];
	unsigned int i;
	int sent;

	for (i = 0; i < count; i++) {
		frame_make(&frames[i], type);
		memcpy(frames[i].payload.number, number, sizeof(*number));
		(*number)++;
		iov[i] = (struct iovec){ .iov_base = &frames[i], .iov_len = sizeof(frames[i]) };
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	for (i = 0; i < count; i += sent) {
		sent = sendmmsg(fd, messages + i, count - i, 0);
		if (sent <= 0)
			err(1, "cannot send frames");
	}
}

void traffic_drop(int fd, __u16 type, unsigned int count, __u32 *number)
{
	__u32 from_zero = 0;
	unsigned int part;

	for (; count; count -= part) {
		part = count < BATCH ? count : BATCH;
		send_frames(fd, type, part, number ?: &from_zero);
	}
}

void traffic_drop_unix(const void *data, size_t len)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) ||
	    send(pair[0], data, len, 0) != (ssize_t)len)
		err(1, "no unix sockets");
	close(pair[1]);
	close(pair[0]);
}

/* --- storms --- */

struct storm_thread {
	pthread_t thread;
	struct storm *storm;
	unsigned int cpu;
	unsigned int frames;
	__u16 type;
	__u64 sent;
};

unsigned int cpus_online(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

void cpu_pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "cannot run on CPU %u", cpu);
}

static void *storm_run(void *arg)
{
	struct storm_thread *thread = arg;
	struct storm *storm = thread->storm;
	unsigned int part, pause_us;
	__u32 number = 0;
	int fd;

	cpu_pin(thread->cpu);
	fd = packet_open("lo");
	while (!__atomic_load_n(&storm->stop, __ATOMIC_SEQ_CST) &&
	       (!thread->frames || thread->sent < thread->frames)) {
		part = BATCH;
		if (thread->frames && thread->frames - thread->sent < part)
			part = thread->frames - thread->sent;
		send_frames(fd, thread->type, part, &number);
		thread->sent += part;
		pause_us = __atomic_load_n(&storm->pause_us, __ATOMIC_SEQ_CST);
		if (pause_us)
			usleep(pause_us);
	}
	close(fd);
	return NULL;
}

void storm_start(struct storm *storm, unsigned int cpus, unsigned int frames, __u16 type)
{
	struct storm_thread *thread;

	memset(storm, 0, sizeof(*storm));
	storm->nr = cpus;
	storm->threads = calloc(cpus, sizeof(*storm->threads));
	if (!storm->threads)
		err(1, "no memory");
	for (thread = storm->threads; thread < storm->threads + cpus; thread++) {
		thread->storm = storm;
		thread->cpu = thread - storm->threads;
		thread->frames = frames;
		thread->type = type;
		errno = pthread_create(&thread->thread, NULL, storm_run, thread);
		if (errno)
			err(1, "no thread");
	}
}

void storm_ease(struct storm *storm, unsigned int us)
{
	__atomic_store_n(&storm->pause_us, us, __ATOMIC_SEQ_CST);
}

__u64 storm_end(struct storm *storm, bool now)
{
	__u64 sent = 0;
	unsigned int i;

	if (now)
		__atomic_store_n(&storm->stop, true, __ATOMIC_SEQ_CST);
	for (i = 0; i < storm->nr; i++) {
		pthread_join(storm->threads[i].thread, NULL);
		sent += storm->threads[i].sent;
	}
	free(storm->threads);
	storm->threads = NULL;
	return sent;
}

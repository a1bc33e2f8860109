/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Namespaces, and packets that are dropped in them for certain: a frame with an
 * EtherType that nobody listens to, sent to the loopback device, is freed by
 * kfree_skb() exactly once, in softirq, on the CPU that sent it.
 *
 * What cannot fail in a working system ends the program with a message.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/* EtherTypes that IEEE keeps for experiments. */
#define TRAFFIC_TYPE		0x88b5
#define TRAFFIC_TYPE_OTHER	0x88b6

#define TRAFFIC_MARKER		"droptrace selftest "

/* Behind the Ethernet header of such a frame. */
struct traffic_payload {
	char marker[sizeof(TRAFFIC_MARKER) - 1];
	__u8 reserved;
	__u8 number[4];		/* counts up with every frame of a sender; host order */
};

#define TRAFFIC_FRAME_LEN	(14 + sizeof(struct traffic_payload))

/* A new network namespace with lo up, for this process; its inode number. */
__u32 net_isolate(void);
__u32 net_inum(void);

/* The number in the payload of a frame. */
__u32 traffic_number(const struct traffic_payload *payload);

/* Runs `ip -batch` on these lines. */
void net_ip(const char *lines);
void net_sysctl(const char *path, const char *value);

/* Runs a command; its exit status. */
int run(const char *command);

/* A packet socket that sends whole frames through a device and receives nothing. */
int packet_open(const char *dev);
void packet_send(int fd, const void *frame, size_t len);

/* Sends @count frames that are dropped, numbered from *@number on. */
void traffic_drop(int fd, __u16 type, unsigned int count, __u32 *number);

/* A datagram on a unix socket that is closed unread: a drop that is no packet. */
void traffic_drop_unix(const void *data, size_t len);

/* --- storms: threads that drop as fast as they can --- */

#define STORM_CPUS_MAX	16

struct storm_thread;

struct storm {
	unsigned int nr;
	struct storm_thread *threads;
	bool stop;		/* atomic */
	unsigned int pause_us;	/* atomic; between 32 frames */
};

/* CPUs that this process may run on. */
unsigned int cpus_online(void);
void cpu_pin(unsigned int cpu);

/* Drops @frames on each of @cpus CPUs, or without end if 0. */
void storm_start(struct storm *storm, unsigned int cpus, unsigned int frames, __u16 type);

/* Leaves some of the machine to the rest: a pause after every 32 frames. */
void storm_ease(struct storm *storm, unsigned int us);

/* Waits until the threads are done (after telling them to stop if @now). Frames sent. */
__u64 storm_end(struct storm *storm, bool now);

#endif /* TRAFFIC_H */

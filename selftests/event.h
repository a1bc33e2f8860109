/* SPDX-License-Identifier: GPL-2.0-only */
/* A drop as the module reports it, decoded for the tests. */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/droptrace.h>
#include <linux/netlink.h>

#define EVENT_BIT(attr)	(1ULL << (attr))

struct event {
	__u64 has;		/* EVENT_BIT() of the attributes that were there */
	__u64 time_ns;
	__u32 cpu;
	__u64 skb;
	__u32 reason;
	__u64 location;
	char symbol[512];
	__u32 filters[DROPTRACE_FILTERS_MAX];
	unsigned int nr_filters;
	char dev[32];
	__u32 ifindex;
	__u32 netns;
	__u32 mark;
	__u32 len;
	__u16 protocol;
	__u16 l3_protocol;
	__u16 vlan_tpid;
	__u16 vlan_tci;
	__u8 pkt_type;
	__u16 l3_offset;
	__u16 l4_offset;
	__u8 packet[DROPTRACE_SNAPLEN_MAX];
	unsigned int packet_len;
	__u32 pid;
	char comm[32];
	__u64 stack[DROPTRACE_STACK_MAX];
	unsigned int nr_stack;
	__u64 context;
	bool malformed;		/* an attribute of a wrong size or unknown type */
};

void event_decode(struct event *event, const struct nlattr *nest);
bool event_has(const struct event *event, int attr);
bool event_matched(const struct event *event, __u32 filter);

/* Does the packet's kept part hold these bytes anywhere. */
bool event_contains(const struct event *event, const void *bytes, size_t len);

#endif /* EVENT_H */

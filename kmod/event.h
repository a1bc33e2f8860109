/* SPDX-License-Identifier: GPL-2.0-only */
/* A drop as it lies in a ring, between the probe and the worker. */
#ifndef DROPTRACE_EVENT_H
#define DROPTRACE_EVENT_H

#include <linux/build_bug.h>
#include <linux/if.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "droptrace.h"

/* Bits of struct droptrace_event.flags. */
#define DROPTRACE_EVENT_IN_TASK	BIT(0)	/* pid and comm are set */
#define DROPTRACE_EVENT_L3	BIT(1)	/* l3_offset is set */
#define DROPTRACE_EVENT_L4	BIT(2)	/* l4_offset is set */

/**
 * struct droptrace_event - a drop
 * @skb: address of the buffer
 * @location: return address of the call that freed it
 * @reason: the kernel's number
 * @ifindex: of its device, 0 if unknown
 * @netns: inode number of the network namespace, 0 if unknown
 * @mark: its mark
 * @len: its length from the network header on, bytes
 * @pid: of the task
 * @protocol: skb->protocol, host order
 * @l3_protocol: EtherType behind VLAN tags, host order, 0 if unknown
 * @vlan_tpid: of the outer tag, 0 without
 * @vlan_tci: of the outer tag
 * @l3_offset: of the network header in the packet's bytes
 * @l4_offset: of the transport header in them
 * @caplen: packet's bytes kept
 * @pkt_type: skb->pkt_type
 * @flags: DROPTRACE_EVENT_*
 * @nr_filters: filters that matched
 * @nr_stack: return addresses kept
 * @reserved: nothing yet
 * @dev: name of the device, empty if unknown
 * @comm: name of the task
 * @data: @nr_stack addresses (u64), @nr_filters ids (u32), @caplen bytes
 *
 * When it happened, the ring keeps. The ring aligns to 4 bytes on some architectures.
 */
struct droptrace_event {
	u64 skb;
	u64 location;
	u32 reason;
	u32 ifindex;
	u32 netns;
	u32 mark;
	u32 len;
	u32 pid;
	u16 protocol;
	u16 l3_protocol;
	u16 vlan_tpid;
	u16 vlan_tci;
	u16 l3_offset;
	u16 l4_offset;
	u16 caplen;
	u8 pkt_type;
	u8 flags;
	u8 nr_filters;
	u8 nr_stack;
	u16 reserved;
	char dev[IFNAMSIZ];
	char comm[TASK_COMM_LEN];
	u8 data[];
} __packed __aligned(4);

/* The largest one must fit a page of the kernel's ring with its headers. */
static_assert(sizeof(struct droptrace_event) + DROPTRACE_STACK_MAX * sizeof(u64) +
	      DROPTRACE_FILTERS_MAX * sizeof(u32) + DROPTRACE_SNAPLEN_MAX <= 4096 - 64);

static inline size_t droptrace_event_size(unsigned int nr_stack, unsigned int nr_filters,
					  unsigned int caplen)
{
	return sizeof(struct droptrace_event) + nr_stack * sizeof(u64) +
	       nr_filters * sizeof(u32) + caplen;
}

static inline void *droptrace_event_stack(struct droptrace_event *event)
{
	return event->data;
}

static inline void *droptrace_event_filters(struct droptrace_event *event)
{
	return event->data + event->nr_stack * sizeof(u64);
}

static inline void *droptrace_event_packet(struct droptrace_event *event)
{
	return droptrace_event_filters(event) + event->nr_filters * sizeof(u32);
}

#endif /* DROPTRACE_EVENT_H */

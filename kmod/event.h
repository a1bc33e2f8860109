/* SPDX-License-Identifier: GPL-2.0-only */
/* What lies in a ring, between those who record and the worker. */
#ifndef DROPTRACE_EVENT_H
#define DROPTRACE_EVENT_H

#include <linux/build_bug.h>
#include <linux/if.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "droptrace.h"

/* What an event is; each kind begins with it. */
enum droptrace_event_kind {
	DROPTRACE_EVENT_DROP,	/* struct droptrace_event */
	DROPTRACE_EVENT_PATH,	/* struct droptrace_chunk */
	DROPTRACE_EVENT_GONE,	/* struct droptrace_gone */
};

/* Bits of struct droptrace_event.flags. */
#define DROPTRACE_EVENT_IN_TASK	BIT(0)	/* pid and comm are set */
#define DROPTRACE_EVENT_L3	BIT(1)	/* l3_offset is set */
#define DROPTRACE_EVENT_L4	BIT(2)	/* l4_offset is set */

/**
 * struct droptrace_event - a drop; also the packet of a path, when it was met
 * @kind: DROPTRACE_EVENT_DROP
 * @caplen: packet's bytes kept
 * @skb: address of the buffer
 * @location: return address of the call that freed it
 * @context: id of the context that it happened in, 0 if in none
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
 * @pkt_type: skb->pkt_type
 * @flags: DROPTRACE_EVENT_*
 * @nr_filters: filters that matched
 * @nr_stack: return addresses kept
 * @dev: name of the device, empty if unknown
 * @comm: name of the task
 * @data: @nr_stack addresses (u64), @nr_filters ids (u32), @caplen bytes
 *
 * When it happened, the ring keeps. The ring aligns to 4 bytes on some architectures.
 */
struct droptrace_event {
	u16 kind;
	u16 caplen;
	u64 skb;
	u64 location;
	u64 context;
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
	u8 pkt_type;
	u8 flags;
	u8 nr_filters;
	u8 nr_stack;
	char dev[IFNAMSIZ];
	char comm[TASK_COMM_LEN];
	u8 data[];
} __packed __aligned(4);

/**
 * struct droptrace_chunk - a part of a path
 * @kind: DROPTRACE_EVENT_PATH
 * @packet_len: bytes of the packet's event, 0 but in the first chunk
 * @trace: id of the trace
 * @context: id of the context
 * @time: when the context was opened, by the ring's clock
 * @chunk: number of this part
 * @flags: enum droptrace_path_flag
 * @cpu: where the context was opened
 * @steps_len: bytes of steps
 * @data: @packet_len bytes of a struct droptrace_event, @steps_len of steps
 */
struct droptrace_chunk {
	u16 kind;
	u16 packet_len;
	u32 trace;
	u64 context;
	u64 time;
	u32 chunk;
	u32 flags;
	u32 cpu;
	u32 steps_len;
	u8 data[];
} __packed __aligned(4);

/**
 * struct droptrace_gone - points went with their module
 * @kind: DROPTRACE_EVENT_GONE
 * @reserved: nothing
 * @trace: id of their trace
 * @nr_points: how many
 * @module: its name
 */
struct droptrace_gone {
	u16 kind;
	u16 reserved;
	u32 trace;
	u32 nr_points;
	char module[MODULE_NAME_LEN];
} __packed __aligned(4);

/* What fits a page of the kernel's ring with its headers. */
#define DROPTRACE_EVENT_MAX	(4096 - 64)
#define DROPTRACE_CHUNK_MAX	(DROPTRACE_EVENT_MAX - sizeof(struct droptrace_chunk))

static_assert(sizeof(struct droptrace_event) + DROPTRACE_STACK_MAX * sizeof(u64) +
	      DROPTRACE_FILTERS_MAX * sizeof(u32) + DROPTRACE_SNAPLEN_MAX <=
	      DROPTRACE_EVENT_MAX);

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

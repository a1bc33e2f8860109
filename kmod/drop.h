/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One drop while the probe looks at it.  What costs something is found when first
 * asked for.
 */
#ifndef DROPTRACE_DROP_H
#define DROPTRACE_DROP_H

#include <linux/skbuff.h>

#include "device.h"
#include "droptrace.h"
#include "packet.h"

/* Return addresses above the tracepoint's caller: our own and the tracepoint's. */
#define DROPTRACE_STACK_ABOVE 16

/* Contexts of different traces that are told of; there may be more. */
#define DROPTRACE_DROP_CONTEXTS 4

/**
 * struct droptrace_drop_context - a context that a drop happened in
 * @slot: of its trace
 * @id: its id
 */
struct droptrace_drop_context {
	unsigned int slot;
	u64 id;
};

/**
 * struct droptrace_drop - a drop, or a packet that a point meets
 * @skb: the packet, about to be freed if it is a drop
 * @location: return address of the call that frees it
 * @reason: the kernel's number, 0 where it has none
 * @level: execution level that this runs on
 * @pkt: the packet and its headers
 * @device_looked_up: @device and @netns are what they will be
 * @device: the packet's device, NULL if unknown; under RCU
 * @netns: inode number of the network namespace, 0 if unknown
 * @stack: return addresses, beginning with @location
 * @nr_stack: their number
 * @nr_contexts: number of @contexts
 * @contexts: contexts that it happened in
 * @inner: view of the packet inside a tunnel
 * @room: for return addresses, the probe's own first
 *
 * One for each execution level of a CPU: too large for a stack.
 */
struct droptrace_drop {
	const struct sk_buff *skb;
	unsigned long location;
	u32 reason;
	enum droptrace_level level;
	struct droptrace_packet pkt;
	bool device_looked_up;
	const struct droptrace_device *device;
	u32 netns;
	const unsigned long *stack;
	unsigned int nr_stack;
	unsigned int nr_contexts;
	struct droptrace_drop_context contexts[DROPTRACE_DROP_CONTEXTS];
	struct sk_buff inner;
	unsigned long room[DROPTRACE_STACK_MAX + DROPTRACE_STACK_ABOVE];
};

void droptrace_drop_find_device_slowly(struct droptrace_drop *drop);
void droptrace_drop_save_stack(struct droptrace_drop *drop, unsigned int depth);

/**
 * droptrace_drop_begin() - begin to look at a packet
 * @drop: reset, and gets what is needed of the headers
 * @skb: the packet
 * @level: execution level that this runs on
 *
 * Context: Any context, NMI-safe.
 */
static inline void droptrace_drop_begin(struct droptrace_drop *drop, const struct sk_buff *skb,
					enum droptrace_level level)
{
	drop->skb = skb;
	drop->level = level;
	drop->device_looked_up = false;
	drop->nr_stack = 0;
	drop->nr_contexts = 0;
	droptrace_packet_locate(&drop->pkt, skb);
}

/**
 * droptrace_drop_find_device() - find device and namespace of a drop
 * @drop: gets its @device and @netns
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 */
static inline void droptrace_drop_find_device(struct droptrace_drop *drop)
{
	if (drop->device_looked_up)
		return;
	drop->device_looked_up = true;
	drop->device = droptrace_device_find(drop->skb->dev);
	if (likely(drop->device))
		drop->netns = drop->device->netns;
	else
		droptrace_drop_find_device_slowly(drop);
}

#endif /* DROPTRACE_DROP_H */

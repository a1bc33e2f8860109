/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One drop while the probe looks at it.  Lives on the probe's stack; what costs
 * something is found when first asked for.
 */
#ifndef DROPTRACE_DROP_H
#define DROPTRACE_DROP_H

#include <linux/skbuff.h>

#include "device.h"
#include "droptrace.h"
#include "packet.h"

/* Return addresses above the tracepoint's caller: our own and the tracepoint's. */
#define DROPTRACE_STACK_ABOVE 16

/**
 * struct droptrace_scratch - room of one execution level of one CPU
 * @view: the packet from its network header on
 * @inner: the packet inside a tunnel
 * @stack: return addresses, the probe's own first
 */
struct droptrace_scratch {
	struct sk_buff view;
	struct sk_buff inner;
	unsigned long stack[DROPTRACE_STACK_MAX + DROPTRACE_STACK_ABOVE];
};

/**
 * struct droptrace_drop - a drop
 * @skb: the packet, about to be freed
 * @location: return address of the call that frees it
 * @reason: the kernel's number, 0 where it has none
 * @level: execution level that this runs on
 * @scratch: room of this level
 * @pkt: the packet's headers
 * @has_view: scratch->view is made
 * @device_looked_up: @device and @netns are what they will be
 * @device: the packet's device, NULL if unknown; under RCU
 * @netns: inode number of the network namespace, 0 if unknown
 * @stack: return addresses, beginning with @location
 * @nr_stack: their number
 */
struct droptrace_drop {
	const struct sk_buff *skb;
	unsigned long location;
	u32 reason;
	enum droptrace_level level;
	struct droptrace_scratch *scratch;
	struct droptrace_packet pkt;
	bool has_view;
	bool device_looked_up;
	const struct droptrace_device *device;
	u32 netns;
	const unsigned long *stack;
	unsigned int nr_stack;
};

void droptrace_drop_find_device(struct droptrace_drop *drop);
void droptrace_drop_save_stack(struct droptrace_drop *drop, unsigned int depth);

#endif /* DROPTRACE_DROP_H */

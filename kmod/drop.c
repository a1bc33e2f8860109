// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is found out about a drop beside its headers: the device and network
 * namespace it belongs to, and the stack that led to it.
 *
 * Called from the probe, in any context.
 */
#include <linux/stacktrace.h>
#include <linux/uaccess.h>
#include <net/dst.h>
#include <net/sock.h>

#include "drop.h"

/* Fields that share their place with others hold small numbers at times. */
static bool drop_is_kernel_pointer(const void *p)
{
	return (unsigned long)p >= PAGE_OFFSET;
}

/*
 * The route's device, for packets that have not been given one or have it no
 * more.  The route's place is shared with a list in TCP's queues, so that it is
 * read with care and its device believed only if there is one at that address.
 */
static const struct droptrace_device *drop_route_device(const struct sk_buff *skb)
{
	/* not skb_dst(), which warns of routes that are looked at without a lock */
	const struct dst_entry *dst = (void *)(skb->_skb_refdst & SKB_DST_PTRMASK);
	const struct net_device *dev;

	if (!drop_is_kernel_pointer(dst) ||
	    copy_from_kernel_nofault(&dev, &dst->dev, sizeof(dev)))
		return NULL;
	return droptrace_device_find(dev);
}

/**
 * droptrace_drop_find_device_slowly() - find them where the buffer has no device
 * @drop: gets its @device and @netns
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 */
void droptrace_drop_find_device_slowly(struct droptrace_drop *drop)
{
	const struct sock *sk = drop->skb->sk;

	drop->netns = 0;
	drop->device = drop_route_device(drop->skb);
	if (drop->device)
		drop->netns = drop->device->netns;
	else if (drop_is_kernel_pointer(sk))
		drop->netns = sock_net(sk)->ns.inum;
}

/**
 * droptrace_drop_save_stack() - record the stack that led to a drop
 * @drop: gets its @stack
 * @depth: return addresses to keep at the most, up to DROPTRACE_STACK_MAX
 *
 * The frames above the drop are the tracepoint's and our own, whose number
 * varies: the stack begins at the drop's location, wherever that is found.
 *
 * Context: Any context.
 */
void droptrace_drop_save_stack(struct droptrace_drop *drop, unsigned int depth)
{
	unsigned long *stack = drop->room;
	unsigned int nr, i;

	nr = stack_trace_save(stack, depth + DROPTRACE_STACK_ABOVE, 0);
	for (i = 0; i < nr; i++)
		if (stack[i] == drop->location)
			break;
	if (i == nr) {
		/* freed by a tail call out of a frame that is gone: location alone */
		stack[0] = drop->location;
		i = 0;
		nr = 1;
	}
	drop->stack = stack + i;
	drop->nr_stack = min(nr - i, depth);
}

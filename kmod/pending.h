/* SPDX-License-Identifier: GPL-2.0-only */
/* Contexts of packets that are between two functions. */
#ifndef DROPTRACE_PENDING_H
#define DROPTRACE_PENDING_H

#include <linux/atomic.h>
#include <linux/types.h>

struct droptrace_context;
struct sk_buff;

#define DROPTRACE_PENDING_SETS	16	/* a power of two */
#define DROPTRACE_PENDING_WAYS	4
#define DROPTRACE_PENDING_MAX	(DROPTRACE_PENDING_SETS * DROPTRACE_PENDING_WAYS)

/**
 * struct droptrace_pending_place - a packet that is between two functions
 * @skb: address of the packet; a hint: the context knows
 * @ctx: its context, NULL if there is none
 */
struct droptrace_pending_place {
	const struct sk_buff *skb;
	struct droptrace_context *ctx;
};

/**
 * struct droptrace_pending - all of them, of a trace
 * @places: by the packet's address
 * @nr: how many, at least
 */
struct droptrace_pending {
	struct droptrace_pending_place places[DROPTRACE_PENDING_MAX];
	atomic_t nr;
};

void droptrace_pending_add(struct droptrace_pending *pending, struct droptrace_context *ctx);
struct droptrace_context *droptrace_pending_find(struct droptrace_pending *pending,
						 const struct sk_buff *skb);
struct droptrace_context *droptrace_pending_steal(struct droptrace_pending *pending);
void droptrace_pending_sweep(struct droptrace_pending *pending, u64 now, bool passing);

/**
 * droptrace_pending_resume() - the context of a packet that is under way
 * @pending: those that wait
 * @skb: address of the packet
 *
 * Inline for the usual case, that none waits.
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: the context, which is the caller's then; NULL if there is none.
 */
static inline struct droptrace_context *
droptrace_pending_resume(struct droptrace_pending *pending, const struct sk_buff *skb)
{
	return atomic_read(&pending->nr) ? droptrace_pending_find(pending, skb) : NULL;
}

#endif /* DROPTRACE_PENDING_H */

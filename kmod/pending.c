// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts of packets that are between two functions: they wait by the packet's
 * address, since the same packet may enter another function, or be dropped elsewhere.
 * One is taken by exchanging its pointer for NULL.
 *
 * Called from points and from the probe with preemption off, from the sweep in
 * process context; NMI-safe.
 */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/preempt.h>
#include <linux/time64.h>

#include "context.h"
#include "pending.h"
#include "pool.h"

/* How long a packet may be on its way; fragments wait for 30 s. */
#define PENDING_DROPPED_NS	(60ULL * NSEC_PER_SEC)
/* The same where those that pass are wanted, too. */
#define PENDING_PASSED_NS	(NSEC_PER_SEC / 4)

static struct droptrace_pending_place *pending_set(struct droptrace_pending *pending,
						   const struct sk_buff *skb)
{
	return &pending->places[hash_ptr(skb, ilog2(DROPTRACE_PENDING_SETS)) *
				DROPTRACE_PENDING_WAYS];
}

static struct droptrace_context *pending_take(struct droptrace_pending *pending,
					      struct droptrace_pending_place *place)
{
	struct droptrace_context *ctx;

	if (!READ_ONCE(place->ctx))
		return NULL;
	ctx = xchg(&place->ctx, NULL);
	if (ctx)
		atomic_dec(&pending->nr);
	return ctx;
}

/**
 * droptrace_pending_add() - wait for a packet to go on
 * @pending: those that wait
 * @ctx: its context, no longer the caller's
 *
 * The one that has waited longest makes room.
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 */
void droptrace_pending_add(struct droptrace_pending *pending, struct droptrace_context *ctx)
{
	struct droptrace_pending_place *set = pending_set(pending, ctx->skb), *place = set;
	struct droptrace_context *old;
	u64 oldest = U64_MAX, used;
	unsigned int i;

	for (i = 0; i < DROPTRACE_PENDING_WAYS; i++) {
		/* Contexts stay where they are: what is read of another's is old, not wrong. */
		old = READ_ONCE(set[i].ctx);
		used = old ? READ_ONCE(old->used) : 0;
		if (used < oldest) {
			oldest = used;
			place = &set[i];
		}
	}
	WRITE_ONCE(place->skb, ctx->skb);
	atomic_inc(&pending->nr);
	old = xchg(&place->ctx, ctx);
	if (!old)
		return;
	atomic_dec(&pending->nr);
	droptrace_pool_finish(old);
}

/**
 * droptrace_pending_find() - droptrace_pending_resume(), if any waits
 * @pending: those that wait
 * @skb: address of the packet
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: the context, which is the caller's then; NULL if there is none.
 */
struct droptrace_context *droptrace_pending_find(struct droptrace_pending *pending,
						 const struct sk_buff *skb)
{
	struct droptrace_pending_place *set;
	struct droptrace_context *ctx;
	unsigned int i;

	if (!skb)
		return NULL;
	set = pending_set(pending, skb);
	for (i = 0; i < DROPTRACE_PENDING_WAYS; i++) {
		if (READ_ONCE(set[i].skb) != skb)
			continue;
		ctx = pending_take(pending, &set[i]);
		if (!ctx)
			continue;
		if (ctx->skb == skb) {
			ctx->known[0] = skb;
			ctx->nr_known = 1;
			return ctx;
		}
		droptrace_pending_add(pending, ctx);	/* another had come in between */
	}
	return NULL;
}

/**
 * droptrace_pending_steal() - the context that has waited longest
 * @pending: those that wait
 *
 * Context: Any context, NMI-safe.
 * Return: the context, which is the caller's then; NULL if there is none.
 */
struct droptrace_context *droptrace_pending_steal(struct droptrace_pending *pending)
{
	struct droptrace_pending_place *oldest = NULL;
	struct droptrace_context *ctx;
	u64 used, least = U64_MAX;
	unsigned int i;

	for (i = 0; i < DROPTRACE_PENDING_MAX; i++) {
		ctx = READ_ONCE(pending->places[i].ctx);
		used = ctx ? READ_ONCE(ctx->used) : U64_MAX;
		if (used < least) {
			least = used;
			oldest = &pending->places[i];
		}
	}
	return oldest ? pending_take(pending, oldest) : NULL;
}

/**
 * droptrace_pending_sweep() - end contexts of packets that are no longer under way
 * @pending: those that wait
 * @now: by the ring's clock
 * @passing: those of packets that were not dropped are wanted, too, and soon
 *
 * Context: Process context.
 */
void droptrace_pending_sweep(struct droptrace_pending *pending, u64 now, bool passing)
{
	u64 old = passing ? PENDING_PASSED_NS : PENDING_DROPPED_NS;
	struct droptrace_context *ctx;
	unsigned int i;

	if (!atomic_read(&pending->nr))
		return;
	for (i = 0; i < DROPTRACE_PENDING_MAX; i++) {
		ctx = READ_ONCE(pending->places[i].ctx);
		if (!ctx || (s64)(now - READ_ONCE(ctx->used)) < (s64)old)
			continue;
		preempt_disable();
		ctx = pending_take(pending, &pending->places[i]);
		if (ctx)
			droptrace_pool_finish(ctx);
		preempt_enable();
	}
}

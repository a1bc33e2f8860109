// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drops in contexts: which context a packet that is freed belongs to.
 *
 * Called from the probe with preemption off; NMI-safe.
 */
#include <linux/irqflags.h>

#include "context.h"
#include "drop.h"
#include "filter.h"
#include "follow.h"
#include "path.h"
#include "pending.h"
#include "pool.h"
#include "record.h"
#include "ruleset.h"
#include "trace.h"

/* Is this drop meant, by all conditions of a filter? */
static bool context_drop_matches(const struct droptrace_ruleset *rs,
				 const struct droptrace_rule_trace *rule,
				 struct droptrace_drop *drop)
{
	u64 left;

	for (left = rule->exclude; left; left &= left - 1)
		if (droptrace_filter_match_packet(rs->filters[__ffs64(left)], drop))
			return false;
	if (rule->everything)
		return true;
	for (left = rule->include; left; left &= left - 1)
		if (droptrace_filter_meets(rs->filters[__ffs64(left)], drop))
			return true;
	return false;
}

static void context_write_drop(struct droptrace_context *ctx, struct droptrace_drop *drop)
{
	struct droptrace_step_drop *step;

	ctx->dropped = true;
	ctx->matched = true;
	droptrace_follow_forget(ctx, drop->skb);
	if (!ctx->event_len)
		ctx->event_len = droptrace_record_packet(ctx->event, drop, ctx->trace->snaplen);
	step = droptrace_path_step(&ctx->path, DROPTRACE_PATH_NO_POINT, DROPTRACE_STEP_DROP,
				   sizeof(*step));
	if (step) {
		droptrace_path_put(step->skb, (unsigned long)drop->skb);
		droptrace_path_put(step->location, drop->location);
		step->reason = drop->reason;
		step->reserved = 0;
	}
	if (drop->nr_contexts == DROPTRACE_DROP_CONTEXTS)
		return;
	drop->contexts[drop->nr_contexts].slot = ctx->trace->slot;
	drop->contexts[drop->nr_contexts++].id = ctx->id;
}

/* In the open context of our level, if the packet is one of its own. */
static bool context_drop_here(const struct droptrace_ruleset *rs,
			      const struct droptrace_rule_trace *rule,
			      struct droptrace_drop *drop)
{
	struct droptrace_context *ctx = droptrace_pool_take(rule->trace, drop->level);
	bool ours = false;

	if (!ctx)
		return false;
	ours = droptrace_follow_knows(ctx, drop->skb) || context_drop_matches(rs, rule, drop);
	if (ours)
		context_write_drop(ctx, drop);
	droptrace_pool_put(rule->trace, ctx);
	return ours;
}

/* In the context of a packet that is between two functions. */
static bool context_drop_pending(struct droptrace_trace *trace, struct droptrace_drop *drop)
{
	struct droptrace_context *ctx = droptrace_pending_resume(trace->pending, drop->skb);

	bool ours;

	if (!ctx)
		return false;
	ours = droptrace_follow_is_same(ctx, &drop->pkt);
	if (ours)
		context_write_drop(ctx, drop);
	droptrace_pool_finish(ctx);
	return ours;
}

/*
 * In a context that we interrupted: a task that sends to the loopback device is still
 * in the functions that do so when the softirq on top of it drops what it was sent.
 */
static bool context_drop_below(struct droptrace_trace *trace, struct droptrace_drop *drop)
{
	enum droptrace_level level = drop->level;
	struct droptrace_context *ctx;
	bool ours = false;

	while (!ours && level-- > DROPTRACE_LEVEL_TASK) {
		ctx = droptrace_pool_take(trace, level);
		if (!ctx)
			continue;
		ours = droptrace_follow_knows(ctx, drop->skb);
		if (ours)
			context_write_drop(ctx, drop);
		droptrace_pool_put(trace, ctx);
	}
	return ours;
}

/*
 * In the context of another task, which is still where it gave the packet away: what
 * receives it may be ksoftirqd, or another CPU.
 */
static void context_drop_elsewhere(struct droptrace_trace *trace, struct droptrace_drop *drop)
{
	struct droptrace_context *ctx;

	if (!atomic_read(&trace->nr_tasks))
		return;
	ctx = droptrace_pool_borrow(trace, drop->skb);
	if (ctx) {
		context_write_drop(ctx, drop);
		droptrace_pool_give_back(ctx);
		return;
	}
	/* Its task may have left the function while it was being looked for. */
	context_drop_pending(trace, drop);
}

static void context_drop(const struct droptrace_ruleset *rs,
			 const struct droptrace_rule_trace *rule, struct droptrace_drop *drop)
{
	if (!context_drop_here(rs, rule, drop) && !context_drop_pending(rule->trace, drop) &&
	    !context_drop_below(rule->trace, drop))
		context_drop_elsewhere(rule->trace, drop);
}

/**
 * droptrace_context_drop() - a packet is dropped
 * @rs: the ruleset in force
 * @drop: the drop; gets the contexts that it happened in
 *
 * Interrupts are off for the time that the context of the level is taken out.
 *
 * Context: Any context. Expects preemption to be off.
 */
void droptrace_context_drop(const struct droptrace_ruleset *rs, struct droptrace_drop *drop)
{
	unsigned long flags;
	u64 left;

	if (drop->level == DROPTRACE_LEVEL_NMI)
		return;
	local_irq_save(flags);
	for (left = rs->live; left; left &= left - 1)
		context_drop(rs, &rs->traces[__ffs64(left)], drop);
	local_irq_restore(flags);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* What was produced, delivered and lost. */
#ifndef DROPTRACE_LOSS_H
#define DROPTRACE_LOSS_H

#include <linux/percpu.h>
#include <linux/types.h>

struct sk_buff;

/**
 * struct droptrace_tally - events by what became of them
 * @produced: matched; produced = delivered + the losses + those under way
 * @delivered: put into the client's socket
 * @ring_full: the ring had no room
 * @rate_limited: matched only filters that had used up their rate or count
 * @undelivered: were under way when the client went
 *
 * Per CPU where the probe counts, plain where only the worker does.
 */
struct droptrace_tally {
	u64 produced;
	u64 delivered;
	u64 ring_full;
	u64 rate_limited;
	u64 undelivered;
};

/* Drops inside the handler of another drop in the same context: not looked at. */
DECLARE_PER_CPU(u64, droptrace_loss_recursion);

/* Points that the kernel has missed, or that were met where nothing is recorded. */
DECLARE_PER_CPU(u64, droptrace_loss_point_missed);

/* Packets to follow that no context was free for. */
DECLARE_PER_CPU(u64, droptrace_loss_no_context);

/**
 * struct droptrace_loss_module - losses of the whole module, since it was loaded
 * @recursion: drops that were not looked at
 * @point_missed: hits of points
 * @no_context: packets to follow
 *
 * No part of what was produced.
 */
struct droptrace_loss_module {
	u64 recursion;
	u64 point_missed;
	u64 no_context;
};

void droptrace_loss_sum(struct droptrace_loss_module *sum);
size_t droptrace_loss_size(void);
int droptrace_loss_fill(struct sk_buff *msg, int attr, const struct droptrace_tally *tally);

#endif /* DROPTRACE_LOSS_H */

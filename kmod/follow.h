/* SPDX-License-Identifier: GPL-2.0-only */
/* Which packets a context follows. */
#ifndef DROPTRACE_FOLLOW_H
#define DROPTRACE_FOLLOW_H

#include <linux/types.h>

#include "context.h"
#include "droptrace.h"
#include "ring.h"

struct droptrace_drop;
struct droptrace_packet;
struct droptrace_rule_trace;
struct list_head;

/**
 * struct droptrace_look - one point or drop, and what is known of it
 * @trace: the trace
 * @rule: which packets it follows
 * @rs: the ruleset that this is of
 * @drop: room to look at one
 * @looked_at: the packet that is in @drop
 * @level: execution level
 * @now: by the ring's clock, 0 if not looked at yet
 */
struct droptrace_look {
	struct droptrace_trace *trace;
	const struct droptrace_rule_trace *rule;
	const struct droptrace_ruleset *rs;
	struct droptrace_drop *drop;
	const struct sk_buff *looked_at;
	enum droptrace_level level;
	u64 now;
};

/**
 * droptrace_follow_now() - the time of a look
 * @look: the look
 *
 * Context: Any context, NMI-safe.
 * Return: by the ring's clock, the same throughout a look.
 */
static inline u64 droptrace_follow_now(struct droptrace_look *look)
{
	if (!look->now)
		look->now = droptrace_ring_now();
	return look->now;
}

bool droptrace_follow_look_at(struct droptrace_look *look, const struct sk_buff *skb);
bool droptrace_follow_matches(struct droptrace_look *look, const struct sk_buff *skb);
bool droptrace_follow_is_same(const struct droptrace_context *ctx,
			      const struct droptrace_packet *pkt);
void droptrace_follow_add(struct droptrace_context *ctx, struct droptrace_look *look,
			  const struct sk_buff *skb);
void droptrace_follow_forget(struct droptrace_context *ctx, const struct sk_buff *skb);
const struct sk_buff *droptrace_follow_list(struct droptrace_context *ctx,
					    struct droptrace_look *look,
					    const struct list_head *head);

/**
 * droptrace_follow_knows() - does a context follow a packet
 * @ctx: the context
 * @skb: address of the packet
 *
 * Context: Any context, NMI-safe.
 * Return: true if it does.
 */
static inline bool droptrace_follow_knows(const struct droptrace_context *ctx,
					  const struct sk_buff *skb)
{
	unsigned int i;

	for (i = 0; i < ctx->nr_known; i++)
		if (ctx->known[i] == skb)
			return true;
	return false;
}

#endif /* DROPTRACE_FOLLOW_H */

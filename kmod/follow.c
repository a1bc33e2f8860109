// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which packets a context follows: those that match, by their addresses.
 *
 * Called from points and from the probe with preemption off; NMI-safe.
 */
#include <linux/list.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "drop.h"
#include "filter.h"
#include "follow.h"
#include "record.h"
#include "ruleset.h"
#include "trace.h"

#define FOLLOW_LIST_MAX	256	/* packets of a list that are looked at */

/**
 * droptrace_follow_look_at() - look at what may be a packet
 * @look: the look; gets it
 * @skb: any address
 *
 * Context: Any context, NMI-safe.
 * Return: false if it is no packet.
 */
bool droptrace_follow_look_at(struct droptrace_look *look, const struct sk_buff *skb)
{
	if (look->looked_at == skb)
		return true;
	look->looked_at = NULL;
	if (!droptrace_packet_plausible(skb))
		return false;
	droptrace_drop_begin(look->drop, skb, look->level);
	look->drop->location = 0;
	look->drop->reason = 0;
	look->looked_at = skb;
	return true;
}

/*
 * What tells a packet from the next one in the same buffer: identification, protocol
 * and ports. Not the addresses alone, which all packets of a flow share.
 * Return: 0 if there is nothing to tell it by.
 */
static u64 follow_identity(const struct droptrace_packet *pkt)
{
	const struct sk_buff *view = &pkt->view;
	const u8 *data = view->data;
	unsigned int l4;

	if (!pkt->found)
		return 0;
	if (view->protocol == htons(ETH_P_IP)) {
		l4 = (data[0] & 0xf) * 4;
		if (view->len - view->data_len < l4 + 4 || l4 < 20)
			return 0;
		return (u64)get_unaligned((u32 *)(data + l4)) << 32 |
		       (u32)get_unaligned((u16 *)(data + 4)) << 16 | data[9] << 8 | 4;
	}
	if (view->protocol == htons(ETH_P_IPV6) && view->len - view->data_len >= 44)
		return (u64)get_unaligned((u32 *)(data + 40)) << 32 |
		       (get_unaligned((u32 *)data) & (__force u32)htonl(0xfffff)) << 8 | 6;
	return 0;
}

/**
 * droptrace_follow_is_same() - is it the packet that a context has waited for
 * @ctx: the context
 * @pkt: the packet that is found at its packet's address
 *
 * Context: Any context, NMI-safe.
 * Return: false if it is another one.
 */
bool droptrace_follow_is_same(const struct droptrace_context *ctx,
			      const struct droptrace_packet *pkt)
{
	u64 identity = follow_identity(pkt);

	return !identity || !ctx->identity || identity == ctx->identity;
}

/**
 * droptrace_follow_matches() - is it a packet, and one that the trace follows
 * @look: the look; gets it
 * @skb: any address
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: true if it is.
 */
bool droptrace_follow_matches(struct droptrace_look *look, const struct sk_buff *skb)
{
	const struct droptrace_ruleset *rs = look->rs;
	u64 left;

	if (!droptrace_follow_look_at(look, skb))
		return false;
	for (left = look->rule->exclude; left; left &= left - 1)
		if (droptrace_filter_match_packet(rs->filters[__ffs64(left)], look->drop))
			return false;
	if (look->rule->everything)
		return true;
	for (left = look->rule->include; left; left &= left - 1)
		if (droptrace_filter_match_packet(rs->filters[__ffs64(left)], look->drop))
			return true;
	return false;
}

/**
 * droptrace_follow_add() - from here on follow a packet, by its address
 * @ctx: the context
 * @look: the look
 * @skb: the packet, which has just matched
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 */
void droptrace_follow_add(struct droptrace_context *ctx, struct droptrace_look *look,
			  const struct sk_buff *skb)
{
	ctx->matched = true;
	if (ctx->nr_known < DROPTRACE_KNOWN_MAX)
		ctx->known[ctx->nr_known++] = skb;
	else
		ctx->known[DROPTRACE_KNOWN_MAX - 1] = skb;
	if (ctx->skb)
		return;
	ctx->skb = skb;
	if (look->looked_at != skb)
		return;
	ctx->identity = follow_identity(&look->drop->pkt);
	ctx->event_len = droptrace_record_packet(ctx->event, look->drop, ctx->trace->snaplen);
}

/**
 * droptrace_follow_forget() - a packet is freed; what comes at its address is another one
 * @ctx: the context
 * @skb: address of the packet
 *
 * Context: Any context, NMI-safe.
 */
void droptrace_follow_forget(struct droptrace_context *ctx, const struct sk_buff *skb)
{
	unsigned int i;

	for (i = 0; i < ctx->nr_known; i++)
		if (ctx->known[i] == skb)
			ctx->known[i--] = ctx->known[--ctx->nr_known];
}

/**
 * droptrace_follow_list() - follow the packets of a list that match
 * @ctx: the context, which follows as many as it can keep in mind; NULL to ask only
 * @look: the look
 * @head: the list; packets are linked by their first member
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: the first that matched, NULL if none did or can be read.
 */
const struct sk_buff *droptrace_follow_list(struct droptrace_context *ctx,
					    struct droptrace_look *look,
					    const struct list_head *head)
{
	const struct list_head *at, *next;
	const struct sk_buff *first = NULL, *skb;
	unsigned int i;

	if (copy_from_kernel_nofault(&at, &head->next, sizeof(at)))
		return NULL;
	for (i = 0; i < FOLLOW_LIST_MAX && at != head; i++, at = next) {
		if (copy_from_kernel_nofault(&next, &at->next, sizeof(next)))
			break;
		skb = container_of(at, struct sk_buff, list);
		if (ctx && droptrace_follow_knows(ctx, skb)) {
			first = first ?: skb;
			continue;
		}
		if (!droptrace_follow_matches(look, skb))
			continue;
		first = first ?: skb;
		if (!ctx)
			break;
		droptrace_follow_add(ctx, look, skb);
	}
	return first;
}

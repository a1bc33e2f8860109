// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a drop into the ring of a session that wants it, and calls the worker; or
 * a packet that a context follows into that context.
 *
 * Called from the probe and from points, in any context; NMI-safe.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "drop.h"
#include "event.h"
#include "filter.h"
#include "record.h"
#include "ruleset.h"
#include "session.h"

/* What is to be kept of the packet: the most that a matching filter asks for. */
static u32 record_snaplen(const struct droptrace_session *session,
			  const struct droptrace_ruleset *rs, u64 matched)
{
	int snaplen = -1;

	for (; matched; matched &= matched - 1)
		snaplen = max(snaplen, rs->filters[__ffs64(matched)]->snaplen);
	return snaplen < 0 ? session->snaplen : snaplen;
}

static void record_packet(struct droptrace_event *event, const struct sk_buff *skb, int start)
{
	void *to = droptrace_event_packet(event);
	int linear = skb_tail_pointer(skb) - skb->head - start;

	if (unlikely(event->caplen > linear) &&
	    skb_copy_bits(skb, start - (int)skb_headroom(skb), to, event->caplen))
		event->caplen = max(linear, 0);	/* fragments that cannot be read */
	if (likely(event->caplen <= linear))
		memcpy(to, skb->head + start, event->caplen);
}

static void record_offsets(struct droptrace_event *event, const struct droptrace_drop *drop,
			   int start)
{
	const struct sk_buff *skb = drop->skb;
	int l3 = droptrace_packet_l3(&drop->pkt);

	if (!drop->pkt.found)
		return;
	event->l3_offset = l3 - start;
	event->flags |= DROPTRACE_EVENT_L3;
	if (skb_transport_header_was_set(skb) && skb->transport_header >= l3) {
		event->l4_offset = skb->transport_header - start;
		event->flags |= DROPTRACE_EVENT_L4;
	}
}

static void record_packet_fields(struct droptrace_event *event, const struct droptrace_drop *drop)
{
	const struct sk_buff *skb = drop->skb;

	event->mark = skb->mark;
	event->len = droptrace_packet_len(&drop->pkt);
	event->protocol = ntohs(skb->protocol);
	event->l3_protocol = droptrace_packet_ethertype(&drop->pkt);
	event->vlan_tpid = ntohs(drop->pkt.view.vlan_proto);
	event->vlan_tci = drop->pkt.view.vlan_tci;
	event->pkt_type = skb->pkt_type;
	event->netns = drop->netns;
	if (drop->device) {
		event->ifindex = drop->device->ifindex;
		memcpy(event->dev, drop->device->name, sizeof(event->dev));
	} else {
		event->ifindex = 0;
		event->dev[0] = '\0';
	}
}

static void record_task(struct droptrace_event *event, const struct droptrace_drop *drop)
{
	if (drop->level != DROPTRACE_LEVEL_TASK)
		return;
	event->pid = current->tgid;
	memcpy(event->comm, current->comm, sizeof(event->comm));
	event->flags |= DROPTRACE_EVENT_IN_TASK;
}

static void record_filters(struct droptrace_event *event, const struct droptrace_ruleset *rs,
			   u64 matched)
{
	u32 *ids = droptrace_event_filters(event);

	for (; matched; matched &= matched - 1)
		*ids++ = rs->filters[__ffs64(matched)]->id;
}

static void record_stack(struct droptrace_event *event, const struct droptrace_drop *drop)
{
	u64 *stack = droptrace_event_stack(event);
	unsigned int i;

	for (i = 0; i < event->nr_stack; i++)
		stack[i] = drop->stack[i];
}

/**
 * droptrace_record_call_worker() - call the worker, an event was recorded
 * @session: the session
 * @size: bytes of the event
 *
 * The first event after the worker last began calls it for a moment later, when
 * others will have come; a quarter of the ring calls it at once. An interrupt
 * between the lines may make the sum too small, and the hurry a little later.
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 */
void droptrace_record_call_worker(struct droptrace_session *session, u32 size)
{
	struct droptrace_session_stats *stats = this_cpu_ptr(session->stats);

	stats->unread += size;
	if (unlikely(stats->unread >= session->ring_size / 4)) {
		stats->unread = 0;
		irq_work_queue(&session->hurry);
		return;
	}
	/*
	 * The event before the look at @called. Pairs with the atomic_xchg() in
	 * droptrace_deliver_work(), which has it the other way round.
	 */
	smp_mb();
	if (!atomic_read(&session->called) && !atomic_xchg(&session->called, 1))
		irq_work_queue(&session->wake);
}

/* All that the packet itself decides. */
static void record_fill(struct droptrace_event *event, struct droptrace_drop *drop, int start,
			u32 caplen)
{
	droptrace_drop_find_device(drop);
	event->kind = DROPTRACE_EVENT_DROP;
	event->caplen = caplen;
	event->skb = (unsigned long)drop->skb;
	event->location = drop->location;
	event->reason = drop->reason;
	event->flags = 0;
	record_packet_fields(event, drop);
	record_offsets(event, drop, start);
	record_task(event, drop);
}

static u32 record_caplen(const struct droptrace_drop *drop, int start, u32 snaplen)
{
	return min(droptrace_packet_len(&drop->pkt) + droptrace_packet_l3(&drop->pkt) - start,
		   snaplen);
}

/**
 * droptrace_record_packet() - record a packet that is met, not dropped
 * @event: room for it, and for @snaplen bytes
 * @drop: the packet
 * @snaplen: bytes to keep
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: bytes of @event used, a multiple of 4.
 */
u32 droptrace_record_packet(struct droptrace_event *event, struct droptrace_drop *drop,
			    u32 snaplen)
{
	int start = droptrace_packet_start(&drop->pkt);

	event->nr_filters = 0;
	event->nr_stack = 0;
	event->context = 0;
	record_fill(event, drop, start, record_caplen(drop, start, snaplen));
	record_packet(event, drop->skb, start);
	return ALIGN(droptrace_event_size(0, 0, event->caplen), sizeof(u32));
}

/* The context of the drop that a session may know of. */
static u64 record_context(const struct droptrace_drop *drop, const struct droptrace_rule *rule)
{
	unsigned int i;

	for (i = 0; i < drop->nr_contexts; i++)
		if (rule->paths & BIT_ULL(drop->contexts[i].slot))
			return drop->contexts[i].id;
	return 0;
}

/**
 * droptrace_record() - record a drop for a session
 * @rule: of the session
 * @drop: the drop
 * @rs: the ruleset in force
 * @matched: filters of the session that matched, by their place in @rs
 *
 * What the ring has no room for is counted.
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 */
void droptrace_record(const struct droptrace_rule *rule, struct droptrace_drop *drop,
		      const struct droptrace_ruleset *rs, u64 matched)
{
	struct droptrace_session *session = rule->session;
	unsigned int nr_stack = min(drop->nr_stack, session->stack_depth);
	unsigned int nr_filters = hweight64(matched);
	int start = droptrace_packet_start(&drop->pkt);
	struct ring_buffer_event *slot;
	struct droptrace_event *event;
	u32 caplen;
	size_t size;

	caplen = record_caplen(drop, start, record_snaplen(session, rs, matched));
	size = droptrace_event_size(nr_stack, nr_filters, caplen);

	event = droptrace_ring_reserve(&session->ring, size, &slot);
	if (!event) {
		this_cpu_inc(session->stats->tally.ring_full);
		return;
	}
	event->nr_filters = nr_filters;
	event->nr_stack = nr_stack;
	event->context = record_context(drop, rule);
	record_fill(event, drop, start, caplen);
	record_stack(event, drop);
	record_filters(event, rs, matched);
	record_packet(event, drop->skb, start);
	droptrace_ring_commit(&session->ring, slot);

	droptrace_record_call_worker(session, size);
}

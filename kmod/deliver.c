// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worker of a session: takes events off the ring in the order of their times,
 * packs many into a message, and puts it into the client's socket.
 *
 * The socket is the place of back-pressure.  A message that it has no room for is
 * kept, and tried again a moment later; meanwhile the ring fills up, and what it
 * has no room for is counted there.  So nothing is lost between ring and client.
 *
 * Messages are put into the queue of the socket that the session holds, as
 * netlink_unicast() would do in the end, and not sent to its port: a port may be
 * another process's a moment after a socket was closed, and that one need not have
 * any right to see packets.  This also keeps a slow reader's socket from being
 * marked as overrun, and a refused message from being freed as a drop.
 *
 * Process context, one instance a session.
 */
#include <linux/ktime.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "access.h"
#include "compat.h"
#include "deliver.h"
#include "event.h"
#include "netlink.h"
#include "session.h"

/* Payloads: messages are at most so long that a page allocation of order 3 serves. */
#define DELIVER_MSG_MAX		(SKB_WITH_OVERHEAD(32768) - NLMSG_HDRLEN)
#define DELIVER_MSG_MIN		(SKB_WITH_OVERHEAD(8192) - NLMSG_HDRLEN)
/* What an event takes, about; for the size of a message, not for its limits. */
#define DELIVER_EVENT_ABOUT	384

/* Room of an event without its variable parts; in the order of deliver_fill(). */
#define DELIVER_EVENT_FIXED							\
	(nla_total_size(0) +			/* the nest */			\
	 nla_total_size_64bit(8) +		/* DROPTRACE_A_EVENT_TIME_NS */	\
	 nla_total_size(4) +			/* DROPTRACE_A_EVENT_CPU */	\
	 nla_total_size_64bit(8) +		/* DROPTRACE_A_EVENT_SKB */	\
	 nla_total_size(4) +			/* DROPTRACE_A_EVENT_REASON */	\
	 nla_total_size_64bit(8) +		/* DROPTRACE_A_EVENT_LOCATION */ \
	 nla_total_size(KSYM_SYMBOL_LEN) +	/* DROPTRACE_A_EVENT_SYMBOL */	\
	 nla_total_size(IFNAMSIZ) +		/* DROPTRACE_A_EVENT_DEV */	\
	 nla_total_size(4) +			/* DROPTRACE_A_EVENT_IFINDEX */	\
	 nla_total_size(4) +			/* DROPTRACE_A_EVENT_NETNS */	\
	 nla_total_size(4) +			/* DROPTRACE_A_EVENT_MARK */	\
	 nla_total_size(4) +			/* DROPTRACE_A_EVENT_LEN */	\
	 nla_total_size(2) +			/* DROPTRACE_A_EVENT_PROTOCOL */ \
	 nla_total_size(2) +			/* DROPTRACE_A_EVENT_L3_PROTOCOL */ \
	 nla_total_size(2) +			/* DROPTRACE_A_EVENT_VLAN_TPID */ \
	 nla_total_size(2) +			/* DROPTRACE_A_EVENT_VLAN_TCI */ \
	 nla_total_size(1) +			/* DROPTRACE_A_EVENT_PKT_TYPE */ \
	 nla_total_size(2) +			/* DROPTRACE_A_EVENT_L3_OFFSET */ \
	 nla_total_size(2) +			/* DROPTRACE_A_EVENT_L4_OFFSET */ \
	 nla_total_size(4) +			/* DROPTRACE_A_EVENT_PID */	\
	 nla_total_size(TASK_COMM_LEN) +	/* DROPTRACE_A_EVENT_COMM */	\
	 nla_total_size_64bit(8))		/* DROPTRACE_A_EVENT_CONTEXT */

/* The same of a part of a path. */
#define DELIVER_CHUNK_FIXED							\
	(nla_total_size(0) +			/* the nest */			\
	 nla_total_size(4) +			/* DROPTRACE_A_PATH_TRACE */	\
	 nla_total_size_64bit(8) +		/* DROPTRACE_A_PATH_CONTEXT */	\
	 nla_total_size(4) +			/* DROPTRACE_A_PATH_CHUNK */	\
	 nla_total_size(4) +			/* DROPTRACE_A_PATH_FLAGS */	\
	 nla_total_size_64bit(8))		/* DROPTRACE_A_PATH_TIME_NS */

#define DELIVER_GONE_SIZE							\
	(nla_total_size(0) +			/* the nest */			\
	 nla_total_size(4) +			/* DROPTRACE_A_TRACE_ID */	\
	 nla_total_size(MODULE_NAME_LEN) +	/* DROPTRACE_A_TRACE_MODULE */	\
	 nla_total_size(4))			/* DROPTRACE_A_TRACE_NR_POINTS */

static size_t deliver_drop_size(const struct droptrace_event *event)
{
	return DELIVER_EVENT_FIXED +
	       nla_total_size(event->nr_filters * sizeof(u32)) +
	       nla_total_size(event->nr_stack * sizeof(u64)) +
	       nla_total_size(event->caplen);
}

static size_t deliver_path_size(const struct droptrace_chunk *chunk)
{
	size_t size = DELIVER_CHUNK_FIXED + nla_total_size(chunk->steps_len);

	if (chunk->packet_len)
		size += deliver_drop_size((const void *)chunk->data);
	return size;
}

static size_t deliver_event_size(const void *event)
{
	switch (*(const u16 *)event) {
	case DROPTRACE_EVENT_PATH:
		return deliver_path_size(event);
	case DROPTRACE_EVENT_GONE:
		return DELIVER_GONE_SIZE;
	}
	return deliver_drop_size(event);
}

/*
 * The caller has made sure of the room, so that an attribute is written with a
 * few stores; nla_put() would check and clear for each of the twenty.
 */
static void *deliver_put(struct sk_buff *msg, int attr, int len)
{
	struct nlattr *nla = __skb_put(msg, nla_total_size(len));

	nla->nla_type = attr;
	nla->nla_len = nla_attr_size(len);
	if (nla_padlen(len))
		memset(nla_data(nla) + len, 0, nla_padlen(len));
	return nla_data(nla);
}

static void deliver_put_u8(struct sk_buff *msg, int attr, u8 value)
{
	*(u8 *)deliver_put(msg, attr, sizeof(value)) = value;
}

static void deliver_put_u16(struct sk_buff *msg, int attr, u16 value)
{
	*(u16 *)deliver_put(msg, attr, sizeof(value)) = value;
}

static void deliver_put_u32(struct sk_buff *msg, int attr, u32 value)
{
	*(u32 *)deliver_put(msg, attr, sizeof(value)) = value;
}

static void deliver_put_u64(struct sk_buff *msg, int attr, u64 value)
{
	/* Aligns where the architecture needs it, with a pad attribute. */
	nla_align_64bit(msg, DROPTRACE_A_EVENT_PAD);
	memcpy(deliver_put(msg, attr, sizeof(value)), &value, sizeof(value));
}

static void deliver_put_string(struct sk_buff *msg, int attr, const char *text, size_t max)
{
	size_t len = strnlen(text, max - 1);
	char *to = deliver_put(msg, attr, len + 1);

	memcpy(to, text, len);
	to[len] = '\0';
}

static void deliver_put_binary(struct sk_buff *msg, int attr, const void *data, int len)
{
	if (len)
		memcpy(deliver_put(msg, attr, len), data, len);
}

static void deliver_fill_location(struct sk_buff *msg, const struct droptrace_session *session,
				  struct droptrace_event *event)
{
	char symbol[KSYM_SYMBOL_LEN];

	if (session->show_addresses) {
		deliver_put_u64(msg, DROPTRACE_A_EVENT_SKB, event->skb);
		deliver_put_u64(msg, DROPTRACE_A_EVENT_LOCATION, event->location);
		deliver_put_binary(msg, DROPTRACE_A_EVENT_STACK, droptrace_event_stack(event),
				   event->nr_stack * sizeof(u64));
	} else if (droptrace_access_symbol(event->location, symbol)) {
		deliver_put_string(msg, DROPTRACE_A_EVENT_SYMBOL, symbol, sizeof(symbol));
	}
}

static void deliver_fill_packet(struct sk_buff *msg, struct droptrace_event *event)
{
	if (event->ifindex)
		deliver_put_u32(msg, DROPTRACE_A_EVENT_IFINDEX, event->ifindex);
	if (event->dev[0])
		deliver_put_string(msg, DROPTRACE_A_EVENT_DEV, event->dev, sizeof(event->dev));
	if (event->netns)
		deliver_put_u32(msg, DROPTRACE_A_EVENT_NETNS, event->netns);
	if (event->mark)
		deliver_put_u32(msg, DROPTRACE_A_EVENT_MARK, event->mark);
	deliver_put_u32(msg, DROPTRACE_A_EVENT_LEN, event->len);
	deliver_put_u16(msg, DROPTRACE_A_EVENT_PROTOCOL, event->protocol);
	if (event->l3_protocol)
		deliver_put_u16(msg, DROPTRACE_A_EVENT_L3_PROTOCOL, event->l3_protocol);
	if (event->vlan_tpid) {
		deliver_put_u16(msg, DROPTRACE_A_EVENT_VLAN_TPID, event->vlan_tpid);
		deliver_put_u16(msg, DROPTRACE_A_EVENT_VLAN_TCI, event->vlan_tci);
	}
	deliver_put_u8(msg, DROPTRACE_A_EVENT_PKT_TYPE, event->pkt_type);
	if (event->flags & DROPTRACE_EVENT_L3)
		deliver_put_u16(msg, DROPTRACE_A_EVENT_L3_OFFSET, event->l3_offset);
	if (event->flags & DROPTRACE_EVENT_L4)
		deliver_put_u16(msg, DROPTRACE_A_EVENT_L4_OFFSET, event->l4_offset);
	deliver_put_binary(msg, DROPTRACE_A_EVENT_PACKET, droptrace_event_packet(event),
			   event->caplen);
}

static struct nlattr *deliver_nest(struct sk_buff *msg, int attr)
{
	struct nlattr *nest = (struct nlattr *)skb_tail_pointer(msg);

	deliver_put(msg, attr | NLA_F_NESTED, 0);
	return nest;
}

static void deliver_nest_end(struct sk_buff *msg, struct nlattr *nest)
{
	nest->nla_len = skb_tail_pointer(msg) - (unsigned char *)nest;
}

static void deliver_fill_task(struct sk_buff *msg, const struct droptrace_event *event)
{
	if (!(event->flags & DROPTRACE_EVENT_IN_TASK))
		return;
	deliver_put_u32(msg, DROPTRACE_A_EVENT_PID, event->pid);
	deliver_put_string(msg, DROPTRACE_A_EVENT_COMM, event->comm, sizeof(event->comm));
}

static void deliver_fill_drop(struct sk_buff *msg, const struct droptrace_session *session,
			      struct droptrace_event *event, int cpu, u64 time_ns)
{
	struct nlattr *nest = deliver_nest(msg, DROPTRACE_A_SESSION_EVENT);

	deliver_put_u64(msg, DROPTRACE_A_EVENT_TIME_NS, time_ns);
	deliver_put_u32(msg, DROPTRACE_A_EVENT_CPU, cpu);
	if (DROPTRACE_KFREE_SKB_REASON)
		deliver_put_u32(msg, DROPTRACE_A_EVENT_REASON, event->reason);
	deliver_fill_location(msg, session, event);
	deliver_put_binary(msg, DROPTRACE_A_EVENT_FILTERS, droptrace_event_filters(event),
			   event->nr_filters * sizeof(u32));
	deliver_fill_packet(msg, event);
	deliver_fill_task(msg, event);
	if (event->context)
		deliver_put_u64(msg, DROPTRACE_A_EVENT_CONTEXT, event->context);
	deliver_nest_end(msg, nest);
}

/* The packet of a path, when it was met: an event that is no drop. */
static void deliver_fill_met(struct sk_buff *msg, struct droptrace_chunk *chunk, u64 time_ns)
{
	struct nlattr *nest = deliver_nest(msg, DROPTRACE_A_PATH_EVENT);
	struct droptrace_event *event = (void *)chunk->data;

	deliver_put_u64(msg, DROPTRACE_A_EVENT_TIME_NS, time_ns);
	deliver_put_u32(msg, DROPTRACE_A_EVENT_CPU, chunk->cpu);
	deliver_put_u64(msg, DROPTRACE_A_EVENT_SKB, event->skb);
	deliver_fill_packet(msg, event);
	deliver_fill_task(msg, event);
	deliver_nest_end(msg, nest);
}

static void deliver_fill_path(struct sk_buff *msg, struct droptrace_chunk *chunk, u64 to_real)
{
	struct nlattr *nest = deliver_nest(msg, DROPTRACE_A_SESSION_PATH);

	deliver_put_u32(msg, DROPTRACE_A_PATH_TRACE, chunk->trace);
	deliver_put_u64(msg, DROPTRACE_A_PATH_CONTEXT, chunk->context);
	deliver_put_u32(msg, DROPTRACE_A_PATH_CHUNK, chunk->chunk);
	deliver_put_u32(msg, DROPTRACE_A_PATH_FLAGS, chunk->flags);
	deliver_put_u64(msg, DROPTRACE_A_PATH_TIME_NS, chunk->time + to_real);
	if (chunk->packet_len)
		deliver_fill_met(msg, chunk, chunk->time + to_real);
	deliver_put_binary(msg, DROPTRACE_A_PATH_STEPS, chunk->data + chunk->packet_len,
			   chunk->steps_len);
	deliver_nest_end(msg, nest);
}

static void deliver_fill_gone(struct sk_buff *msg, const struct droptrace_gone *gone)
{
	struct nlattr *nest = deliver_nest(msg, DROPTRACE_A_SESSION_GONE);

	deliver_put_u32(msg, DROPTRACE_A_TRACE_ID, gone->trace);
	deliver_put_string(msg, DROPTRACE_A_TRACE_MODULE, gone->module, sizeof(gone->module));
	deliver_put_u32(msg, DROPTRACE_A_TRACE_NR_POINTS, gone->nr_points);
	deliver_nest_end(msg, nest);
}

/* @to_real: what makes a time of the ring's clock one of CLOCK_REALTIME */
static void deliver_fill(struct sk_buff *msg, const struct droptrace_session *session,
			 void *event, int cpu, u64 time, u64 to_real)
{
	switch (*(const u16 *)event) {
	case DROPTRACE_EVENT_PATH:
		deliver_fill_path(msg, event, to_real);
		return;
	case DROPTRACE_EVENT_GONE:
		deliver_fill_gone(msg, event);
		return;
	}
	deliver_fill_drop(msg, session, event, cpu, time + to_real);
}

static struct sk_buff *deliver_alloc(struct droptrace_session *session, u8 cmd, size_t size,
				     void **head)
{
	struct sk_buff *msg;

	/* A failure is no loss: the events stay in the ring until the next try. */
	msg = nlmsg_new(size, GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
	if (!msg && size > DELIVER_MSG_MIN)
		msg = nlmsg_new(DELIVER_MSG_MIN, GFP_KERNEL);
	if (!msg)
		return NULL;
	*head = genlmsg_put(msg, session->portid, 0, &droptrace_netlink_family, 0, cmd);
	if (!*head || nla_put_u32(msg, DROPTRACE_A_SESSION_ID, session->id)) {
		nlmsg_free(msg);
		return NULL;
	}
	atomic_inc(&droptrace_objects);
	return msg;
}

static size_t deliver_msg_size(struct droptrace_session *session)
{
	u64 entries = droptrace_ring_entries(&session->ring);
	u64 size = entries * DELIVER_EVENT_ABOUT + DELIVER_MSG_MIN;

	/* A small socket is sent small messages, of which more than one has room. */
	size = min_t(u64, size, READ_ONCE(session->sk->sk_rcvbuf) / 4);
	return clamp_t(u64, size, DELIVER_MSG_MIN, DELIVER_MSG_MAX);
}

/* Tell of losses whenever there are more than the client knows. */
static void deliver_fill_loss(struct sk_buff *msg, struct droptrace_session *session)
{
	struct droptrace_loss_module module;
	struct droptrace_tally tally = {};
	u64 losses;

	droptrace_session_sum(session, &tally);
	losses = tally.ring_full + tally.rate_limited;
	if (session->has_paths) {
		droptrace_loss_sum(&module);
		losses += module.point_missed + module.no_context;
	}
	if (losses == session->told)
		return;
	if (!droptrace_loss_fill(msg, DROPTRACE_A_SESSION_LOSS, &tally))
		session->told = losses;
}

/* Pack what is in the ring into session->msg; false if there was nothing. */
static bool deliver_pack_events(struct droptrace_session *session)
{
	u64 time, to_real;
	void *event;
	int cpu;

	droptrace_ring_look(&session->ring);
	event = droptrace_ring_first(&session->ring, &cpu, &time);
	if (!event)
		return false;
	session->msg = deliver_alloc(session, DROPTRACE_CMD_SESSION_NTF,
				     deliver_msg_size(session), &session->msg_head);
	if (!session->msg)
		return false;
	session->msg_events = 0;
	deliver_fill_loss(session->msg, session);

	/* Anew for each message: the two clocks need not run alike for long. */
	to_real = ktime_get_real_ns() - droptrace_ring_now();
	while (event && deliver_event_size(event) <= skb_tailroom(session->msg)) {
		deliver_fill(session->msg, session, event, cpu, time, to_real);
		droptrace_ring_consume(&session->ring, cpu);
		session->msg_events++;
		event = droptrace_ring_first(&session->ring, &cpu, &time);
	}
	genlmsg_end(session->msg, session->msg_head);
	return true;
}

/* Make the last message of a session, all others having been sent. */
static bool deliver_pack_end(struct droptrace_session *session)
{
	struct droptrace_tally tally = {};
	struct sk_buff *msg;

	msg = deliver_alloc(session, DROPTRACE_CMD_SESSION_END_NTF, NLMSG_DEFAULT_SIZE,
			    &session->msg_head);
	if (!msg)
		return false;

	/*
	 * An empty ring that counts entries has skipped them: rb_get_reader_page() looks
	 * at how much of its page is committed, and then whether the writer has left it;
	 * what a writer commits in between, on another CPU, it passes over.
	 */
	session->undelivered += droptrace_ring_entries(&session->ring);
	droptrace_session_sum(session, &tally);
	if (nla_put_u32(msg, DROPTRACE_A_SESSION_END_CAUSE, session->end_cause) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_SESSION_PRODUCED, tally.produced,
			      DROPTRACE_A_SESSION_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_SESSION_DELIVERED, tally.delivered,
			      DROPTRACE_A_SESSION_PAD) ||
	    droptrace_loss_fill(msg, DROPTRACE_A_SESSION_LOSS, &tally))
		WARN_ON_ONCE(1);	/* a message of its own, larger than all of this */
	genlmsg_end(msg, session->msg_head);
	session->msg = msg;
	session->msg_events = 0;
	session->end_packed = true;
	return true;
}

/* Make the next message, if there is one to be made. */
static bool deliver_pack(struct droptrace_session *session, bool ending)
{
	if (deliver_pack_events(session))
		return true;
	return ending && !session->end_packed && droptrace_ring_empty(&session->ring) &&
	       deliver_pack_end(session);
}

/*
 * As the kernel has it, an empty queue takes one message of any size. But a quarter
 * is left for answers to the client's own requests, which nobody sends again.
 */
static bool deliver_has_room(const struct sock *sk, unsigned int truesize)
{
	unsigned int used = atomic_read(&sk->sk_rmem_alloc);
	unsigned int limit = READ_ONCE(sk->sk_rcvbuf);

	return !used || used + truesize <= limit - limit / 4;
}

static void deliver_sent(struct droptrace_session *session, u64 *events)
{
	*events += session->msg_events;
	session->msg = NULL;
	atomic_dec(&droptrace_objects);
}

/*
 * Put session->msg into the socket.
 * Return: false if it has no room, with the message kept.
 */
static bool deliver_send(struct droptrace_session *session)
{
	struct sk_buff *msg = session->msg;
	struct sock *sk = session->sk;

	if (sock_flag(sk, SOCK_DEAD)) {
		deliver_sent(session, &session->undelivered);
		consume_skb(msg);
		return true;
	}
	if (!deliver_has_room(sk, msg->truesize))
		return false;

	/* A socket closed in between frees what is in its queue with its last reference. */
	deliver_sent(session, &session->delivered);
	skb_set_owner_r(msg, sk);
	skb_queue_tail(&sk->sk_receive_queue, msg);
	sk->sk_data_ready(sk);
	return true;
}

/**
 * droptrace_deliver_work() - empty a session's ring into its socket
 * @work: of the session
 *
 * Context: Process context, one instance a session. Sleeps.
 */
void droptrace_deliver_work(struct work_struct *work)
{
	struct droptrace_session *session = container_of(to_delayed_work(work),
							 struct droptrace_session, work);
	bool ending;

	/* Pairs with the release in droptrace_session_stop(): the ring is complete. */
	ending = smp_load_acquire(&session->state) == DROPTRACE_SESSION_ENDING;

	/*
	 * Before the ring is looked at: what comes later calls again. Pairs with
	 * the smp_mb() in record_call_worker().
	 */
	atomic_xchg(&session->called, 0);

	for (;;) {
		if (!session->msg && !deliver_pack(session, ending))
			break;
		if (!deliver_send(session))
			goto later;
		cond_resched();
	}
	/* Was there no memory for a message? */
	if (!droptrace_ring_empty(&session->ring) || (ending && !session->end_packed))
		goto later;
	if (!ending)
		return;
	/* Pairs with the acquire in droptrace_session_idle(): it may be used again. */
	smp_store_release(&session->state, DROPTRACE_SESSION_IDLE);
	return;
later:
	droptrace_session_call_again(session);
}

/**
 * droptrace_deliver_discard() - account for what a session still holds
 * @session: neither the probe nor the worker runs for it any more
 *
 * Context: Process context.
 */
void droptrace_deliver_discard(struct droptrace_session *session)
{
	if (session->msg) {
		consume_skb(session->msg);
		deliver_sent(session, &session->undelivered);
	}
	if (session->ring.buffer && !session->end_packed)
		session->undelivered += droptrace_ring_entries(&session->ring);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sessions.  One belongs to each socket that streams events, owns filters or traces,
 * or wants drops counted, and everything in it goes when that socket is closed, by
 * whatever end its process comes to.
 *
 * A streaming session lives between two contexts.  The probe records into its
 * ring (record.c) and calls the worker; the worker (deliver.c) empties the ring
 * into the socket.  @called makes the call cheap: only the first event after the
 * worker last began costs an irq_work; the worker clears it before it looks into
 * the ring, so that an event it does not see calls it again.
 */
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "access.h"
#include "counters.h"
#include "deliver.h"
#include "filter.h"
#include "probe_skb.h"
#include "ruleset.h"
#include "session.h"
#include "trace.h"

/* How long events may wait for company before they are sent. */
#define SESSION_BATCH_JIFFIES	max(1UL, msecs_to_jiffies(8))

/*
 * Changed under droptrace_mutex and session_list_lock: either of them is enough
 * to read. The spinlock is for the release of sockets that are none of ours, so
 * that they need not wait for the mutex.
 */
LIST_HEAD(droptrace_sessions);
unsigned int droptrace_nr_sessions;
static DEFINE_SPINLOCK(session_list_lock);

static u32 session_last_id;		/* under droptrace_mutex */

/* Tallies of sessions that have ended; under droptrace_mutex. */
static struct droptrace_tally session_past;

static struct workqueue_struct *session_workqueue;

static void session_wake(struct irq_work *wake)
{
	struct droptrace_session *session = container_of(wake, struct droptrace_session, wake);

	queue_delayed_work(session_workqueue, &session->work, SESSION_BATCH_JIFFIES);
}

static void session_hurry(struct irq_work *hurry)
{
	struct droptrace_session *session = container_of(hurry, struct droptrace_session, hurry);

	mod_delayed_work(session_workqueue, &session->work, 0);
}

/**
 * droptrace_session_call_again() - call the worker again a moment later
 * @session: of the worker that asks: its socket has no room, or there is no memory
 *
 * Context: Process context.
 */
void droptrace_session_call_again(struct droptrace_session *session)
{
	queue_delayed_work(session_workqueue, &session->work, 1);
}

/**
 * droptrace_session_find() - the session of a socket
 * @sk: the socket; compared, not followed
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: the session or NULL.
 */
struct droptrace_session *droptrace_session_find(const struct sock *sk)
{
	struct droptrace_session *session;

	lockdep_assert_held(&droptrace_mutex);
	list_for_each_entry(session, &droptrace_sessions, node)
		if (session->sk == sk)
			return session;
	return NULL;
}

/**
 * droptrace_session_get() - the session of a socket, made if there is none
 * @sk: the client's socket
 * @portid: its port
 * @extack: told what stands in the way
 *
 * Context: Process context of the client. May sleep. Expects droptrace_mutex to
 * be held by caller.
 * Return: the session, idle if it is new; ERR_PTR() if there are too many, or
 * without memory.
 */
struct droptrace_session *droptrace_session_get(struct sock *sk, u32 portid,
						struct netlink_ext_ack *extack)
{
	struct droptrace_session *session = droptrace_session_find(sk);

	if (session)
		return session;
	if (droptrace_nr_sessions >= DROPTRACE_SESSIONS_MAX) {
		NL_SET_ERR_MSG(extack, "there are 64 sessions already");
		return ERR_PTR(-ENOSPC);
	}
	session = kzalloc(sizeof(*session), GFP_KERNEL);
	if (!session)
		return ERR_PTR(-ENOMEM);
	session->stats = alloc_percpu(struct droptrace_session_stats);
	if (!session->stats) {
		kfree(session);
		return ERR_PTR(-ENOMEM);
	}

	sock_hold(sk);
	session->sk = sk;
	session->net = sock_net(sk);
	session->portid = portid;
	session->pid = task_tgid_nr(current);
	get_task_comm(session->comm, current);
	session->id = ++session_last_id;
	init_irq_work(&session->wake, session_wake);
	init_irq_work(&session->hurry, session_hurry);
	INIT_DELAYED_WORK(&session->work, droptrace_deliver_work);
	spin_lock(&session_list_lock);
	list_add_tail(&session->node, &droptrace_sessions);
	droptrace_nr_sessions++;
	spin_unlock(&session_list_lock);
	atomic_inc(&droptrace_objects);
	return session;
}

/* The probe sees the session no more; let what it called come to an end. */
static void session_quiesce(struct droptrace_session *session)
{
	irq_work_sync(&session->wake);
	irq_work_sync(&session->hurry);
	cancel_delayed_work_sync(&session->work);
}

/**
 * droptrace_session_idle() - is nothing going on in a session
 * @session: the session
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: true if neither probe nor worker use it.
 */
bool droptrace_session_idle(const struct droptrace_session *session)
{
	/* Pairs with the release at the end of droptrace_deliver_work(). */
	return smp_load_acquire(&session->state) == DROPTRACE_SESSION_IDLE;
}

/* A session that has ended may be followed by another one on the same socket. */
static void session_reset(struct droptrace_session *session)
{
	int cpu;

	droptrace_session_sum(session, &session_past);
	droptrace_ring_destroy(&session->ring);
	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(session->stats, cpu), 0, sizeof(*session->stats));
	session->delivered = 0;
	session->undelivered = 0;
	session->told = 0;
	session->end_packed = false;
}

/**
 * droptrace_session_start() - begin to stream
 * @session: idle, with its options set
 * @extack: told what stands in the way
 *
 * When it returns, every drop from now on is seen.
 *
 * Context: Process context. May sleep. Expects droptrace_mutex to be held by
 * caller.
 * Return: 0 or -errno.
 */
int droptrace_session_start(struct droptrace_session *session, struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&droptrace_mutex);
	session_quiesce(session);
	session_reset(session);

	err = droptrace_ring_create(&session->ring, session->ring_size);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "no memory for the ring");
		return err;
	}
	WRITE_ONCE(session->state, DROPTRACE_SESSION_STREAMING);
	err = droptrace_ruleset_update();
	if (!err)
		err = droptrace_probe_skb_update();
	if (err) {
		WRITE_ONCE(session->state, DROPTRACE_SESSION_IDLE);
		droptrace_ruleset_update_sync();
		session_quiesce(session);
		session_reset(session);
		NL_SET_ERR_MSG_MOD(extack, "the kfree_skb tracepoint cannot be probed now");
	}
	return err;
}

/**
 * droptrace_session_stop() - record no more; the worker sends the rest
 * @session: streaming
 * @cause: enum droptrace_end, told to the client
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 */
void droptrace_session_stop(struct droptrace_session *session, u32 cause)
{
	lockdep_assert_held(&droptrace_mutex);
	session->end_cause = cause;
	WRITE_ONCE(session->state, DROPTRACE_SESSION_STOPPING);
	droptrace_ruleset_update_sync();
	droptrace_probe_skb_update();
	/*
	 * All is in the ring: an empty one is the end, from here on. Pairs with the
	 * acquire in droptrace_deliver_work().
	 */
	smp_store_release(&session->state, DROPTRACE_SESSION_ENDING);
	/* After this nothing calls the worker again but itself. */
	irq_work_sync(&session->wake);
	irq_work_sync(&session->hurry);
	mod_delayed_work(session_workqueue, &session->work, 0);
}

static void session_destroy(struct droptrace_session *session)
{
	LIST_HEAD(removed);
	LIST_HEAD(traces);

	spin_lock(&session_list_lock);
	list_del(&session->node);
	droptrace_nr_sessions--;
	spin_unlock(&session_list_lock);
	WRITE_ONCE(session->state, DROPTRACE_SESSION_IDLE);
	droptrace_trace_collect_owned(session->sk, &traces);
	droptrace_trace_remove(&traces);
	droptrace_filter_collect_owned(session->sk, &removed);

	droptrace_ruleset_update_sync();
	droptrace_probe_skb_update();
	session_quiesce(session);
	droptrace_filter_remove(&removed);
	if (session->counting)
		droptrace_counters_put();

	droptrace_deliver_discard(session);
	session_reset(session);
	sock_put(session->sk);
	free_percpu(session->stats);
	kfree(session);
	atomic_dec(&droptrace_objects);
}

static bool session_owns_any(const struct droptrace_session *session)
{
	struct droptrace_filter *filter;
	struct droptrace_trace *trace;

	list_for_each_entry(filter, &droptrace_filters, node)
		if (filter->owner == session->sk)
			return true;
	list_for_each_entry(trace, &droptrace_traces, node)
		if (trace->owner == session->sk)
			return true;
	return false;
}

/**
 * droptrace_session_put_unused() - free a session that nothing belongs to
 * @session: from droptrace_session_get(); stays if there is a use for it
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 */
void droptrace_session_put_unused(struct droptrace_session *session)
{
	lockdep_assert_held(&droptrace_mutex);
	if (droptrace_session_idle(session) && !session->counting && !session_owns_any(session))
		session_destroy(session);
}

/*
 * Whose socket was closed. Its port may already be another one's: the dead flag
 * tells which of the two a session belongs to.
 */
static bool session_is_of(const struct droptrace_session *session,
			  const struct netlink_notify *notify)
{
	return session->portid == notify->portid && session->net == notify->net &&
	       sock_flag(session->sk, SOCK_DEAD);
}

static bool session_any_is_of(const struct netlink_notify *notify)
{
	struct droptrace_session *session;
	bool any = false;

	spin_lock(&session_list_lock);
	list_for_each_entry(session, &droptrace_sessions, node)
		any |= session_is_of(session, notify);
	spin_unlock(&session_list_lock);
	return any;
}

/* A netlink socket was closed, perhaps one with a session. */
static int session_netlink_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct netlink_notify *notify = ptr;
	struct droptrace_session *session, *next;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC ||
	    !session_any_is_of(notify))
		return NOTIFY_DONE;

	mutex_lock(&droptrace_mutex);
	list_for_each_entry_safe(session, next, &droptrace_sessions, node)
		if (session_is_of(session, notify))
			session_destroy(session);
	mutex_unlock(&droptrace_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block session_notifier = {
	.notifier_call = session_netlink_notify,
};

/**
 * droptrace_session_init() - be told of sockets that are closed
 *
 * Context: Process context. May sleep.
 * Return: 0 or -errno.
 */
int droptrace_session_init(void)
{
	int err;

	session_workqueue = alloc_workqueue("droptrace", WQ_UNBOUND, 0);
	if (!session_workqueue)
		return -ENOMEM;
	err = netlink_register_notifier(&session_notifier);
	if (err)
		destroy_workqueue(session_workqueue);
	return err;
}

/* How long a client is given to take the last events when the module goes. */
#define SESSION_FAREWELL_TRIES 50

static bool session_all_idle(void)
{
	struct droptrace_session *session;

	list_for_each_entry(session, &droptrace_sessions, node)
		if (!droptrace_session_idle(session))
			return false;
	return true;
}

/**
 * droptrace_session_exit() - end all sessions; the module goes
 *
 * Clients are sent what is in their rings and the end of the session, as far as
 * they read; one that has stopped reading is not waited for long.
 *
 * Context: Process context. Sleeps.
 */
void droptrace_session_exit(void)
{
	struct droptrace_session *session, *next;
	int tries;

	netlink_unregister_notifier(&session_notifier);

	mutex_lock(&droptrace_mutex);
	list_for_each_entry(session, &droptrace_sessions, node)
		if (session->state == DROPTRACE_SESSION_STREAMING)
			droptrace_session_stop(session, DROPTRACE_END_UNLOADED);
	for (tries = 0; tries < SESSION_FAREWELL_TRIES && !session_all_idle(); tries++)
		schedule_timeout_uninterruptible(msecs_to_jiffies(20));
	list_for_each_entry_safe(session, next, &droptrace_sessions, node)
		session_destroy(session);
	mutex_unlock(&droptrace_mutex);

	destroy_workqueue(session_workqueue);
}

/**
 * droptrace_session_has_filter() - does a session use a filter by its id
 * @session: the session, which names its filters
 * @id: the filter's id
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: true if it does.
 */
bool droptrace_session_has_filter(const struct droptrace_session *session, u32 id)
{
	unsigned int i;

	for (i = 0; i < session->nr_filters; i++)
		if (session->filters[i] == id)
			return true;
	return false;
}

/**
 * droptrace_session_wants_paths() - has a session asked for the paths of a trace
 * @session: the session
 * @trace: id of a trace that is nobody's own
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: true if it has.
 */
bool droptrace_session_wants_paths(const struct droptrace_session *session, u32 trace)
{
	unsigned int i;

	if (!session->has_paths || !session->nr_paths)
		return session->has_paths;
	for (i = 0; i < session->nr_paths; i++)
		if (session->paths[i] == trace)
			return true;
	return false;
}

/**
 * droptrace_session_sum() - add a session's tally
 * @session: the session
 * @sum: added to
 *
 * Read against the order of writing, so that no event appears to have been lost or
 * delivered before it was produced. Exact when nothing is recorded any more.
 *
 * Context: Process context.
 */
void droptrace_session_sum(const struct droptrace_session *session,
			   struct droptrace_tally *sum)
{
	const struct droptrace_tally *tally;
	int cpu;

	sum->delivered += READ_ONCE(session->delivered);
	sum->undelivered += READ_ONCE(session->undelivered);
	for_each_possible_cpu(cpu) {
		tally = &per_cpu_ptr(session->stats, cpu)->tally;
		sum->ring_full += READ_ONCE(tally->ring_full);
		sum->rate_limited += READ_ONCE(tally->rate_limited);
	}
	smp_rmb();	/* pairs with the smp_wmb() in probe_sessions() */
	for_each_possible_cpu(cpu)
		sum->produced += READ_ONCE(per_cpu_ptr(session->stats, cpu)->tally.produced);
}

/**
 * droptrace_session_sum_all() - tally of all sessions since the module was loaded
 * @sum: set to it
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 */
void droptrace_session_sum_all(struct droptrace_tally *sum)
{
	struct droptrace_session *session;

	lockdep_assert_held(&droptrace_mutex);
	*sum = session_past;
	list_for_each_entry(session, &droptrace_sessions, node)
		droptrace_session_sum(session, sum);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Sessions: what belongs to one client's socket, and goes with it. */
#ifndef DROPTRACE_SESSION_H
#define DROPTRACE_SESSION_H

#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "droptrace.h"
#include "loss.h"
#include "ring.h"

struct droptrace_drop;
struct net;
struct netlink_ext_ack;
struct sock;

enum droptrace_session_state {
	DROPTRACE_SESSION_IDLE,		/* owns filters or counting, records nothing */
	DROPTRACE_SESSION_STREAMING,	/* the probe records into the ring */
	DROPTRACE_SESSION_STOPPING,	/* ... or may do so for a moment longer */
	DROPTRACE_SESSION_ENDING,	/* the worker still sends what is in the ring */
};

/**
 * struct droptrace_session_stats - one CPU's share, kept by the probe
 * @tally: what was produced and what found no room
 * @unread: bytes recorded since the worker was last called
 */
struct droptrace_session_stats {
	struct droptrace_tally tally;
	u32 unread;
};

/**
 * struct droptrace_session - a session
 * @node: in the list of sessions; under droptrace_mutex
 * @id: never used twice
 * @sk: the client's socket; a reference is held
 * @net: its network namespace, alive as long as @sk
 * @portid: its netlink port
 * @pid: process that began the session
 * @comm: its name
 * @state: written under droptrace_mutex and, from ENDING to IDLE, by the worker
 * @counting: this socket wants drops to be counted; under droptrace_mutex
 * @show_addresses: the client may see kernel addresses
 * @ring_size: bytes per CPU
 * @snaplen: bytes of a packet to keep where no filter says
 * @stack_depth: return addresses to keep
 * @nr_filters: 0 for all filters
 * @filters: ids of the filters to use
 * @has_paths: paths are wanted
 * @nr_paths: 0 for those of all traces that stay
 * @paths: ids of the traces whose paths are wanted
 * @ring: between probe and worker
 * @stats: per CPU, kept by the probe
 * @called: the worker is on its way, or has to look again; see session.c
 * @wake: calls the worker from any context, after a moment
 * @hurry: calls it at once, when much is unread
 * @work: the worker, deliver.c
 * @msg: message under way that the socket had no room for yet; the worker's
 * @msg_head: its header
 * @msg_events: events in it
 * @end_packed: the last message was made; the worker's
 * @delivered: events put into the socket; the worker's
 * @undelivered: events that could not be; the worker's
 * @told: losses that the client has been told of; the worker's
 * @end_cause: enum droptrace_end, why the session ends
 */
struct droptrace_session {
	struct list_head node;
	u32 id;
	struct sock *sk;
	struct net *net;
	u32 portid;
	u32 pid;
	char comm[TASK_COMM_LEN];
	enum droptrace_session_state state;
	bool counting;

	bool show_addresses;
	u32 ring_size;
	u32 snaplen;
	u32 stack_depth;
	unsigned int nr_filters;
	u32 filters[DROPTRACE_FILTERS_MAX];

	bool has_paths;
	unsigned int nr_paths;
	u32 paths[DROPTRACE_TRACES_MAX];
	struct droptrace_ring ring;
	struct droptrace_session_stats __percpu *stats;
	atomic_t called;
	struct irq_work wake;
	struct irq_work hurry;
	struct delayed_work work;

	struct sk_buff *msg;
	void *msg_head;
	unsigned int msg_events;
	bool end_packed;
	u64 delivered;
	u64 undelivered;
	u64 told;
	u32 end_cause;
};

extern struct list_head droptrace_sessions;
extern unsigned int droptrace_nr_sessions;

int droptrace_session_init(void);
void droptrace_session_exit(void);

struct droptrace_session *droptrace_session_find(const struct sock *sk);
struct droptrace_session *droptrace_session_get(struct sock *sk, u32 portid,
						struct netlink_ext_ack *extack);
void droptrace_session_put_unused(struct droptrace_session *session);
int droptrace_session_start(struct droptrace_session *session, struct netlink_ext_ack *extack);
void droptrace_session_stop(struct droptrace_session *session, u32 cause);
void droptrace_session_call_again(struct droptrace_session *session);
bool droptrace_session_idle(const struct droptrace_session *session);
bool droptrace_session_wants_paths(const struct droptrace_session *session, u32 trace);
bool droptrace_session_has_filter(const struct droptrace_session *session, u32 id);

void droptrace_session_sum(const struct droptrace_session *session,
			   struct droptrace_tally *sum);
void droptrace_session_sum_all(struct droptrace_tally *sum);

#endif /* DROPTRACE_SESSION_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probe on the kfree_skb tracepoint: counts the drop, asks each filter that
 * some session goes by, and records the drop for the sessions that want it.
 *
 * Runs wherever a packet is freed: task, softirq, hardirq.  It brings its own
 * protection and takes nothing from the tracepoint's, which differs between
 * kernels: preemption is off from the first line to the last, which makes the
 * per-CPU room its own and is what the ruleset's RCU waits for; and a mark for
 * each execution level refuses recursion, which is counted.
 *
 * The probe is registered only while a session streams, a trace is live or drops are
 * counted.
 */
#include <linux/lockdep.h>
#include <linux/netlink.h>
#include <linux/preempt.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "compat.h"
#include "context.h"
#include "counters.h"
#include "drop.h"
#include "filter.h"
#include "level.h"
#include "loss.h"
#include "netlink.h"
#include "probe_skb.h"
#include "record.h"
#include "ruleset.h"
#include "session.h"

static bool probe_armed;	/* under droptrace_mutex */

/*
 * Messages of ours that a client has not read are freed with kfree_skb() when it
 * closes its socket. They are no packets, and to report them to another client
 * would make new ones for ever. A generic netlink socket is sent messages of a
 * family's type by that family alone.
 */
static bool probe_is_own(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	/* skb->sk shares its place with a small number in defragmentation. */
	if ((unsigned long)sk < PAGE_OFFSET || likely(sk->sk_family != AF_NETLINK))
		return false;
	return sk->sk_protocol == NETLINK_GENERIC && skb_headlen(skb) >= NLMSG_HDRLEN &&
	       ((const struct nlmsghdr *)skb->data)->nlmsg_type == droptrace_netlink_family.id;
}

/* The filters in use that match, by their place in the ruleset. */
static u64 probe_match(const struct droptrace_ruleset *rs, struct droptrace_drop *drop)
{
	u64 matched = 0, left;

	for (left = rs->used; left; left &= left - 1)
		if (droptrace_filter_match(rs->filters[__ffs64(left)], drop))
			matched |= left & -left;
	return matched;
}

static bool probe_wants(const struct droptrace_rule *rule, u64 matched)
{
	if (rule->exclude & matched)
		return false;
	return rule->everything || (rule->include & matched);
}

/* Of the filters that matched and have limits, those that let this one pass. */
static u64 probe_admit(const struct droptrace_ruleset *rs, u64 matched)
{
	u64 wanted = 0, left;
	unsigned int i;

	for (i = 0; i < rs->nr_rules; i++)
		if (probe_wants(&rs->rules[i], matched))
			wanted |= rs->rules[i].include;

	for (left = matched & wanted & rs->limited; left; left &= left - 1)
		if (!droptrace_filter_admit(rs->filters[__ffs64(left)]))
			matched &= ~(left & -left);
	return matched;
}

static void probe_sessions(const struct droptrace_ruleset *rs, struct droptrace_drop *drop)
{
	u64 matched = probe_match(rs, drop), admitted = matched;
	const struct droptrace_rule *rule;
	unsigned int i;

	if (!matched && !rs->everything)
		return;
	if (matched & rs->limited)
		admitted = probe_admit(rs, matched);

	for (i = 0; i < rs->nr_rules; i++) {
		rule = &rs->rules[i];
		if (!probe_wants(rule, matched))
			continue;
		this_cpu_inc(rule->session->stats->tally.produced);
		smp_wmb();	/* pairs with the smp_rmb() in droptrace_session_sum() */
		if (!rule->everything && !(rule->include & admitted)) {
			this_cpu_inc(rule->session->stats->tally.rate_limited);
			continue;
		}
		if (rs->stack_depth && !drop->nr_stack)
			droptrace_drop_save_stack(drop, rs->stack_depth);
		droptrace_record(rule, drop, rs, rule->include & admitted);
	}
}

static void probe_drop(struct droptrace_drop *drop, struct sk_buff *skb, unsigned long location,
		       u32 reason, enum droptrace_level level)
{
	const struct droptrace_ruleset *rs = rcu_dereference_sched(droptrace_ruleset);

	/* Or the compiler computes the address anew, from CPU and level, at each use. */
	OPTIMIZER_HIDE_VAR(drop);
	droptrace_drop_begin(drop, skb, level);
	drop->location = location;
	drop->reason = reason;

	if (READ_ONCE(droptrace_counters_on))
		droptrace_counters_count(drop);
	if (!rs)
		return;
	if (rs->live)
		droptrace_context_drop(rs, drop);
	probe_sessions(rs, drop);
}

static void droptrace_kfree_skb_probe(DROPTRACE_KFREE_SKB_PROTO)
{
	enum droptrace_level level;
	struct droptrace_level_room *cpu;

	preempt_disable_notrace();
	level = droptrace_level_of(preempt_count());
	cpu = this_cpu_ptr(droptrace_level_rooms);
	if (unlikely(cpu->busy[level])) {
		this_cpu_inc(droptrace_loss_recursion);
		goto out;
	}
	cpu->busy[level] = 1;
	barrier();	/* an interrupt between the lines runs at another level */
	if (likely(!probe_is_own(skb)))
		probe_drop(&cpu->drop[level], skb, (unsigned long)location,
			   droptrace_kfree_skb_reason, level);
	barrier();
	cpu->busy[level] = 0;
out:
	preempt_enable_notrace();
}

/**
 * droptrace_probe_skb_exit() - unregister the probe; nobody wants drops any more
 *
 * Context: Process context. Sleeps.
 */
void droptrace_probe_skb_exit(void)
{
	mutex_lock(&droptrace_mutex);
	if (probe_armed)
		unregister_trace_kfree_skb(droptrace_kfree_skb_probe, NULL);
	probe_armed = false;
	mutex_unlock(&droptrace_mutex);

	/* No CPU is in the probe any more after this. */
	tracepoint_synchronize_unregister();
}

/**
 * droptrace_probe_skb_update() - register or unregister the probe as needed
 *
 * Context: Process context. May sleep. Expects droptrace_mutex to be held by
 * caller.
 * Return: 0 or -errno from the tracepoint.
 */
int droptrace_probe_skb_update(void)
{
	bool wanted = rcu_access_pointer(droptrace_ruleset) || READ_ONCE(droptrace_counters_on);
	int err;

	lockdep_assert_held(&droptrace_mutex);
	if (wanted == probe_armed)
		return 0;
	if (wanted)
		err = register_trace_kfree_skb(droptrace_kfree_skb_probe, NULL);
	else
		err = unregister_trace_kfree_skb(droptrace_kfree_skb_probe, NULL);
	if (!err)
		probe_armed = wanted;
	return err;
}

/**
 * droptrace_probe_skb_armed() - is the probe registered
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: true if it is.
 */
bool droptrace_probe_skb_armed(void)
{
	return probe_armed;
}

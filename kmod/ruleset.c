// SPDX-License-Identifier: GPL-2.0-only
/*
 * The snapshot that the probe and points work with.  Any change of filters, traces
 * or sessions makes a new one and publishes it under RCU, so that these take no lock
 * and each packet is judged by one state of affairs.
 *
 * Process context under droptrace_mutex, but for the pointer itself.
 */
#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "filter.h"
#include "ruleset.h"
#include "session.h"
#include "trace.h"

struct droptrace_ruleset __rcu *droptrace_ruleset;

static void ruleset_add_trace(struct droptrace_ruleset *rs, struct droptrace_trace *trace)
{
	struct droptrace_rule_trace *rule = &rs->traces[trace->slot];
	const struct droptrace_filter *filter;
	unsigned int i;

	rs->live |= BIT_ULL(trace->slot);
	rule->trace = trace;
	for (i = 0; i < rs->nr_filters; i++) {
		filter = rs->filters[i];
		if (!droptrace_filter_visible(filter, trace->owner ?: (const void *)trace))
			continue;
		if (filter->exclude)
			rule->exclude |= BIT_ULL(i);
		else if (droptrace_trace_has_filter(trace, filter->id))
			rule->include |= BIT_ULL(i);
	}
	/* As for sessions: one whose filters are gone follows nothing. */
	rule->everything = !trace->nr_filters;
}

/* A socket is sent the paths of its own traces, and of others if it asked. */
static u64 ruleset_paths(const struct droptrace_ruleset *rs,
			 const struct droptrace_session *session)
{
	const struct droptrace_trace *trace;
	u64 paths = 0, left;

	if (!session->show_addresses)
		return 0;
	for (left = rs->live; left; left &= left - 1) {
		trace = rs->traces[__ffs64(left)].trace;
		if (trace->owner ? trace->owner == session->sk :
		    droptrace_session_wants_paths(session, trace->id))
			paths |= left & -left;
	}
	return paths;
}

static void ruleset_add_rule(struct droptrace_ruleset *rs, struct droptrace_session *session)
{
	struct droptrace_rule *rule = &rs->rules[rs->nr_rules++];
	const struct droptrace_filter *filter;
	unsigned int i;

	rule->session = session;
	for (i = 0; i < rs->nr_filters; i++) {
		filter = rs->filters[i];
		if (!droptrace_filter_visible(filter, session->sk))
			continue;
		if (filter->exclude)
			rule->exclude |= BIT_ULL(i);
		else if (!session->nr_filters || droptrace_session_has_filter(session, filter->id))
			rule->include |= BIT_ULL(i);
	}
	rule->paths = ruleset_paths(rs, session);
	/* A session whose own filters are all gone is shown nothing, not everything. */
	rule->everything = !session->nr_filters && !rule->include;

	rs->everything |= rule->everything;
	rs->used |= rule->include | rule->exclude;
	rs->stack_depth = max(rs->stack_depth, session->stack_depth);
}

static struct droptrace_ruleset *ruleset_build(unsigned int nr_sessions, gfp_t gfp)
{
	struct droptrace_ruleset *rs;
	struct droptrace_session *session;
	struct droptrace_filter *filter;
	struct droptrace_trace *trace;

	rs = kzalloc(struct_size(rs, rules, nr_sessions), gfp);
	if (!rs)
		return NULL;
	list_for_each_entry(filter, &droptrace_filters, node) {
		if (filter->rate || filter->count)
			rs->limited |= BIT_ULL(rs->nr_filters);
		rs->filters[rs->nr_filters++] = filter;
	}
	list_for_each_entry(trace, &droptrace_traces, node)
		if (trace->live)
			ruleset_add_trace(rs, trace);
	list_for_each_entry(session, &droptrace_sessions, node)
		if (session->state == DROPTRACE_SESSION_STREAMING)
			ruleset_add_rule(rs, session);
	return rs;
}

static unsigned int ruleset_count_sessions(void)
{
	struct droptrace_session *session;
	unsigned int nr = 0;

	list_for_each_entry(session, &droptrace_sessions, node)
		if (session->state == DROPTRACE_SESSION_STREAMING)
			nr++;
	return nr;
}

static int ruleset_publish(gfp_t gfp)
{
	unsigned int nr_sessions = ruleset_count_sessions();
	struct droptrace_ruleset *old, *rs = NULL;

	lockdep_assert_held(&droptrace_mutex);
	if (nr_sessions || droptrace_trace_any_live()) {
		rs = ruleset_build(nr_sessions, gfp);
		if (!rs)
			return -ENOMEM;
	}
	old = rcu_replace_pointer(droptrace_ruleset, rs, lockdep_is_held(&droptrace_mutex));
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/**
 * droptrace_ruleset_update() - publish all as it is now
 *
 * For additions: the probe may go by the old state for a moment longer.
 *
 * Context: Process context. May sleep. Expects droptrace_mutex to be held by
 * caller.
 * Return: 0, or -ENOMEM with the old state still in force.
 */
int droptrace_ruleset_update(void)
{
	return ruleset_publish(GFP_KERNEL);
}

/**
 * droptrace_ruleset_update_sync() - the same, and wait until the probe goes by it
 *
 * For removals, which must not fail: the few kilobytes that are needed at most are
 * waited for. When it returns, the probe uses nothing that was taken off the lists.
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 */
void droptrace_ruleset_update_sync(void)
{
	ruleset_publish(GFP_KERNEL | __GFP_NOFAIL);
	/* The probe runs with preemption off, which this waits for. */
	synchronize_rcu();
}

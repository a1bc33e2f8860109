// SPDX-License-Identifier: GPL-2.0-only
/*
 * The snapshot that the probe works with.  Any change of filters or sessions
 * makes a new one and publishes it under RCU, so that the probe takes no lock
 * and each drop is judged by one state of affairs.
 *
 * Process context under droptrace_mutex, but for the pointer itself.
 */
#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "filter.h"
#include "ruleset.h"
#include "session.h"

struct droptrace_ruleset __rcu *droptrace_ruleset;

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

	rs = kzalloc(struct_size(rs, rules, nr_sessions), gfp);
	if (!rs)
		return NULL;
	list_for_each_entry(filter, &droptrace_filters, node) {
		if (filter->rate || filter->count)
			rs->limited |= BIT_ULL(rs->nr_filters);
		rs->filters[rs->nr_filters++] = filter;
	}
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
	if (nr_sessions) {
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
 * droptrace_ruleset_update() - publish filters and sessions as they are now
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

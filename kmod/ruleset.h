/* SPDX-License-Identifier: GPL-2.0-only */
/* What the probe goes by: one consistent snapshot of filters, traces and sessions. */
#ifndef DROPTRACE_RULESET_H
#define DROPTRACE_RULESET_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "droptrace.h"

struct droptrace_filter;
struct droptrace_session;
struct droptrace_trace;

/**
 * struct droptrace_rule - what one session wants
 * @session: the session
 * @include: its filters, by their place in the ruleset
 * @exclude: filters that keep a packet from it
 * @paths: live traces that it is sent the paths of, by their slot
 * @everything: it has no filter, so that every packet is wanted
 */
struct droptrace_rule {
	struct droptrace_session *session;
	u64 include;
	u64 exclude;
	u64 paths;
	bool everything;
};

/**
 * struct droptrace_rule_trace - which packets a live trace follows
 * @trace: the trace
 * @include: its filters, by their place in the ruleset
 * @exclude: filters that keep a packet from it
 * @everything: it has no filter, so that every packet is followed
 */
struct droptrace_rule_trace {
	struct droptrace_trace *trace;
	u64 include;
	u64 exclude;
	bool everything;
};

/**
 * struct droptrace_ruleset - filters, traces and sessions at one moment; never changed
 * @rcu: frees it
 * @used: filters that some session goes by
 * @limited: filters that have a rate or a count
 * @everything: some session wants packets that match nothing, too
 * @stack_depth: the most that a session asks for
 * @live: traces that are live, by their slot
 * @traces: these, by their slot
 * @nr_filters: filters in @filters
 * @filters: the filters; bit N of every mask is filters[N]
 * @nr_rules: streaming sessions
 * @rules: one for each
 */
struct droptrace_ruleset {
	struct rcu_head rcu;
	u64 used;
	u64 limited;
	bool everything;
	unsigned int stack_depth;
	u64 live;
	struct droptrace_rule_trace traces[DROPTRACE_TRACES_MAX];
	unsigned int nr_filters;
	struct droptrace_filter *filters[DROPTRACE_FILTERS_MAX];
	unsigned int nr_rules;
	struct droptrace_rule rules[];
};

/*
 * Published by ruleset.c under droptrace_mutex; NULL while no session
 * streams and no trace is live.
 */
extern struct droptrace_ruleset __rcu *droptrace_ruleset;

int droptrace_ruleset_update(void);
void droptrace_ruleset_update_sync(void);

#endif /* DROPTRACE_RULESET_H */

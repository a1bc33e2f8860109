// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters.  The first half keeps the list of them, in process context under
 * droptrace_mutex; the second half decides on one drop, from the probe.  Between
 * the two stands the ruleset (ruleset.c), by which a filter is seen by the probe
 * and, before it is freed, no longer seen.
 */
#include <linux/filter.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "compat.h"
#include "drop.h"
#include "filter.h"
#include "ruleset.h"
#include "tunnel.h"

LIST_HEAD(droptrace_filters);		/* under droptrace_mutex */
unsigned int droptrace_nr_filters;	/* under droptrace_mutex */
static u32 filter_last_id;		/* under droptrace_mutex */

/**
 * droptrace_filter_alloc() - a filter that matches everything
 *
 * Context: Process context. May sleep.
 * Return: the filter, to be added or freed; NULL without memory.
 */
struct droptrace_filter *droptrace_filter_alloc(void)
{
	struct droptrace_filter *filter = kzalloc(sizeof(*filter), GFP_KERNEL);

	if (!filter)
		return NULL;
	filter->stats = alloc_percpu(struct droptrace_filter_stats);
	if (!filter->stats) {
		kfree(filter);
		return NULL;
	}
	INIT_LIST_HEAD(&filter->node);
	filter->snaplen = -1;
	filter->mark_mask = ~0U;
	atomic_inc(&droptrace_objects);
	return filter;
}

/**
 * droptrace_filter_free() - free a filter that the probe does not see
 * @filter: never added, or removed
 *
 * Context: Process context.
 */
void droptrace_filter_free(struct droptrace_filter *filter)
{
	if (filter->prog)
		bpf_prog_destroy(filter->prog);
	if (filter->inner)
		bpf_prog_destroy(filter->inner);
	kfree(filter->expr);
	kfree(filter->inner_expr);
	kfree(filter->function);
	free_percpu(filter->stats);
	kfree(filter);
	atomic_dec(&droptrace_objects);
}

/**
 * droptrace_filter_add() - put a filter into force
 * @filter: complete; gets its id
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: 0 or -errno, with @filter still the caller's.
 */
int droptrace_filter_add(struct droptrace_filter *filter)
{
	int err;

	lockdep_assert_held(&droptrace_mutex);
	filter->id = ++filter_last_id;
	list_add_tail(&filter->node, &droptrace_filters);
	droptrace_nr_filters++;

	err = droptrace_ruleset_update();
	if (err) {
		list_del_init(&filter->node);
		droptrace_nr_filters--;
	}
	return err;
}

/**
 * droptrace_filter_find() - find a filter by its id
 * @id: the id
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: the filter or NULL.
 */
struct droptrace_filter *droptrace_filter_find(u32 id)
{
	struct droptrace_filter *filter;

	lockdep_assert_held(&droptrace_mutex);
	list_for_each_entry(filter, &droptrace_filters, node)
		if (filter->id == id)
			return filter;
	return NULL;
}

/**
 * droptrace_filter_find_name() - find a filter by its name
 * @name: the name
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: the filter or NULL.
 */
struct droptrace_filter *droptrace_filter_find_name(const char *name)
{
	struct droptrace_filter *filter;

	lockdep_assert_held(&droptrace_mutex);
	list_for_each_entry(filter, &droptrace_filters, node)
		if (filter->name[0] && !strcmp(filter->name, name))
			return filter;
	return NULL;
}

/**
 * droptrace_filter_visible() - may a socket's session, or a trace, go by a filter
 * @filter: the filter
 * @who: the socket, or a trace that has none
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: true for the filters that stay, and those that are its own.
 */
bool droptrace_filter_visible(const struct droptrace_filter *filter, const void *who)
{
	return !filter->owner || filter->owner == who;
}

/**
 * droptrace_filter_remove() - take filters out of force and free them
 * @removed: list of filters, already taken off droptrace_filters
 *
 * Cannot fail.
 *
 * Context: Process context. May sleep. Expects droptrace_mutex to be held by
 * caller.
 */
void droptrace_filter_remove(struct list_head *removed)
{
	struct droptrace_filter *filter, *next;

	lockdep_assert_held(&droptrace_mutex);
	if (list_empty(removed))
		return;

	list_for_each_entry(filter, removed, node)
		droptrace_nr_filters--;
	droptrace_ruleset_update_sync();
	list_for_each_entry_safe(filter, next, removed, node)
		droptrace_filter_free(filter);
}

/**
 * droptrace_filter_collect_owned() - take filters that go with something off the list
 * @owner: the socket or trace
 * @removed: they are added to this, for droptrace_filter_remove()
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 */
void droptrace_filter_collect_owned(const void *owner, struct list_head *removed)
{
	struct droptrace_filter *filter, *next;

	lockdep_assert_held(&droptrace_mutex);
	list_for_each_entry_safe(filter, next, &droptrace_filters, node)
		if (filter->owner == owner)
			list_move_tail(&filter->node, removed);
}

/**
 * droptrace_filter_exit() - free all filters; the module goes
 *
 * Context: Process context. Sleeps. Takes and releases droptrace_mutex.
 */
void droptrace_filter_exit(void)
{
	LIST_HEAD(removed);

	mutex_lock(&droptrace_mutex);
	list_splice_init(&droptrace_filters, &removed);
	droptrace_filter_remove(&removed);
	mutex_unlock(&droptrace_mutex);
}

/**
 * droptrace_filter_module_going() - a module's code is about to go away
 * @module: the module; others may be loaded in its place
 *
 * Context: Process context. Takes and releases droptrace_mutex.
 */
void droptrace_filter_module_going(const struct module *module)
{
	struct droptrace_filter *filter;
	unsigned int i;

	mutex_lock(&droptrace_mutex);
	list_for_each_entry(filter, &droptrace_filters, node)
		for (i = 0; i < filter->nr_ranges; i++)
			if (within_module(filter->ranges[i].start, module))
				WRITE_ONCE(filter->stale, true);
	mutex_unlock(&droptrace_mutex);
}

/**
 * droptrace_filter_sum() - add up a filter's counters
 * @filter: the filter
 * @sum: set to the sums
 *
 * Context: Any context.
 */
void droptrace_filter_sum(const struct droptrace_filter *filter,
			  struct droptrace_filter_stats *sum)
{
	const struct droptrace_filter_stats *stats;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(filter->stats, cpu);
		sum->hits += READ_ONCE(stats->hits);
		sum->limited += READ_ONCE(stats->limited);
		sum->errors += READ_ONCE(stats->errors);
	}
}

static bool filter_reason_matches(const struct droptrace_filter *filter, u32 reason)
{
	unsigned int i;

	for (i = 0; i < filter->nr_reasons; i++)
		if (filter->reasons[i] == reason)
			return true;
	return false;
}

/* The location is a return address: the call lies before it. */
static bool filter_location_matches(const struct droptrace_filter *filter, u64 location)
{
	unsigned int i;

	for (i = 0; i < filter->nr_ranges; i++)
		if (location - 1 >= filter->ranges[i].start &&
		    location - 1 < filter->ranges[i].end)
			return true;
	return false;
}

static bool filter_place_matches(const struct droptrace_filter *filter,
				 struct droptrace_drop *drop)
{
	droptrace_drop_find_device(drop);
	if (filter->netns && filter->netns != drop->netns)
		return false;
	if (!filter->dev[0])
		return true;
	return drop->device && !memcmp(drop->device->name, filter->dev, IFNAMSIZ);
}

static bool filter_inner_matches(const struct droptrace_filter *filter,
				 struct droptrace_drop *drop)
{
	struct sk_buff *inner = &drop->inner;
	u16 ethertype;
	int depth, offset;

	*inner = drop->pkt.view;
	for (depth = 0; depth < DROPTRACE_TUNNEL_DEPTH; depth++) {
		offset = droptrace_tunnel_inner(inner, &ethertype);
		if (offset < 0 || !droptrace_packet_enter(inner, offset, ethertype))
			return false;
		if (droptrace_compat_bpf_run(filter->inner, inner))
			return true;
	}
	return false;
}

static bool filter_packet_matches(const struct droptrace_filter *filter,
				  struct droptrace_drop *drop)
{
	if (!drop->pkt.found) {
		this_cpu_inc(filter->stats->errors);
		return false;
	}
	if (filter->prog && !droptrace_compat_bpf_run(filter->prog, &drop->pkt.view))
		return false;
	return !filter->inner || filter_inner_matches(filter, drop);
}

static bool filter_mark_matches(const struct droptrace_filter *filter, const struct sk_buff *skb)
{
	return !((skb->mark ^ filter->mark) & filter->mark_mask);
}

static bool filter_checks_pass(const struct droptrace_filter *filter,
			       struct droptrace_drop *drop)
{
	unsigned int checks = filter->checks;

	if ((checks & DROPTRACE_CHECK_COUNT) && atomic64_read(&filter->used) >= filter->count)
		return false;
	if ((checks & DROPTRACE_CHECK_REASON) && !filter_reason_matches(filter, drop->reason))
		return false;
	if ((checks & DROPTRACE_CHECK_RANGE) &&
	    (READ_ONCE(filter->stale) || !filter_location_matches(filter, drop->location)))
		return false;
	if ((checks & DROPTRACE_CHECK_MARK) && !filter_mark_matches(filter, drop->skb))
		return false;
	return !(checks & DROPTRACE_CHECK_PLACE) || filter_place_matches(filter, drop);
}

/**
 * droptrace_filter_meets() - does this drop meet all conditions
 * @filter: the filter
 * @drop: the drop
 *
 * What is cheap to ask is asked first.
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: true if it does; that is not counted.
 */
bool droptrace_filter_meets(const struct droptrace_filter *filter, struct droptrace_drop *drop)
{
	if (filter->checks && !filter_checks_pass(filter, drop))
		return false;
	return (!filter->prog && !filter->inner) || filter_packet_matches(filter, drop);
}

/**
 * droptrace_filter_match_fully() - is this drop meant, by any condition
 * @filter: the filter
 * @drop: the drop
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: true if it is; it is counted then.
 */
bool droptrace_filter_match_fully(struct droptrace_filter *filter, struct droptrace_drop *drop)
{
	if (!droptrace_filter_meets(filter, drop))
		return false;
	this_cpu_inc(filter->stats->hits);
	return true;
}

/**
 * droptrace_filter_match_packet() - is this packet meant, whether it is dropped or not
 * @filter: the filter
 * @drop: the packet
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: true if it meets the conditions about packets; that is not counted.
 */
bool droptrace_filter_match_packet(const struct droptrace_filter *filter,
				   struct droptrace_drop *drop)
{
	unsigned int checks = filter->checks;

	if ((checks & DROPTRACE_CHECK_MARK) && !filter_mark_matches(filter, drop->skb))
		return false;
	if ((checks & DROPTRACE_CHECK_PLACE) && !filter_place_matches(filter, drop))
		return false;
	return (!filter->prog && !filter->inner) || filter_packet_matches(filter, drop);
}

/*
 * Windows of one second, each beginning with the first event after the one
 * before has ended. Begin (in ms) and count share one word, so that no lock is
 * needed: 40 bits and 24, of which the rate's limit of 10^6 needs 20.
 */
static bool filter_rate_admits(struct droptrace_filter *filter)
{
	s64 now = ktime_get_mono_fast_ns() / NSEC_PER_MSEC;
	s64 old = atomic64_read(&filter->window);
	s64 next;

	do {
		next = old + 1;
		if (!old || now - (s64)((u64)old >> 24) >= MSEC_PER_SEC)
			next = now << 24 | 1;
		else if ((old & 0xffffff) >= filter->rate)
			return false;
	} while (!atomic64_try_cmpxchg(&filter->window, &old, next));
	return true;
}

/**
 * droptrace_filter_admit() - may one more event of this filter pass
 * @filter: the filter, which the event has matched
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: false if the filter's rate or count is used up; it is counted then.
 */
bool droptrace_filter_admit(struct droptrace_filter *filter)
{
	if ((filter->rate && !filter_rate_admits(filter)) ||
	    (filter->count && atomic64_inc_return(&filter->used) > filter->count)) {
		this_cpu_inc(filter->stats->limited);
		return false;
	}
	return true;
}

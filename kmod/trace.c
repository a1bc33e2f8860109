// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traces.  One has functions, points in their code and programs that are run there,
 * added in any number of requests.  What a request adds is checked as a whole, kept
 * in one piece, and goes with the trace.
 *
 * A trace is live once its points are armed: the ruleset has it from then on, and
 * only then do points open contexts.  It comes apart in the opposite order.
 *
 * Process context under droptrace_mutex.
 */
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "filter.h"
#include "path.h"
#include "point.h"
#include "pool.h"
#include "probe_skb.h"
#include "ruleset.h"
#include "trace.h"

/* How often contexts are looked at that nothing else would end. */
#define TRACE_SWEEP_JIFFIES	max(1UL, HZ / 4)

LIST_HEAD(droptrace_traces);		/* under droptrace_mutex */
unsigned int droptrace_nr_traces;	/* under droptrace_mutex */
static u32 trace_last_id;		/* under droptrace_mutex */
static u64 trace_slots;			/* in use; under droptrace_mutex */

static void trace_expire(struct work_struct *work);
static DECLARE_DELAYED_WORK(trace_expiry, trace_expire);

/* When it goes; far away if never. */
static u64 trace_end(const struct droptrace_trace *trace)
{
	return trace->expire ? trace->added + (u64)trace->expire * NSEC_PER_SEC : U64_MAX;
}

/* Have trace_expire() called when the next trace is to go. */
static void trace_await_expiry(void)
{
	const struct droptrace_trace *trace;
	u64 now = ktime_get_ns(), next = U64_MAX;

	list_for_each_entry(trace, &droptrace_traces, node)
		next = min(next, trace_end(trace));
	if (next == U64_MAX)
		return;
	cancel_delayed_work(&trace_expiry);
	schedule_delayed_work(&trace_expiry, next > now ? nsecs_to_jiffies(next - now) + 1 : 0);
}

static void trace_expire(struct work_struct *work)
{
	struct droptrace_trace *trace, *next;
	u64 now = ktime_get_ns();
	LIST_HEAD(removed);

	mutex_lock(&droptrace_mutex);
	list_for_each_entry_safe(trace, next, &droptrace_traces, node)
		if (trace_end(trace) <= now)
			list_move_tail(&trace->node, &removed);
	droptrace_trace_remove(&removed);
	trace_await_expiry();
	mutex_unlock(&droptrace_mutex);
}

static void trace_sweep(struct work_struct *work)
{
	struct droptrace_trace *trace = container_of(to_delayed_work(work),
						     struct droptrace_trace, sweep);

	droptrace_pool_sweep(trace);
	schedule_delayed_work(&trace->sweep, TRACE_SWEEP_JIFFIES);
}

/**
 * droptrace_trace_alloc() - a trace of nothing
 * @path_size: bytes to keep of a path
 * @snaplen: bytes to keep of a packet
 *
 * Context: Process context. May sleep.
 * Return: the trace, to be added or freed; NULL without memory.
 */
struct droptrace_trace *droptrace_trace_alloc(u32 path_size, u32 snaplen)
{
	struct droptrace_trace *trace = kzalloc(sizeof(*trace), GFP_KERNEL);

	if (!trace)
		return NULL;
	atomic_inc(&droptrace_objects);
	INIT_LIST_HEAD(&trace->node);
	INIT_LIST_HEAD(&trace->parts);
	INIT_DELAYED_WORK(&trace->sweep, trace_sweep);
	trace->path_size = path_size;
	trace->snaplen = snaplen;
	trace->cpus = alloc_percpu(struct droptrace_trace_cpu);
	trace->pool = droptrace_pool_create(trace);
	if (!trace->cpus || !trace->pool) {
		droptrace_trace_free(trace);
		return NULL;
	}
	return trace;
}

/**
 * droptrace_trace_free() - free a trace that has no armed points
 * @trace: never added, or removed
 *
 * Context: Process context.
 */
void droptrace_trace_free(struct droptrace_trace *trace)
{
	struct droptrace_trace_part *part, *next;

	list_for_each_entry_safe(part, next, &trace->parts, node)
		droptrace_trace_part_free(part);
	kfree(trace->spec);
	kvfree(trace->points);
	kvfree(trace->frames);
	kvfree(trace->progs);
	droptrace_pool_destroy(trace->pool);
	free_percpu(trace->cpus);
	kfree(trace);
	atomic_dec(&droptrace_objects);
}

/**
 * droptrace_trace_add() - let a trace be found
 * @trace: complete but for its points; gets its id. There are fewer than
 *	   DROPTRACE_TRACES_MAX others.
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 */
void droptrace_trace_add(struct droptrace_trace *trace)
{
	lockdep_assert_held(&droptrace_mutex);
	trace->id = ++trace_last_id;
	trace->slot = __ffs64(~trace_slots);
	trace_slots |= BIT_ULL(trace->slot);
	trace->added = ktime_get_ns();
	list_add_tail(&trace->node, &droptrace_traces);
	droptrace_nr_traces++;
	if (trace->expire)
		trace_await_expiry();
}

/**
 * droptrace_trace_go_live() - from now on points open contexts
 * @trace: with its points armed
 *
 * Context: Process context. May sleep. Expects droptrace_mutex to be held by caller.
 * Return: 0 or -errno.
 */
int droptrace_trace_go_live(struct droptrace_trace *trace)
{
	int err;

	lockdep_assert_held(&droptrace_mutex);
	if (trace->live)
		return 0;
	trace->live = true;
	err = droptrace_ruleset_update();
	if (!err)
		err = droptrace_probe_skb_update();
	if (err) {
		trace->live = false;
		droptrace_ruleset_update_sync();
		return err;
	}
	schedule_delayed_work(&trace->sweep, TRACE_SWEEP_JIFFIES);
	return 0;
}

/**
 * droptrace_trace_keep() - let a trace outlive its socket
 * @trace: the trace; what filters it goes by and the socket owns go with it now
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 */
void droptrace_trace_keep(struct droptrace_trace *trace)
{
	struct droptrace_filter *filter;

	lockdep_assert_held(&droptrace_mutex);
	if (!trace->owner)
		return;
	list_for_each_entry(filter, &droptrace_filters, node)
		if (filter->owner == trace->owner && droptrace_trace_has_filter(trace, filter->id))
			filter->owner = trace;
	trace->owner = NULL;
	/* Not that it could wait; but this cannot fail. */
	droptrace_ruleset_update_sync();
}

/**
 * droptrace_trace_remove() - take traces apart and free them
 * @removed: list of traces, already taken off droptrace_traces; their filters go, too
 *
 * Cannot fail. First no context is opened any more, then no point is met, then no
 * CPU is in one.
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 */
void droptrace_trace_remove(struct list_head *removed)
{
	struct droptrace_trace *trace, *next;
	LIST_HEAD(filters);

	lockdep_assert_held(&droptrace_mutex);
	if (list_empty(removed))
		return;

	list_for_each_entry(trace, removed, node) {
		trace->live = false;
		droptrace_nr_traces--;
	}
	droptrace_ruleset_update_sync();
	droptrace_probe_skb_update();
	list_for_each_entry_safe(trace, next, removed, node) {
		/* For the accounts of the module, which outlive it. */
		preempt_disable();
		droptrace_pool_missed(trace);
		preempt_enable();
		droptrace_point_disarm(trace->points, trace->nr_points);
		cancel_delayed_work_sync(&trace->sweep);
		/* Handlers in other ways than the kernel waits for, and the probe. */
		synchronize_rcu();
		trace_slots &= ~BIT_ULL(trace->slot);
		list_del(&trace->node);
		droptrace_filter_collect_owned(trace, &filters);
		droptrace_trace_free(trace);
	}
	droptrace_filter_remove(&filters);
}

/**
 * droptrace_trace_collect_owned() - take a socket's traces off the list
 * @owner: the socket
 * @removed: they are added to this, for droptrace_trace_remove()
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 */
void droptrace_trace_collect_owned(const struct sock *owner, struct list_head *removed)
{
	struct droptrace_trace *trace, *next;

	lockdep_assert_held(&droptrace_mutex);
	list_for_each_entry_safe(trace, next, &droptrace_traces, node)
		if (trace->owner == owner)
			list_move_tail(&trace->node, removed);
}

/**
 * droptrace_trace_exit() - remove all traces; the module goes
 *
 * Context: Process context. Sleeps. Takes and releases droptrace_mutex.
 */
void droptrace_trace_exit(void)
{
	LIST_HEAD(removed);

	mutex_lock(&droptrace_mutex);
	list_splice_init(&droptrace_traces, &removed);
	droptrace_trace_remove(&removed);
	mutex_unlock(&droptrace_mutex);
	/* Without traces it does not come again. */
	cancel_delayed_work_sync(&trace_expiry);
}

/**
 * droptrace_trace_module_going() - a module's code is about to go away
 * @module: the module
 *
 * Context: Process context. Sleeps. Takes and releases droptrace_mutex.
 */
void droptrace_trace_module_going(const struct module *module)
{
	struct droptrace_trace *trace;
	unsigned int nr;

	mutex_lock(&droptrace_mutex);
	list_for_each_entry(trace, &droptrace_traces, node) {
		nr = droptrace_point_module_going(trace, module);
		if (nr)
			droptrace_path_gone(trace, module->name, nr);
	}
	mutex_unlock(&droptrace_mutex);
}

/**
 * droptrace_trace_find() - find a trace by its id
 * @id: the id
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: the trace or NULL.
 */
struct droptrace_trace *droptrace_trace_find(u32 id)
{
	struct droptrace_trace *trace;

	lockdep_assert_held(&droptrace_mutex);
	list_for_each_entry(trace, &droptrace_traces, node)
		if (trace->id == id)
			return trace;
	return NULL;
}

/**
 * droptrace_trace_find_name() - find a trace by its name
 * @name: the name
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: the trace or NULL.
 */
struct droptrace_trace *droptrace_trace_find_name(const char *name)
{
	struct droptrace_trace *trace;

	lockdep_assert_held(&droptrace_mutex);
	list_for_each_entry(trace, &droptrace_traces, node)
		if (trace->name[0] && !strcmp(trace->name, name))
			return trace;
	return NULL;
}

/**
 * droptrace_trace_any_live() - is any trace live
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: true if one is.
 */
bool droptrace_trace_any_live(void)
{
	struct droptrace_trace *trace;

	lockdep_assert_held(&droptrace_mutex);
	list_for_each_entry(trace, &droptrace_traces, node)
		if (trace->live)
			return true;
	return false;
}

/**
 * droptrace_trace_has_filter() - does a trace go by a filter
 * @trace: the trace
 * @id: the filter's id
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: true if it names the filter.
 */
bool droptrace_trace_has_filter(const struct droptrace_trace *trace, u32 id)
{
	unsigned int i;

	for (i = 0; i < trace->nr_filters; i++)
		if (trace->filters[i] == id)
			return true;
	return false;
}

static void trace_sum_cpus(const struct droptrace_trace *trace, struct droptrace_trace_sums *sums)
{
	const struct droptrace_trace_cpu *share;
	int cpu;

	for_each_possible_cpu(cpu) {
		share = per_cpu_ptr(trace->cpus, cpu);
		sums->opened += READ_ONCE(share->opened);
		sums->kept += READ_ONCE(share->kept);
		sums->truncated += READ_ONCE(share->truncated);
		sums->no_context += READ_ONCE(share->no_context);
		sums->missed += READ_ONCE(share->unserved);
	}
}

/**
 * droptrace_trace_sum() - add up a trace's counters
 * @trace: the trace
 * @sums: set to the sums
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 */
void droptrace_trace_sum(struct droptrace_trace *trace, struct droptrace_trace_sums *sums)
{
	unsigned int i;

	lockdep_assert_held(&droptrace_mutex);
	memset(sums, 0, sizeof(*sums));
	trace_sum_cpus(trace, sums);
	for (i = 0; i < trace->nr_points; i++) {
		sums->hits += droptrace_point_hits(trace->points[i]);
		sums->optimized += droptrace_point_optimized(trace->points[i]);
	}
	preempt_disable();
	sums->missed += droptrace_pool_missed(trace);
	preempt_enable();
}

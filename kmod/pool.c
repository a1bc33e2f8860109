// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contexts of a trace, and whose they are: made beforehand, they go from hand to
 * hand without a lock.  Who may touch one is who has taken it:
 *   - out of the pool, by clearing its bit in pool->free;
 *   - out of a task's slot or a pending one, by exchanging its pointer for NULL;
 *   - as the one of a CPU's softirqs or hard interrupts, by running there, behind
 *     the busy mark of that level.
 *
 * A context whose outermost frame has ended is kept if a packet was dropped in it, or
 * else waits by the packet's address, see pending.c.
 *
 * Called from points and from the probe with preemption off, from the sweep in
 * process context; NMI-safe.
 */
#include <linux/bitmap.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/irqflags.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "context.h"
#include "event.h"
#include "follow.h"
#include "loss.h"
#include "pending.h"
#include "pool.h"
#include "ring.h"
#include "trace.h"

#define POOL_TASKS		64	/* slots, a power of two */
#define POOL_PROBES		8	/* slots that are looked at for a task */

/* A softirq or hard interrupt is over after that; a task may sleep in a function. */
#define POOL_OLD_NS		NSEC_PER_SEC

/* A softirq or hard interrupt that has met no point for so long is looked at. */
#define POOL_STUCK_NS		(NSEC_PER_SEC / 4)

/* Misses are looked for when a context opens, unless that takes too long. */
#define POOL_MISSED_POINTS	512

/**
 * struct droptrace_pool_task - a task that has a context
 * @task: the task, NULL if the slot is free; compared only
 * @ctx: its context, NULL while somebody works on it
 */
struct droptrace_pool_task {
	const struct task_struct *task;
	struct droptrace_context *ctx;
};

/**
 * struct droptrace_pool - the contexts of a trace
 * @nr: their number
 * @contexts: the contexts
 * @free: a bit for each that is nobody's
 * @tasks: contexts of tasks, by the task's address
 * @pending: contexts of packets between two functions
 */
struct droptrace_pool {
	unsigned int nr;
	struct droptrace_context **contexts;
	unsigned long *free;
	struct droptrace_pool_task tasks[POOL_TASKS];
	struct droptrace_pending pending;
};

static atomic64_t pool_last_id = ATOMIC64_INIT(0);

/* --- the pool --- */

static struct droptrace_context *pool_get(struct droptrace_pool *pool)
{
	unsigned int bit;

	for_each_set_bit(bit, pool->free, pool->nr)
		if (test_and_clear_bit(bit, pool->free))
			return pool->contexts[bit];
	return NULL;
}

/* All that was written to the context is there before it is somebody else's. */
static void pool_give(struct droptrace_context *ctx)
{
	smp_mb__before_atomic();	/* pairs with the test_and_clear_bit() above */
	set_bit(ctx->index, ctx->trace->pool->free);
}

static struct droptrace_context *pool_create(struct droptrace_trace *trace)
{
	size_t event_room = ALIGN(droptrace_event_size(0, 0, trace->snaplen), 8);
	struct droptrace_context *ctx;

	ctx = kvzalloc(sizeof(*ctx) + event_room + trace->path_size, GFP_KERNEL);
	if (!ctx)
		return NULL;
	ctx->trace = trace;
	ctx->event = (void *)ctx->data;
	ctx->path.steps = ctx->data + event_room;
	ctx->path.size = trace->path_size;
	return ctx;
}

/**
 * droptrace_pool_create() - make the contexts of a trace
 * @trace: the trace, of which path_size and snaplen are set; gets its pending
 *
 * Two for each CPU, some for tasks, and some for packets under way.
 *
 * Context: Process context. May sleep.
 * Return: the pool, or NULL without memory.
 */
struct droptrace_pool *droptrace_pool_create(struct droptrace_trace *trace)
{
	unsigned int nr = 2 * num_possible_cpus() + POOL_TASKS / 2 +
			  DROPTRACE_PENDING_MAX / 2;
	struct droptrace_pool *pool = kvzalloc(sizeof(*pool), GFP_KERNEL);

	if (!pool)
		return NULL;
	pool->contexts = kcalloc(nr, sizeof(*pool->contexts), GFP_KERNEL);
	pool->free = bitmap_zalloc(nr, GFP_KERNEL);
	if (!pool->contexts || !pool->free)
		goto err;
	for (; pool->nr < nr; pool->nr++) {
		pool->contexts[pool->nr] = pool_create(trace);
		if (!pool->contexts[pool->nr])
			goto err;
		pool->contexts[pool->nr]->index = pool->nr;
	}
	bitmap_fill(pool->free, nr);
	trace->pending = &pool->pending;
	return pool;
err:
	droptrace_pool_destroy(pool);
	return NULL;
}

/**
 * droptrace_pool_destroy() - free contexts that nobody uses any more
 * @pool: the pool; NULL is none
 *
 * Context: Process context.
 */
void droptrace_pool_destroy(struct droptrace_pool *pool)
{
	if (!pool)
		return;
	while (pool->nr)
		kvfree(pool->contexts[--pool->nr]);
	kfree(pool->contexts);
	bitmap_free(pool->free);
	kvfree(pool);
}

/* --- misses --- */

/**
 * droptrace_pool_missed() - what the points of a trace have missed until now
 * @trace: the trace
 *
 * Tells the accounts of news.
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: hits that did not reach us.
 */
u64 droptrace_pool_missed(struct droptrace_trace *trace)
{
	/* Pairs with the release in trace_publish_points(): the array has as many. */
	unsigned int i, nr = smp_load_acquire(&trace->nr_points);
	struct droptrace_trace_point **points = READ_ONCE(trace->points);
	u64 sum = 0, before;

	for (i = 0; i < nr; i++)
		sum += READ_ONCE(points[i]->kprobe.nmissed);
	before = atomic64_read(&trace->missed);
	while (sum > before)
		if (atomic64_try_cmpxchg(&trace->missed, (s64 *)&before, sum))
			this_cpu_add(droptrace_loss_point_missed, sum - before);
	return sum;
}

/* --- the end --- */

/* One more path of a packet that was not dropped? */
static bool pool_passing_wanted(struct droptrace_trace *trace)
{
	if (!trace->passing || !droptrace_path_wanted(trace))
		return false;
	return trace->passing == U32_MAX || atomic_add_unless(&trace->passing_left, -1, 0);
}

/**
 * droptrace_pool_finish() - keep or discard what a context has recorded
 * @ctx: the context, which is the pool's then
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 */
void droptrace_pool_finish(struct droptrace_context *ctx)
{
	struct droptrace_trace *trace = ctx->trace;

	if (ctx->dropped || (ctx->matched && pool_passing_wanted(trace))) {
		ctx->missed = droptrace_pool_missed(trace) != ctx->missed_before;
		this_cpu_inc(trace->cpus->kept);
		if (ctx->path.truncated)
			this_cpu_inc(trace->cpus->truncated);
		droptrace_path_commit(ctx);
	}
	pool_give(ctx);
}

/* --- whose context --- */

static struct droptrace_pool_task *pool_task_slot(struct droptrace_pool *pool, unsigned int i)
{
	unsigned int first = hash_ptr(current, ilog2(POOL_TASKS));

	return &pool->tasks[(first + i) % POOL_TASKS];
}

/* For the next task. */
static void pool_task_free(struct droptrace_trace *trace, struct droptrace_pool_task *slot)
{
	atomic_dec(&trace->nr_tasks);
	/* Pairs with the cmpxchg() in pool_put_task(): its context is gone by then. */
	smp_store_release(&slot->task, NULL);
}

/* Another's, which will not find it again. NULL if somebody else was faster. */
static struct droptrace_context *pool_task_steal(struct droptrace_trace *trace,
						 struct droptrace_pool_task *slot)
{
	struct droptrace_context *ctx = xchg(&slot->ctx, NULL);

	if (ctx) {
		ctx->slot = NULL;
		pool_task_free(trace, slot);
	}
	return ctx;
}

/*
 * Who has taken a context out of a slot works on it with interrupts off, and waits for
 * nobody meanwhile.
 */
static struct droptrace_context *pool_task_await(struct droptrace_pool_task *slot,
						 const struct task_struct *task)
{
	struct droptrace_context *ctx = NULL;

	while (READ_ONCE(slot->task) == task) {
		if (READ_ONCE(slot->ctx))
			ctx = xchg(&slot->ctx, NULL);
		if (ctx)
			break;
		cpu_relax();
	}
	return ctx;
}

static struct droptrace_context *pool_take_task(struct droptrace_trace *trace)
{
	struct droptrace_context *ctx;
	struct droptrace_pool_task *slot;
	unsigned int i;

	if (!atomic_read(&trace->nr_tasks))
		return NULL;
	for (i = 0; i < POOL_PROBES; i++) {
		slot = pool_task_slot(trace->pool, i);
		if (READ_ONCE(slot->task) != current)
			continue;
		ctx = pool_task_await(slot, current);
		if (ctx)
			return ctx;
	}
	return NULL;
}

/*
 * For the task's next point. A slot is claimed by its task, and kept until the context
 * has ended: nobody else takes a context of ours for their own.
 */
static bool pool_put_task(struct droptrace_trace *trace, struct droptrace_context *ctx)
{
	struct droptrace_pool_task *slot = ctx->slot;
	unsigned int i;

	for (i = 0; !slot && i < POOL_PROBES; i++) {
		slot = pool_task_slot(trace->pool, i);
		if (READ_ONCE(slot->task) || cmpxchg(&slot->task, NULL, current))
			slot = NULL;
		else
			atomic_inc(&trace->nr_tasks);
	}
	if (!slot)
		return false;
	ctx->slot = slot;
	xchg(&slot->ctx, ctx);
	return true;
}

/**
 * droptrace_pool_borrow() - the open context of whatever task follows a packet
 * @trace: the trace
 * @skb: address of the packet
 *
 * Context: Any context but NMI. Expects interrupts to be off.
 * Return: the context, to be given back; NULL if there is none.
 */
struct droptrace_context *droptrace_pool_borrow(struct droptrace_trace *trace,
						const struct sk_buff *skb)
{
	const struct task_struct *task;
	struct droptrace_context *ctx;
	struct droptrace_pool_task *slot;
	unsigned int i;

	if (!atomic_read(&trace->nr_tasks))
		return NULL;
	for (i = 0; i < POOL_TASKS; i++) {
		slot = &trace->pool->tasks[i];
		task = READ_ONCE(slot->task);
		if (!task)
			continue;
		ctx = pool_task_await(slot, task);
		if (!ctx)
			continue;
		if (droptrace_follow_knows(ctx, skb))
			return ctx;
		droptrace_pool_give_back(ctx);
	}
	return NULL;
}

/**
 * droptrace_pool_give_back() - give a context back that was borrowed
 * @ctx: the context
 *
 * Context: Any context but NMI. Expects interrupts to be off since it was borrowed.
 */
void droptrace_pool_give_back(struct droptrace_context *ctx)
{
	xchg(&ctx->slot->ctx, ctx);
}

/**
 * droptrace_pool_take() - the open context of the level that we are at
 * @trace: the trace
 * @level: the level
 *
 * Context: Any context but NMI. Expects interrupts to be off.
 * Return: the context, to be put back; NULL if there is none.
 */
struct droptrace_context *droptrace_pool_take(struct droptrace_trace *trace,
					      enum droptrace_level level)
{
	struct droptrace_context *ctx;

	if (level == DROPTRACE_LEVEL_TASK)
		return pool_take_task(trace);
	ctx = this_cpu_read(trace->cpus->open[level - 1]);
	if (ctx) {
		this_cpu_write(trace->cpus->open[level - 1], NULL);
		this_cpu_dec(trace->cpus->nr_open);
	}
	return ctx;
}

/*
 * The outermost frame has ended. Who looks for the context finds it with its task until it
 * is elsewhere.
 */
static void pool_end(struct droptrace_trace *trace, struct droptrace_context *ctx)
{
	struct droptrace_pool_task *slot = ctx->slot;

	ctx->slot = NULL;
	if (ctx->dropped || !ctx->matched || !ctx->skb)
		droptrace_pool_finish(ctx);
	else
		droptrace_pending_add(trace->pending, ctx);
	if (slot)
		pool_task_free(trace, slot);
}

/**
 * droptrace_pool_put() - put a context back, until the next point
 * @trace: the trace
 * @ctx: its context, or NULL; if it has no frames any more, it has come to its end
 *
 * Context: Any context but NMI, at the level of the context. Expects interrupts to be
 * off.
 */
void droptrace_pool_put(struct droptrace_trace *trace, struct droptrace_context *ctx)
{
	if (!ctx)
		return;
	if (!ctx->nr_frames) {
		pool_end(trace, ctx);
	} else if (ctx->level != DROPTRACE_LEVEL_TASK) {
		this_cpu_write(trace->cpus->open[ctx->level - 1], ctx);
		this_cpu_inc(trace->cpus->nr_open);
	} else if (!pool_put_task(trace, ctx)) {
		this_cpu_inc(trace->cpus->no_context);
		this_cpu_inc(droptrace_loss_no_context);
		ctx->nr_frames = 0;
		ctx->path.truncated = true;
		pool_end(trace, ctx);
	}
}

/* --- the beginning --- */

/* One that nobody may come back to: a packet that passed, or an old task's. */
static struct droptrace_context *pool_steal(struct droptrace_pool *pool,
					    struct droptrace_trace *trace, u64 now)
{
	struct droptrace_context *ctx = droptrace_pending_steal(trace->pending);
	struct droptrace_pool_task *slot;
	unsigned int i;

	if (ctx)
		return ctx;
	for (i = 0; i < POOL_TASKS; i++) {
		slot = &pool->tasks[i];
		ctx = READ_ONCE(slot->ctx);
		if (!ctx || (s64)(now - READ_ONCE(ctx->used)) < (s64)POOL_OLD_NS)
			continue;
		ctx = pool_task_steal(trace, slot);
		if (ctx)
			return ctx;
	}
	return NULL;
}

/**
 * droptrace_pool_open() - a new context
 * @trace: the trace
 * @now: by the ring's clock
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: the context, empty; NULL if there is none left, which is counted.
 */
struct droptrace_context *droptrace_pool_open(struct droptrace_trace *trace, u64 now)
{
	struct droptrace_context *ctx = pool_get(trace->pool);

	if (!ctx) {
		ctx = pool_steal(trace->pool, trace, now);
		if (ctx) {
			droptrace_pool_finish(ctx);
			ctx = pool_get(trace->pool);
		}
	}
	if (!ctx) {
		this_cpu_inc(trace->cpus->no_context);
		this_cpu_inc(droptrace_loss_no_context);
		return NULL;
	}
	ctx->id = atomic64_inc_return(&pool_last_id);
	ctx->opened = now;
	ctx->cpu = raw_smp_processor_id();
	ctx->slot = NULL;
	ctx->skb = NULL;
	ctx->identity = 0;
	ctx->matched = false;
	ctx->dropped = false;
	ctx->deep = false;
	ctx->missed = false;
	ctx->missed_before = trace->nr_points <= POOL_MISSED_POINTS ?
			     droptrace_pool_missed(trace) : atomic64_read(&trace->missed);
	ctx->nr_frames = 0;
	ctx->nr_known = 0;
	ctx->nr_roots = 0;
	ctx->path.used = 0;
	ctx->path.value = NULL;
	ctx->path.truncated = false;
	ctx->event_len = 0;
	this_cpu_inc(trace->cpus->opened);
	return ctx;
}

/* --- the sweep --- */

/*
 * In process context on its CPU, with interrupts off: no softirq and no interrupt
 * is being served there, so what is open has ended unseen.
 */
static long pool_sweep_cpu(void *arg)
{
	struct droptrace_trace *trace = arg;
	enum droptrace_level level;
	struct droptrace_context *ctx;
	unsigned long flags;

	local_irq_save(flags);
	for (level = DROPTRACE_LEVEL_SOFTIRQ; level <= DROPTRACE_LEVEL_HARDIRQ; level++) {
		ctx = droptrace_pool_take(trace, level);
		if (!ctx)
			continue;
		droptrace_context_abandon(ctx);
		droptrace_pool_put(trace, ctx);
	}
	local_irq_restore(flags);
	return 0;
}

/* Tasks that have dropped a packet and then met no more points. */
static void pool_sweep_tasks(struct droptrace_trace *trace, u64 now)
{
	struct droptrace_context *ctx;
	struct droptrace_pool_task *slot;
	unsigned int i;

	for (i = 0; i < POOL_TASKS; i++) {
		slot = &trace->pool->tasks[i];
		ctx = READ_ONCE(slot->ctx);
		if (!ctx || !READ_ONCE(ctx->dropped) ||
		    (s64)(now - READ_ONCE(ctx->used)) < (s64)POOL_OLD_NS)
			continue;
		preempt_disable();
		ctx = pool_task_steal(trace, slot);
		if (ctx)
			droptrace_pool_finish(ctx);
		preempt_enable();
	}
}

static bool pool_cpu_stuck(const struct droptrace_trace *trace, int cpu, u64 now)
{
	const struct droptrace_trace_cpu *share = per_cpu_ptr(trace->cpus, cpu);
	const struct droptrace_context *ctx;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(share->open); i++) {
		ctx = READ_ONCE(share->open[i]);
		if (ctx && (s64)(now - READ_ONCE(ctx->used)) > (s64)POOL_STUCK_NS)
			return true;
	}
	return false;
}

/**
 * droptrace_pool_sweep() - end contexts that nothing else would end
 * @trace: the trace
 *
 * Packets that are no longer under way; softirqs and interrupts of which no point
 * has told that they are over.
 *
 * Context: Process context. Sleeps.
 */
void droptrace_pool_sweep(struct droptrace_trace *trace)
{
	u64 now = droptrace_ring_now();
	int cpu;

	droptrace_pending_sweep(trace->pending, now, trace->passing);
	if (atomic_read(&trace->nr_tasks))
		pool_sweep_tasks(trace, now);
	cpus_read_lock();
	for_each_online_cpu(cpu)
		if (pool_cpu_stuck(trace, cpu, now))
			work_on_cpu(cpu, pool_sweep_cpu, trace);
	cpus_read_unlock();
}

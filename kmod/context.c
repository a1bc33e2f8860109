// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts.  One is opened when a packet that the trace follows enters a root
 * function; frames are pushed and popped in it as functions are entered and left,
 * and what points see is written into it, until the outermost frame ends.  Then it
 * is kept if a packet was dropped in it, or else waits by the packet's address: the
 * same packet may enter another root, or be dropped elsewhere.
 *
 * A context belongs to one execution level: of a CPU, or of a task wherever that
 * runs.  Functions at one level nest, so that stack pointers tell which frames have
 * ended, seen or not.
 *
 * Nothing here takes a lock.  Who may touch a context is who has taken it:
 *   - out of the pool, by clearing its bit in pool->free;
 *   - out of a task's slot or a pending one, by exchanging its pointer for NULL;
 *   - as the one of a CPU's softirqs or hard interrupts, by running there, behind
 *     the busy mark of that level.
 *
 * Called from points and from the probe with preemption off, from the sweep in
 * process context; NMI-safe.
 */
#include <linux/bitmap.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>

#include "arch.h"
#include "context.h"
#include "drop.h"
#include "event.h"
#include "filter.h"
#include "level.h"
#include "loss.h"
#include "record.h"
#include "ring.h"
#include "ruleset.h"
#include "trace.h"

#define CONTEXT_TASKS		64	/* slots, a power of two */
#define CONTEXT_PENDING_SETS	16	/* a power of two */
#define CONTEXT_PENDING_WAYS	4
#define CONTEXT_PROBES		8	/* slots that are looked at for a task */
#define CONTEXT_LIST_MAX	256	/* packets of a list that are looked at */

/* A softirq or hard interrupt is over after that; a task may sleep in a function. */
#define CONTEXT_OLD_NS		NSEC_PER_SEC

/* How long a packet may be on its way; fragments wait for 30 s. */
#define CONTEXT_PENDING_NS	(60ULL * NSEC_PER_SEC)
/* The same where those that pass are wanted, too. */
#define CONTEXT_PASSED_NS	(NSEC_PER_SEC / 4)

/* Misses are looked for when a context opens, unless that takes too long. */
#define CONTEXT_MISSED_POINTS	512

/**
 * struct context_task - a task that has a context
 * @task: the task, NULL if the slot is free; compared only
 * @ctx: its context, NULL while somebody has taken it
 */
struct context_task {
	const struct task_struct *task;
	struct droptrace_context *ctx;
};

/**
 * struct context_pending - a packet that is between two functions
 * @skb: address of the packet; a hint: the context knows
 * @ctx: its context, NULL if there is none
 */
struct context_pending {
	const struct sk_buff *skb;
	struct droptrace_context *ctx;
};

/**
 * struct droptrace_pool - the contexts of a trace
 * @nr: their number
 * @contexts: the contexts
 * @free: a bit for each that is nobody's
 * @tasks: contexts of tasks, by the task's address
 * @pending: contexts of packets, by the packet's address
 * @nr_pending: how many, at least
 */
struct droptrace_pool {
	unsigned int nr;
	struct droptrace_context **contexts;
	unsigned long *free;
	struct context_task tasks[CONTEXT_TASKS];
	struct context_pending pending[CONTEXT_PENDING_SETS * CONTEXT_PENDING_WAYS];
	atomic_t nr_pending;
};

static atomic64_t context_last_id = ATOMIC64_INIT(0);

/* --- the pool --- */

static struct droptrace_context *context_pool_take(struct droptrace_pool *pool)
{
	unsigned int bit;

	for_each_set_bit(bit, pool->free, pool->nr)
		if (test_and_clear_bit(bit, pool->free))
			return pool->contexts[bit];
	return NULL;
}

/* All that was written to the context is there before it is somebody else's. */
static void context_pool_give(struct droptrace_context *ctx)
{
	smp_mb__before_atomic();	/* pairs with the test_and_clear_bit() above */
	set_bit(ctx->index, ctx->trace->pool->free);
}

static struct droptrace_context *context_create(struct droptrace_trace *trace)
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
 * droptrace_context_pool_create() - make the contexts of a trace
 * @trace: the trace, of which path_size and snaplen are set
 *
 * Two for each CPU, some for tasks, and some for packets under way.
 *
 * Context: Process context. May sleep.
 * Return: the pool, or NULL without memory.
 */
struct droptrace_pool *droptrace_context_pool_create(struct droptrace_trace *trace)
{
	unsigned int nr = 2 * num_possible_cpus() + CONTEXT_TASKS / 2 +
			  CONTEXT_PENDING_SETS * CONTEXT_PENDING_WAYS / 2;
	struct droptrace_pool *pool = kvzalloc(sizeof(*pool), GFP_KERNEL);

	if (!pool)
		return NULL;
	pool->contexts = kcalloc(nr, sizeof(*pool->contexts), GFP_KERNEL);
	pool->free = bitmap_zalloc(nr, GFP_KERNEL);
	if (!pool->contexts || !pool->free)
		goto err;
	for (; pool->nr < nr; pool->nr++) {
		pool->contexts[pool->nr] = context_create(trace);
		if (!pool->contexts[pool->nr])
			goto err;
		pool->contexts[pool->nr]->index = pool->nr;
	}
	bitmap_fill(pool->free, nr);
	return pool;
err:
	droptrace_context_pool_destroy(pool);
	return NULL;
}

/**
 * droptrace_context_pool_destroy() - free contexts that nobody uses any more
 * @pool: the pool; NULL is none
 *
 * Context: Process context.
 */
void droptrace_context_pool_destroy(struct droptrace_pool *pool)
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
 * droptrace_context_missed() - what the points of a trace have missed until now
 * @trace: the trace
 *
 * Tells the accounts of news.
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: hits that did not reach us.
 */
u64 droptrace_context_missed(struct droptrace_trace *trace)
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
static bool context_passing_wanted(struct droptrace_trace *trace)
{
	if (!trace->passing || !droptrace_path_wanted(trace))
		return false;
	return trace->passing == U32_MAX || atomic_add_unless(&trace->passing_left, -1, 0);
}

/* Keep or discard; the context is the pool's then. */
static void context_finish(struct droptrace_context *ctx)
{
	struct droptrace_trace *trace = ctx->trace;

	if (ctx->dropped || (ctx->matched && context_passing_wanted(trace))) {
		ctx->missed = droptrace_context_missed(trace) != ctx->missed_before;
		this_cpu_inc(trace->cpus->kept);
		if (ctx->path.truncated)
			this_cpu_inc(trace->cpus->truncated);
		droptrace_path_commit(ctx);
	}
	context_pool_give(ctx);
}

static struct context_pending *context_pending_set(struct droptrace_pool *pool,
						   const struct sk_buff *skb)
{
	return &pool->pending[hash_ptr(skb, ilog2(CONTEXT_PENDING_SETS)) * CONTEXT_PENDING_WAYS];
}

static struct droptrace_context *context_pending_take(struct droptrace_pool *pool,
						      struct context_pending *pending)
{
	struct droptrace_context *ctx;

	if (!READ_ONCE(pending->ctx))
		return NULL;
	ctx = xchg(&pending->ctx, NULL);
	if (ctx)
		atomic_dec(&pool->nr_pending);
	return ctx;
}

/* Wait for the packet to go on; the one that has waited longest makes room. */
static void context_pend(struct droptrace_context *ctx)
{
	struct droptrace_pool *pool = ctx->trace->pool;
	struct context_pending *set = context_pending_set(pool, ctx->skb), *place = set;
	struct droptrace_context *old;
	u64 oldest = U64_MAX, used;
	unsigned int i;

	for (i = 0; i < CONTEXT_PENDING_WAYS; i++) {
		/* Contexts stay where they are: what is read of another's is old, not wrong. */
		old = READ_ONCE(set[i].ctx);
		used = old ? READ_ONCE(old->used) : 0;
		if (used < oldest) {
			oldest = used;
			place = &set[i];
		}
	}
	WRITE_ONCE(place->skb, ctx->skb);
	atomic_inc(&pool->nr_pending);
	old = xchg(&place->ctx, ctx);
	if (!old)
		return;
	atomic_dec(&pool->nr_pending);
	context_finish(old);
}

/* The context of a packet that is under way; NULL if there is none. */
static struct droptrace_context *context_resume(struct droptrace_pool *pool,
						const struct sk_buff *skb)
{
	struct context_pending *set;
	struct droptrace_context *ctx;
	unsigned int i;

	if (!skb || !atomic_read(&pool->nr_pending))
		return NULL;
	set = context_pending_set(pool, skb);
	for (i = 0; i < CONTEXT_PENDING_WAYS; i++) {
		if (READ_ONCE(set[i].skb) != skb)
			continue;
		ctx = context_pending_take(pool, &set[i]);
		if (!ctx)
			continue;
		if (ctx->skb == skb) {
			ctx->known[0] = skb;
			ctx->nr_known = 1;
			return ctx;
		}
		context_pend(ctx);	/* another had come in between */
	}
	return NULL;
}

/* The outermost frame has ended. */
static void context_end(struct droptrace_context *ctx)
{
	if (ctx->dropped || !ctx->matched || !ctx->skb)
		context_finish(ctx);
	else
		context_pend(ctx);
}

/* --- whose context --- */

static struct context_task *context_task_slot(struct droptrace_pool *pool, unsigned int i)
{
	unsigned int first = hash_ptr(current, ilog2(CONTEXT_TASKS));

	return &pool->tasks[(first + i) % CONTEXT_TASKS];
}

/* The slot is free then. NULL if somebody else was faster. */
static struct droptrace_context *context_task_steal(struct droptrace_trace *trace,
						    struct context_task *slot)
{
	struct droptrace_context *ctx = xchg(&slot->ctx, NULL);

	if (ctx) {
		atomic_dec(&trace->nr_tasks);
		WRITE_ONCE(slot->task, NULL);
	}
	return ctx;
}

static struct droptrace_context *context_take_task(struct droptrace_trace *trace)
{
	struct droptrace_context *ctx;
	struct context_task *slot;
	unsigned int i;

	if (!atomic_read(&trace->nr_tasks))
		return NULL;
	for (i = 0; i < CONTEXT_PROBES; i++) {
		slot = context_task_slot(trace->pool, i);
		if (READ_ONCE(slot->task) != current)
			continue;
		ctx = context_task_steal(trace, slot);
		if (ctx)
			return ctx;
	}
	return NULL;
}

/*
 * The task's slot, for the next point. A slot is claimed by its task, and filled
 * then: nobody else takes a context of ours for their own.
 */
static bool context_put_task(struct droptrace_trace *trace, struct droptrace_context *ctx)
{
	struct context_task *slot;
	unsigned int i;

	for (i = 0; i < CONTEXT_PROBES; i++) {
		slot = context_task_slot(trace->pool, i);
		if (READ_ONCE(slot->task) || cmpxchg(&slot->task, NULL, current))
			continue;
		atomic_inc(&trace->nr_tasks);
		xchg(&slot->ctx, ctx);
		return true;
	}
	return false;
}

/* The open context of the level that we are at; NULL if there is none. */
static struct droptrace_context *context_take(struct droptrace_trace *trace,
					      enum droptrace_level level)
{
	struct droptrace_context *ctx;

	if (level == DROPTRACE_LEVEL_TASK)
		return context_take_task(trace);
	ctx = this_cpu_read(trace->cpus->open[level - 1]);
	if (ctx) {
		this_cpu_write(trace->cpus->open[level - 1], NULL);
		this_cpu_dec(trace->cpus->nr_open);
	}
	return ctx;
}

/* Put it back, until the next point; or away, if it has come to its end. */
static void context_put(struct droptrace_trace *trace, struct droptrace_context *ctx)
{
	if (!ctx)
		return;
	if (!ctx->nr_frames) {
		context_end(ctx);
	} else if (ctx->level != DROPTRACE_LEVEL_TASK) {
		this_cpu_write(trace->cpus->open[ctx->level - 1], ctx);
		this_cpu_inc(trace->cpus->nr_open);
	} else if (!context_put_task(trace, ctx)) {
		this_cpu_inc(trace->cpus->no_context);
		this_cpu_inc(droptrace_loss_no_context);
		ctx->nr_frames = 0;
		ctx->path.truncated = true;
		context_end(ctx);
	}
}

/* --- the beginning --- */

/* One that nobody may come back to: a packet that passed, or an old task's. */
static struct droptrace_context *context_steal(struct droptrace_pool *pool,
					       struct droptrace_trace *trace, u64 now)
{
	struct context_pending *oldest = NULL;
	struct droptrace_context *ctx;
	struct context_task *slot;
	u64 used, least = U64_MAX;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pool->pending); i++) {
		ctx = READ_ONCE(pool->pending[i].ctx);
		used = ctx ? READ_ONCE(ctx->used) : U64_MAX;
		if (used < least) {
			least = used;
			oldest = &pool->pending[i];
		}
	}
	ctx = oldest ? context_pending_take(pool, oldest) : NULL;
	if (ctx)
		return ctx;
	for (i = 0; i < CONTEXT_TASKS; i++) {
		slot = &pool->tasks[i];
		ctx = READ_ONCE(slot->ctx);
		if (!ctx || (s64)(now - READ_ONCE(ctx->used)) < (s64)CONTEXT_OLD_NS)
			continue;
		ctx = context_task_steal(trace, slot);
		if (ctx)
			return ctx;
	}
	return NULL;
}

static struct droptrace_context *context_open(struct droptrace_trace *trace, u64 now)
{
	struct droptrace_context *ctx = context_pool_take(trace->pool);

	if (!ctx) {
		ctx = context_steal(trace->pool, trace, now);
		if (ctx) {
			context_finish(ctx);
			ctx = context_pool_take(trace->pool);
		}
	}
	if (!ctx) {
		this_cpu_inc(trace->cpus->no_context);
		this_cpu_inc(droptrace_loss_no_context);
		return NULL;
	}
	ctx->id = atomic64_inc_return(&context_last_id);
	ctx->opened = now;
	ctx->cpu = raw_smp_processor_id();
	ctx->skb = NULL;
	ctx->matched = false;
	ctx->dropped = false;
	ctx->deep = false;
	ctx->missed = false;
	ctx->missed_before = trace->nr_points <= CONTEXT_MISSED_POINTS ?
			     droptrace_context_missed(trace) : atomic64_read(&trace->missed);
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

/* --- which packets --- */

/**
 * struct context_look - one point or drop, and what is known of it
 * @trace: the trace
 * @rule: which packets it follows
 * @rs: the ruleset that this is of
 * @drop: room to look at one
 * @looked_at: the packet that is in @drop
 * @level: execution level
 * @now: by the ring's clock, 0 if not looked at yet
 */
struct context_look {
	struct droptrace_trace *trace;
	const struct droptrace_rule_trace *rule;
	const struct droptrace_ruleset *rs;
	struct droptrace_drop *drop;
	const struct sk_buff *looked_at;
	enum droptrace_level level;
	u64 now;
};

static u64 context_now(struct context_look *look)
{
	if (!look->now)
		look->now = droptrace_ring_now();
	return look->now;
}

/* Is it a packet, and one that the trace follows? */
static bool context_matches(struct context_look *look, const struct sk_buff *skb)
{
	const struct droptrace_ruleset *rs = look->rs;
	u64 left;

	look->looked_at = NULL;
	if (!droptrace_packet_plausible(skb))
		return false;
	droptrace_drop_begin(look->drop, skb, look->level);
	look->drop->location = 0;
	look->drop->reason = 0;
	look->looked_at = skb;

	for (left = look->rule->exclude; left; left &= left - 1)
		if (droptrace_filter_match_packet(rs->filters[__ffs64(left)], look->drop))
			return false;
	if (look->rule->everything)
		return true;
	for (left = look->rule->include; left; left &= left - 1)
		if (droptrace_filter_match_packet(rs->filters[__ffs64(left)], look->drop))
			return true;
	return false;
}

static bool context_knows(const struct droptrace_context *ctx, const struct sk_buff *skb)
{
	unsigned int i;

	for (i = 0; i < ctx->nr_known; i++)
		if (ctx->known[i] == skb)
			return true;
	return false;
}

/* From here on this packet is followed, by its address; it has just matched. */
static void context_follow(struct droptrace_context *ctx, struct context_look *look,
			   const struct sk_buff *skb)
{
	ctx->matched = true;
	if (ctx->nr_known < DROPTRACE_KNOWN_MAX)
		ctx->known[ctx->nr_known++] = skb;
	else
		ctx->known[DROPTRACE_KNOWN_MAX - 1] = skb;
	if (ctx->skb)
		return;
	ctx->skb = skb;
	if (look->looked_at == skb)
		ctx->event_len = droptrace_record_packet(ctx->event, look->drop,
							 ctx->trace->snaplen);
}

/* It is freed; what comes at that address is another one. */
static void context_forget(struct droptrace_context *ctx, const struct sk_buff *skb)
{
	unsigned int i;

	for (i = 0; i < ctx->nr_known; i++)
		if (ctx->known[i] == skb)
			ctx->known[i--] = ctx->known[--ctx->nr_known];
}

/*
 * Follow the packets of a list that match, as far as they can be kept in mind.
 * Lists of packets are linked by their first member.
 * Return: the first that matched, NULL if none did or can be read.
 */
static const struct sk_buff *context_match_list(struct droptrace_context *ctx,
						struct context_look *look,
						const struct list_head *head)
{
	const struct list_head *at, *next;
	const struct sk_buff *first = NULL, *skb;
	unsigned int i;

	if (copy_from_kernel_nofault(&at, &head->next, sizeof(at)))
		return NULL;
	for (i = 0; i < CONTEXT_LIST_MAX && at != head; i++, at = next) {
		if (copy_from_kernel_nofault(&next, &at->next, sizeof(next)))
			break;
		skb = container_of(at, struct sk_buff, list);
		if (ctx && context_knows(ctx, skb)) {
			first = first ?: skb;
			continue;
		}
		if (!context_matches(look, skb))
			continue;
		first = first ?: skb;
		if (!ctx)
			break;
		context_follow(ctx, look, skb);
	}
	return first;
}

/* --- frames --- */

static void *context_step(struct droptrace_context *ctx, u16 point, u8 kind, size_t size)
{
	return droptrace_path_step(&ctx->path, point, kind, size);
}

static void context_pop(struct droptrace_context *ctx)
{
	ctx->nr_frames--;
}

/*
 * Frames below @sp have ended. One far from it was on another stack: what began
 * there was a softirq or a task that is over.
 */
static void context_bury(struct droptrace_context *ctx, unsigned long sp)
{
	const struct droptrace_context_frame *frame;

	while (ctx->nr_frames) {
		frame = &ctx->frames[ctx->nr_frames - 1];
		if (frame->sp - sp < THREAD_SIZE)
			return;
		if (!frame->muted)
			context_step(ctx, DROPTRACE_PATH_NO_POINT, DROPTRACE_STEP_LOST_FRAME, 0);
		context_pop(ctx);
	}
}

/* Is the outermost frame still there, or does something else use its place? */
static bool context_alive(const struct droptrace_context *ctx, struct context_look *look)
{
	unsigned long ret;

	if (!ctx->nr_frames)
		return false;
	if (ctx->level != DROPTRACE_LEVEL_TASK && context_now(look) - ctx->used > CONTEXT_OLD_NS)
		return false;
	return !copy_from_kernel_nofault(&ret, (void *)ctx->frames[0].sp, sizeof(ret)) &&
	       ret == ctx->frames[0].ret;
}

static u64 context_packet_of(const struct droptrace_trace_point *point,
			     const struct pt_regs *regs)
{
	struct droptrace_fetch fetch = {
		.regs = regs,
		.entry_sp = regs->sp + point->sp_offset,
		.point = point->index,
	};
	u64 args[DROPTRACE_ARCH_ARGS];

	if (point->frame->packet->reg == DROPTRACE_NO_REG) {
		droptrace_arch_args(args, regs);
		fetch.args = args;
	}
	return droptrace_fetch_packet(point->frame->packet, &fetch);
}

static void context_run(struct droptrace_context *ctx, const struct droptrace_trace_point *point,
			const struct pt_regs *regs, const struct droptrace_context_frame *frame)
{
	const struct droptrace_fetch fetch = {
		.regs = regs,
		.args = frame->args,
		.entry_sp = frame->sp,
		.skb = (unsigned long)frame->skb,
		.path = &ctx->path,
		.point = point->index,
	};

	if (point->prog && !ctx->path.truncated)
		droptrace_fetch_run(point->prog, &fetch);
}

static void context_write_enter(struct droptrace_context *ctx,
				const struct droptrace_trace_point *point,
				const struct droptrace_context_frame *frame, u64 own, u64 now)
{
	struct droptrace_step_enter *enter;
	unsigned int i;

	enter = context_step(ctx, point->index, DROPTRACE_STEP_ENTER, sizeof(*enter));
	if (!enter)
		return;
	droptrace_path_put(enter->skb, own);
	droptrace_path_put(enter->sp, frame->sp);
	/* CPUs may differ a little */
	enter->delta_ns = now > ctx->opened ? min_t(u64, now - ctx->opened, U32_MAX) : 0;
	enter->flags = 0;
	for (i = 0; i < DROPTRACE_ARCH_ARGS; i++)
		droptrace_path_put(enter->args[i], frame->args[i]);
}

/*
 * What a frame is about: its own packet, the packets of its list, or what its
 * caller is about.
 * Return: true if it is not to be seen.
 */
static bool context_mutes(struct droptrace_context *ctx, struct context_look *look,
			  const struct droptrace_trace_frame *frame, u64 own)
{
	const struct sk_buff *skb = (const struct sk_buff *)(unsigned long)own;
	bool any = frame->flags & DROPTRACE_FRAME_ANY;

	if (!own)
		return false;
	if (frame->flags & DROPTRACE_FRAME_LIST)
		return !context_match_list(ctx, look, (const struct list_head *)skb) && !any;
	if (context_knows(ctx, skb))
		return false;
	if (!context_matches(look, skb))
		return !any || ctx->nr_frames;
	context_follow(ctx, look, skb);
	return false;
}

static void context_push(struct droptrace_context *ctx, struct context_look *look,
			 const struct droptrace_trace_point *point, const struct pt_regs *regs,
			 u64 own)
{
	const struct droptrace_context_frame *caller = NULL;
	struct droptrace_context_frame *frame;

	if (ctx->nr_frames == DROPTRACE_DEPTH_MAX) {
		ctx->deep = true;
		return;
	}
	if (ctx->nr_frames)
		caller = &ctx->frames[ctx->nr_frames - 1];
	frame = &ctx->frames[ctx->nr_frames];
	frame->frame = point->frame;
	frame->sp = regs->sp + point->sp_offset;
	frame->muted = (caller && caller->muted) || context_mutes(ctx, look, point->frame, own);
	frame->skb = caller ? caller->skb : NULL;
	if (own && !(point->frame->flags & DROPTRACE_FRAME_LIST))
		frame->skb = (const struct sk_buff *)(unsigned long)own;
	if (!ctx->nr_frames &&
	    copy_from_kernel_nofault(&frame->ret, (void *)frame->sp, sizeof(frame->ret)))
		frame->ret = 0;
	ctx->nr_frames++;
	ctx->used = context_now(look);
	if (frame->muted)
		return;
	droptrace_arch_args(frame->args, regs);
	context_write_enter(ctx, point, frame, own, ctx->used);
	context_run(ctx, point, regs, frame);
}

/* --- points --- */

static bool context_entered(struct droptrace_context *ctx,
			    const struct droptrace_trace_frame *frame)
{
	unsigned int i;

	for (i = 0; i < ctx->nr_roots; i++)
		if (ctx->roots[i] == frame)
			return true;
	return false;
}

/*
 * A packet enters a root. It may be under way already: then its journey goes on,
 * unless it has been here before. Then this is another packet in the same buffer.
 * Return: the context, NULL if this is not to be followed.
 */
static struct droptrace_context *context_begin(struct context_look *look,
					       const struct droptrace_trace_frame *frame, u64 own)
{
	const struct sk_buff *skb = (const struct sk_buff *)(unsigned long)own;
	struct droptrace_context *ctx = NULL;
	bool matches;

	if (frame->flags & DROPTRACE_FRAME_LIST) {
		matches = own && context_match_list(NULL, look, (const struct list_head *)skb);
	} else {
		ctx = context_resume(look->trace->pool, skb);
		if (ctx && (context_entered(ctx, frame) || ctx->nr_roots == DROPTRACE_ROOTS_MAX)) {
			context_finish(ctx);
			ctx = NULL;
		}
		matches = ctx || (own && context_matches(look, skb));
	}
	if (!matches && !(frame->flags & DROPTRACE_FRAME_ANY))
		return NULL;
	if (!ctx)
		ctx = context_open(look->trace, context_now(look));
	if (!ctx)
		return NULL;
	ctx->level = look->level;
	ctx->task = current;
	ctx->roots[ctx->nr_roots++] = frame;
	if (!own && look->rule->everything)
		ctx->matched = true;
	if (matches && !(frame->flags & DROPTRACE_FRAME_LIST) && !context_knows(ctx, skb))
		context_follow(ctx, look, skb);
	return ctx;
}

static struct droptrace_context *context_enter(struct droptrace_context *ctx,
					       struct context_look *look,
					       const struct droptrace_trace_point *point,
					       const struct pt_regs *regs)
{
	const struct droptrace_trace_frame *frame = point->frame;
	u64 own = 0;

	/* What lies where this function's return address lies has ended, too. */
	if (ctx) {
		context_bury(ctx, regs->sp + point->sp_offset + sizeof(long));
		if (!context_alive(ctx, look)) {
			ctx->nr_frames = 0;
			context_put(look->trace, ctx);
			ctx = NULL;
		}
	}
	if (!ctx && !point->opens)
		return NULL;
	if (frame->packet)
		own = context_packet_of(point, regs);
	if (!ctx)
		ctx = context_begin(look, frame, own);
	if (ctx)
		context_push(ctx, look, point, regs, own);
	return ctx;
}

/* The innermost frame of a function. */
static struct droptrace_context_frame *
context_frame_of(struct droptrace_context *ctx, const struct droptrace_trace_frame *frame)
{
	unsigned int i;

	for (i = ctx->nr_frames; i; i--)
		if (ctx->frames[i - 1].frame == frame)
			return &ctx->frames[i - 1];
	return NULL;
}

static void context_pass(struct droptrace_context *ctx, const struct droptrace_trace_point *point,
			 const struct pt_regs *regs)
{
	bool exit = point->kind == DROPTRACE_POINT_EXIT;
	struct droptrace_context_frame *frame;
	__u32 *reg;

	context_bury(ctx, regs->sp);
	frame = context_frame_of(ctx, point->frame);
	if (!frame)
		return;
	if (!frame->muted) {
		reg = context_step(ctx, point->index,
				   exit ? DROPTRACE_STEP_EXIT : DROPTRACE_STEP_BLOCK,
				   point->reg != DROPTRACE_NO_REG ? sizeof(u64) : 0);
		if (reg && point->reg != DROPTRACE_NO_REG)
			droptrace_path_put(reg, droptrace_fetch_reg(regs, point->reg));
		context_run(ctx, point, regs, frame);
	}
	if (exit)
		ctx->nr_frames = frame - ctx->frames;
}

static void context_hit(const struct droptrace_trace_point *point, const struct pt_regs *regs,
			struct context_look *look)
{
	struct droptrace_context *ctx = context_take(look->trace, look->level);

	if (point->kind == DROPTRACE_POINT_ENTRY)
		ctx = context_enter(ctx, look, point, regs);
	else if (ctx)
		context_pass(ctx, point, regs);
	context_put(look->trace, ctx);
}

/**
 * droptrace_context_hit() - a point was met, and may matter
 * @point: the point
 * @regs: registers there
 *
 * Interrupts are off, or the kernel would count what they meet as missed.
 *
 * Context: A kprobe's handler.
 */
void droptrace_context_hit(const struct droptrace_trace_point *point, const struct pt_regs *regs)
{
	struct context_look look = {
		.trace = point->trace,
		.level = droptrace_level_of(droptrace_arch_count(regs)),
	};
	struct droptrace_level_room *room;
	unsigned long flags;

	local_irq_save(flags);
	room = this_cpu_ptr(droptrace_level_rooms);
	look.rs = rcu_dereference_sched(droptrace_ruleset);
	if (unlikely(look.level == DROPTRACE_LEVEL_NMI)) {
		this_cpu_inc(look.trace->cpus->unserved);
		this_cpu_inc(droptrace_loss_point_missed);
	} else if (!room->busy[look.level] && look.rs &&
		   look.rs->traces[look.trace->slot].trace == look.trace) {
		room->busy[look.level] = 1;
		barrier();	/* the probe may be called by what is called below */
		look.rule = &look.rs->traces[look.trace->slot];
		look.drop = &room->drop[look.level];
		OPTIMIZER_HIDE_VAR(look.drop);
		context_hit(point, regs, &look);
		barrier();
		room->busy[look.level] = 0;
	}
	local_irq_restore(flags);
}

/* --- drops --- */

/* Is this drop meant, by all conditions of a filter? */
static bool context_drop_matches(const struct droptrace_ruleset *rs,
				 const struct droptrace_rule_trace *rule,
				 struct droptrace_drop *drop)
{
	u64 left;

	for (left = rule->exclude; left; left &= left - 1)
		if (droptrace_filter_match_packet(rs->filters[__ffs64(left)], drop))
			return false;
	if (rule->everything)
		return true;
	for (left = rule->include; left; left &= left - 1)
		if (droptrace_filter_meets(rs->filters[__ffs64(left)], drop))
			return true;
	return false;
}

static void context_write_drop(struct droptrace_context *ctx, struct droptrace_drop *drop)
{
	struct droptrace_step_drop *step;

	ctx->dropped = true;
	ctx->matched = true;
	context_forget(ctx, drop->skb);
	if (!ctx->event_len)
		ctx->event_len = droptrace_record_packet(ctx->event, drop, ctx->trace->snaplen);
	step = context_step(ctx, DROPTRACE_PATH_NO_POINT, DROPTRACE_STEP_DROP, sizeof(*step));
	if (step) {
		droptrace_path_put(step->skb, (unsigned long)drop->skb);
		droptrace_path_put(step->location, drop->location);
		step->reason = drop->reason;
		step->reserved = 0;
	}
	if (drop->nr_contexts == DROPTRACE_DROP_CONTEXTS)
		return;
	drop->contexts[drop->nr_contexts].slot = ctx->trace->slot;
	drop->contexts[drop->nr_contexts++].id = ctx->id;
}

static void context_drop(const struct droptrace_ruleset *rs,
			 const struct droptrace_rule_trace *rule, struct droptrace_drop *drop)
{
	struct droptrace_trace *trace = rule->trace;
	struct droptrace_context *ctx = context_take(trace, drop->level);

	if (ctx) {
		if (context_knows(ctx, drop->skb) || context_drop_matches(rs, rule, drop))
			context_write_drop(ctx, drop);
		context_put(trace, ctx);
	}
	ctx = context_resume(trace->pool, drop->skb);
	if (ctx) {
		context_write_drop(ctx, drop);
		context_finish(ctx);
	}
}

/**
 * droptrace_context_drop() - a packet is dropped
 * @rs: the ruleset in force
 * @drop: the drop; gets the contexts that it happened in
 *
 * Interrupts are off for the time that the context of the level is taken out.
 *
 * Context: Any context. Expects preemption to be off.
 */
void droptrace_context_drop(const struct droptrace_ruleset *rs, struct droptrace_drop *drop)
{
	unsigned long flags;
	u64 left;

	if (drop->level == DROPTRACE_LEVEL_NMI)
		return;
	local_irq_save(flags);
	for (left = rs->live; left; left &= left - 1)
		context_drop(rs, &rs->traces[__ffs64(left)], drop);
	local_irq_restore(flags);
}

/* --- the sweep --- */

static void context_sweep_pending(struct droptrace_trace *trace, u64 now)
{
	u64 old = trace->passing ? CONTEXT_PASSED_NS : CONTEXT_PENDING_NS;
	struct droptrace_pool *pool = trace->pool;
	struct droptrace_context *ctx;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pool->pending); i++) {
		ctx = READ_ONCE(pool->pending[i].ctx);
		if (!ctx || (s64)(now - READ_ONCE(ctx->used)) < (s64)old)
			continue;
		preempt_disable();
		ctx = context_pending_take(pool, &pool->pending[i]);
		if (ctx)
			context_finish(ctx);
		preempt_enable();
	}
}

/*
 * In process context on its CPU, with interrupts off: no softirq and no interrupt
 * is being served there, so what is open has ended unseen.
 */
static long context_sweep_cpu(void *arg)
{
	struct droptrace_trace *trace = arg;
	enum droptrace_level level;
	struct droptrace_context *ctx;
	unsigned long flags;

	local_irq_save(flags);
	for (level = DROPTRACE_LEVEL_SOFTIRQ; level <= DROPTRACE_LEVEL_HARDIRQ; level++) {
		ctx = context_take(trace, level);
		if (!ctx)
			continue;
		context_bury(ctx, 0);
		context_put(trace, ctx);
	}
	local_irq_restore(flags);
	return 0;
}

/* Tasks that have dropped a packet and then met no more points. */
static void context_sweep_tasks(struct droptrace_trace *trace, u64 now)
{
	struct droptrace_context *ctx;
	struct context_task *slot;
	unsigned int i;

	for (i = 0; i < CONTEXT_TASKS; i++) {
		slot = &trace->pool->tasks[i];
		ctx = READ_ONCE(slot->ctx);
		if (!ctx || !READ_ONCE(ctx->dropped) ||
		    (s64)(now - READ_ONCE(ctx->used)) < (s64)CONTEXT_OLD_NS)
			continue;
		preempt_disable();
		ctx = context_task_steal(trace, slot);
		if (ctx)
			context_finish(ctx);
		preempt_enable();
	}
}

static bool context_cpu_stuck(const struct droptrace_trace *trace, int cpu, u64 now)
{
	const struct droptrace_trace_cpu *share = per_cpu_ptr(trace->cpus, cpu);
	const struct droptrace_context *ctx;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(share->open); i++) {
		ctx = READ_ONCE(share->open[i]);
		if (ctx && (s64)(now - READ_ONCE(ctx->used)) > (s64)CONTEXT_PASSED_NS)
			return true;
	}
	return false;
}

/**
 * droptrace_context_sweep() - end contexts that nothing else would end
 * @trace: the trace
 *
 * Packets that are no longer under way; softirqs and interrupts of which no point
 * has told that they are over.
 *
 * Context: Process context. Sleeps.
 */
void droptrace_context_sweep(struct droptrace_trace *trace)
{
	u64 now = droptrace_ring_now();
	int cpu;

	if (atomic_read(&trace->pool->nr_pending))
		context_sweep_pending(trace, now);
	if (atomic_read(&trace->nr_tasks))
		context_sweep_tasks(trace, now);
	cpus_read_lock();
	for_each_online_cpu(cpu)
		if (context_cpu_stuck(trace, cpu, now))
			work_on_cpu(cpu, context_sweep_cpu, trace);
	cpus_read_unlock();
}

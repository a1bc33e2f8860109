// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts.  One is opened when a packet that the trace follows enters a root
 * function; frames are pushed and popped in it as functions are entered and left,
 * and what points see is written into it, until the outermost frame ends.
 *
 * A context belongs to one execution level: of a CPU, or of a task wherever that
 * runs.  Functions at one level nest, so that stack pointers tell which frames have
 * ended, seen or not.
 *
 * Called from points and from the probe with preemption off; NMI-safe. The context
 * that is worked on is the caller's alone, see pool.c.
 */
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>

#include "arch.h"
#include "context.h"
#include "fetch.h"
#include "follow.h"
#include "level.h"
#include "loss.h"
#include "pending.h"
#include "pool.h"
#include "ruleset.h"
#include "trace.h"

/* A softirq or hard interrupt is over after that. */
#define CONTEXT_OLD_NS		NSEC_PER_SEC

/* --- frames --- */

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
			droptrace_path_step(&ctx->path, DROPTRACE_PATH_NO_POINT,
					    DROPTRACE_STEP_LOST_FRAME, 0);
		context_pop(ctx);
	}
}

/**
 * droptrace_context_abandon() - none of the frames is there any more
 * @ctx: the context
 *
 * Context: Any context, NMI-safe.
 */
void droptrace_context_abandon(struct droptrace_context *ctx)
{
	context_bury(ctx, 0);
}

/* Is the outermost frame still there, or does something else use its place? */
static bool context_alive(const struct droptrace_context *ctx, struct droptrace_look *look)
{
	unsigned long ret;

	if (!ctx->nr_frames)
		return false;
	if (ctx->level != DROPTRACE_LEVEL_TASK &&
	    droptrace_follow_now(look) - ctx->used > CONTEXT_OLD_NS)
		return false;
	return !copy_from_kernel_nofault(&ret, (void *)ctx->frames[0].sp, sizeof(ret)) &&
	       ret == ctx->frames[0].ret;
}

static u64 context_packet_of(const struct droptrace_trace_point *point,
			     const struct pt_regs *regs)
{
	const struct droptrace_prog *prog = point->frame->packet;
	u64 args[DROPTRACE_ARCH_ARGS];
	struct droptrace_fetch fetch;

	if (likely(prog->reg != DROPTRACE_NO_REG))
		return droptrace_fetch_reg(regs, prog->reg);
	droptrace_arch_args(args, regs);
	fetch = (struct droptrace_fetch){
		.regs = regs,
		.args = args,
		.entry_sp = regs->sp + point->sp_offset,
		.point = point->index,
	};
	return droptrace_fetch_run(prog, &fetch);
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

	enter = droptrace_path_step(&ctx->path, point->index, DROPTRACE_STEP_ENTER, sizeof(*enter));
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
static bool context_mutes(struct droptrace_context *ctx, struct droptrace_look *look,
			  const struct droptrace_trace_frame *frame, u64 own)
{
	const struct sk_buff *skb = (const struct sk_buff *)(unsigned long)own;
	bool any = frame->flags & DROPTRACE_FRAME_ANY;

	if (!own)
		return false;
	if (frame->flags & DROPTRACE_FRAME_LIST)
		return !droptrace_follow_list(ctx, look, (const struct list_head *)skb) && !any;
	if (droptrace_follow_knows(ctx, skb))
		return false;
	if (!droptrace_follow_matches(look, skb))
		return !any || ctx->nr_frames;
	droptrace_follow_add(ctx, look, skb);
	return false;
}

static void context_push(struct droptrace_context *ctx, struct droptrace_look *look,
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
	ctx->used = droptrace_follow_now(look);
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
 * unless it has been here before, or is not the same: then this is another packet in
 * the same buffer.
 * Return: the context, NULL if this is not to be followed.
 */
static struct droptrace_context *context_begin(struct droptrace_look *look,
					       const struct droptrace_trace_frame *frame, u64 own)
{
	const struct sk_buff *skb = (const struct sk_buff *)(unsigned long)own;
	struct droptrace_context *ctx = NULL;
	bool matches;

	if (frame->flags & DROPTRACE_FRAME_LIST) {
		matches = own && droptrace_follow_list(NULL, look, (const struct list_head *)skb);
	} else {
		ctx = droptrace_pending_resume(look->trace->pending, skb);
		if (ctx && (context_entered(ctx, frame) || ctx->nr_roots == DROPTRACE_ROOTS_MAX ||
			    !droptrace_follow_look_at(look, skb) ||
			    !droptrace_follow_is_same(ctx, &look->drop->pkt))) {
			droptrace_pool_finish(ctx);
			ctx = NULL;
		}
		matches = ctx || (own && droptrace_follow_matches(look, skb));
	}
	if (!matches && !(frame->flags & DROPTRACE_FRAME_ANY))
		return NULL;
	if (!ctx)
		ctx = droptrace_pool_open(look->trace, droptrace_follow_now(look));
	if (!ctx)
		return NULL;
	ctx->level = look->level;
	ctx->task = current;
	ctx->roots[ctx->nr_roots++] = frame;
	if (!own && look->rule->everything)
		ctx->matched = true;
	if (matches && !(frame->flags & DROPTRACE_FRAME_LIST) && !droptrace_follow_knows(ctx, skb))
		droptrace_follow_add(ctx, look, skb);
	return ctx;
}

/*
 * Nobody tells when the outermost function ends if no point is at its exits. What lies
 * on the stack may then look as if it went on: entered again, it has ended.
 */
static bool context_again(const struct droptrace_context *ctx,
			  const struct droptrace_trace_frame *frame)
{
	return ctx->frames[0].frame == frame && !frame->exits;
}

static struct droptrace_context *context_enter(struct droptrace_context *ctx,
					       struct droptrace_look *look,
					       const struct droptrace_trace_point *point,
					       const struct pt_regs *regs)
{
	const struct droptrace_trace_frame *frame = point->frame;
	u64 own = 0;

	/* What lies where this function's return address lies has ended, too. */
	if (ctx) {
		context_bury(ctx, regs->sp + point->sp_offset + sizeof(long));
		if (!context_alive(ctx, look) || context_again(ctx, frame)) {
			ctx->nr_frames = 0;
			droptrace_pool_put(look->trace, ctx);
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
		reg = droptrace_path_step(&ctx->path, point->index,
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
			struct droptrace_look *look)
{
	struct droptrace_context *ctx = NULL;

	if (droptrace_trace_any_open(look->trace))
		ctx = droptrace_pool_take(look->trace, look->level);
	if (point->kind == DROPTRACE_POINT_ENTRY)
		ctx = context_enter(ctx, look, point, regs);
	else if (ctx)
		context_pass(ctx, point, regs);
	if (ctx)
		droptrace_pool_put(look->trace, ctx);
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
	struct droptrace_look look = {
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

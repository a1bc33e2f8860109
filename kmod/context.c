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
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>

#include "arch.h"
#include "compat.h"
#include "context.h"
#include "drop.h"
#include "fetch.h"
#include "filter.h"
#include "level.h"
#include "loss.h"
#include "pool.h"
#include "record.h"
#include "ring.h"
#include "ruleset.h"
#include "trace.h"

#define CONTEXT_LIST_MAX	256	/* packets of a list that are looked at */

/* A softirq or hard interrupt is over after that. */
#define CONTEXT_OLD_NS		NSEC_PER_SEC

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

/* Is it a packet? */
static bool context_look_at(struct context_look *look, const struct sk_buff *skb)
{
	if (look->looked_at == skb)
		return true;
	look->looked_at = NULL;
	if (!droptrace_packet_plausible(skb))
		return false;
	droptrace_drop_begin(look->drop, skb, look->level);
	look->drop->location = 0;
	look->drop->reason = 0;
	look->looked_at = skb;
	return true;
}

/*
 * What tells a packet from the next one in the same buffer: identification, protocol
 * and ports. Not the addresses alone, which all packets of a flow share.
 * Return: 0 if there is nothing to tell it by.
 */
static u64 context_identity(const struct droptrace_packet *pkt)
{
	const struct sk_buff *view = &pkt->view;
	const u8 *data = view->data;
	unsigned int l4;

	if (!pkt->found)
		return 0;
	if (view->protocol == htons(ETH_P_IP)) {
		l4 = (data[0] & 0xf) * 4;
		if (view->len - view->data_len < l4 + 4 || l4 < 20)
			return 0;
		return (u64)get_unaligned((u32 *)(data + l4)) << 32 |
		       (u32)get_unaligned((u16 *)(data + 4)) << 16 | data[9] << 8 | 4;
	}
	if (view->protocol == htons(ETH_P_IPV6) && view->len - view->data_len >= 44)
		return (u64)get_unaligned((u32 *)(data + 40)) << 32 |
		       (get_unaligned((u32 *)data) & (__force u32)htonl(0xfffff)) << 8 | 6;
	return 0;
}

/* Is it the packet that the context has waited for, and no other at its address? */
static bool context_is_of(const struct droptrace_context *ctx, const struct droptrace_packet *pkt)
{
	u64 identity = context_identity(pkt);

	return !identity || !ctx->identity || identity == ctx->identity;
}

/* Is it a packet, and one that the trace follows? */
static bool context_matches(struct context_look *look, const struct sk_buff *skb)
{
	const struct droptrace_ruleset *rs = look->rs;
	u64 left;

	if (!context_look_at(look, skb))
		return false;
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
	if (look->looked_at != skb)
		return;
	ctx->identity = context_identity(&look->drop->pkt);
	ctx->event_len = droptrace_record_packet(ctx->event, look->drop, ctx->trace->snaplen);
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
 * unless it has been here before, or is not the same: then this is another packet in
 * the same buffer.
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
		ctx = droptrace_pool_resume(look->trace->pool, skb);
		if (ctx && (context_entered(ctx, frame) || ctx->nr_roots == DROPTRACE_ROOTS_MAX ||
			    !context_look_at(look, skb) ||
			    !context_is_of(ctx, &look->drop->pkt))) {
			droptrace_pool_finish(ctx);
			ctx = NULL;
		}
		matches = ctx || (own && context_matches(look, skb));
	}
	if (!matches && !(frame->flags & DROPTRACE_FRAME_ANY))
		return NULL;
	if (!ctx)
		ctx = droptrace_pool_open(look->trace, context_now(look));
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
					       struct context_look *look,
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
	struct droptrace_context *ctx = droptrace_pool_take(look->trace, look->level);

	if (point->kind == DROPTRACE_POINT_ENTRY)
		ctx = context_enter(ctx, look, point, regs);
	else if (ctx)
		context_pass(ctx, point, regs);
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

/* In the open context of our level, if the packet is one of its own. */
static bool context_drop_here(const struct droptrace_ruleset *rs,
			      const struct droptrace_rule_trace *rule,
			      struct droptrace_drop *drop)
{
	struct droptrace_context *ctx = droptrace_pool_take(rule->trace, drop->level);
	bool ours = false;

	if (!ctx)
		return false;
	ours = context_knows(ctx, drop->skb) || context_drop_matches(rs, rule, drop);
	if (ours)
		context_write_drop(ctx, drop);
	droptrace_pool_put(rule->trace, ctx);
	return ours;
}

/* In the context of a packet that is between two functions. */
static bool context_drop_pending(struct droptrace_trace *trace, struct droptrace_drop *drop)
{
	struct droptrace_context *ctx = droptrace_pool_resume(trace->pool, drop->skb);

	bool ours;

	if (!ctx)
		return false;
	ours = context_is_of(ctx, &drop->pkt);
	if (ours)
		context_write_drop(ctx, drop);
	droptrace_pool_finish(ctx);
	return ours;
}

/*
 * In a context that we interrupted: a task that sends to the loopback device is still
 * in the functions that do so when the softirq on top of it drops what it was sent.
 */
static void context_drop_below(struct droptrace_trace *trace, struct droptrace_drop *drop)
{
	enum droptrace_level level = drop->level;
	struct droptrace_context *ctx;
	bool ours = false;

	while (!ours && level-- > DROPTRACE_LEVEL_TASK) {
		ctx = droptrace_pool_take(trace, level);
		if (!ctx)
			continue;
		ours = context_knows(ctx, drop->skb);
		if (ours)
			context_write_drop(ctx, drop);
		droptrace_pool_put(trace, ctx);
	}
}

static void context_drop(const struct droptrace_ruleset *rs,
			 const struct droptrace_rule_trace *rule, struct droptrace_drop *drop)
{
	if (!context_drop_here(rs, rule, drop) && !context_drop_pending(rule->trace, drop))
		context_drop_below(rule->trace, drop);
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

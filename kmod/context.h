/* SPDX-License-Identifier: GPL-2.0-only */
/* Contexts: one packet's way through the functions of a trace. */
#ifndef DROPTRACE_CONTEXT_H
#define DROPTRACE_CONTEXT_H

#include <linux/types.h>

#include "arch.h"
#include "droptrace.h"
#include "path.h"

struct droptrace_drop;
struct droptrace_event;
struct droptrace_pool_task;
struct droptrace_ruleset;
struct droptrace_trace;
struct droptrace_trace_frame;
struct droptrace_trace_point;
struct pt_regs;
struct sk_buff;
struct task_struct;

#define DROPTRACE_DEPTH_MAX	32	/* frames in one another */
#define DROPTRACE_KNOWN_MAX	16	/* packets of a list that are followed */
#define DROPTRACE_ROOTS_MAX	16	/* outermost functions of a journey */

/**
 * struct droptrace_context_frame - a function that is being executed
 * @frame: the function
 * @sp: where its return address lies; its own stack is below
 * @ret: the return address
 * @skb: its packet, or that of its caller; NULL if not known
 * @muted: its packet is not followed; nothing is kept of it and what it calls
 * @args: registers of its arguments at the entry
 */
struct droptrace_context_frame {
	const struct droptrace_trace_frame *frame;
	unsigned long sp;
	unsigned long ret;
	const struct sk_buff *skb;
	bool muted;
	u64 args[DROPTRACE_ARCH_ARGS];
};

/**
 * struct droptrace_context - a context
 * @trace: its trace
 * @index: its number in the pool
 * @id: of this journey, never used twice
 * @opened: when, by the ring's clock
 * @used: when a function was last entered, by the same
 * @cpu: where it was opened
 * @level: execution level that it is at now
 * @task: at task level, the task
 * @slot: where it waits for that task's next point, NULL if it has none yet
 * @skb: the packet, NULL if it is not known yet
 * @identity: what tells that packet from others, 0 if unknown
 * @matched: it is one that the trace follows
 * @dropped: a packet was dropped
 * @deep: frames were left out
 * @missed: a point was missed while it was open
 * @missed_before: hits missed until it was opened
 * @nr_frames: frames in @frames
 * @frames: functions under way, the outermost first
 * @nr_known: packets in @known
 * @known: packets that match, compared only
 * @nr_roots: functions in @roots
 * @roots: functions that the journey has entered while no other was under way
 * @path: steps
 * @event: the packet when it was met
 * @event_len: bytes of it, 0 while there is none
 * @data: room of @event and @path
 */
struct droptrace_context {
	struct droptrace_trace *trace;
	unsigned int index;
	u64 id;
	u64 opened;
	u64 used;
	unsigned int cpu;
	enum droptrace_level level;
	const struct task_struct *task;
	struct droptrace_pool_task *slot;
	const struct sk_buff *skb;
	u64 identity;
	bool matched;
	bool dropped;
	bool deep;
	bool missed;
	u64 missed_before;
	unsigned int nr_frames;
	struct droptrace_context_frame frames[DROPTRACE_DEPTH_MAX];
	unsigned int nr_known;
	const struct sk_buff *known[DROPTRACE_KNOWN_MAX];
	unsigned int nr_roots;
	const struct droptrace_trace_frame *roots[DROPTRACE_ROOTS_MAX];
	struct droptrace_path path;
	struct droptrace_event *event;
	u32 event_len;
	u8 data[] __aligned(8);
};

void droptrace_context_hit(const struct droptrace_trace_point *point,
			   const struct pt_regs *regs);
void droptrace_context_abandon(struct droptrace_context *ctx);
void droptrace_context_drop(const struct droptrace_ruleset *rs, struct droptrace_drop *drop);

#endif /* DROPTRACE_CONTEXT_H */

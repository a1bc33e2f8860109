/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces: which packets to follow, through which code. */
#ifndef DROPTRACE_TRACE_H
#define DROPTRACE_TRACE_H

#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "droptrace.h"
#include "fetch.h"

struct droptrace_context;
struct droptrace_pending;
struct droptrace_pool;
struct droptrace_trace;
struct module;
struct sock;

/**
 * struct droptrace_trace_frame - a function
 * @entry: where it begins; for listings, nothing is read there
 * @packet: program that yields its packet, or NULL
 * @flags: enum droptrace_frame_flag
 * @exits: points are at its exits
 */
struct droptrace_trace_frame {
	u64 entry;
	const struct droptrace_prog *packet;
	u32 flags;
	bool exits;
};

/**
 * struct droptrace_trace_point - a place in a function's code
 * @kprobe: the kernel's part of it
 * @hits: times that it was met, per CPU
 * @trace: its trace
 * @frame: its function
 * @prog: program to run there, or NULL
 * @index: number in the trace
 * @sp_offset: from the stack pointer there up to the return address; for entries
 * @kind: enum droptrace_point_kind
 * @reg: register to keep, or DROPTRACE_NO_REG
 * @opens: a context may be opened there
 * @state: enum droptrace_point_state; under droptrace_mutex
 * @reason: enum droptrace_refusal_reason; under droptrace_mutex
 * @error: why it was refused, a positive errno; under droptrace_mutex
 */
struct droptrace_trace_point {
	struct kprobe kprobe;
	u64 __percpu *hits;
	struct droptrace_trace *trace;
	const struct droptrace_trace_frame *frame;
	const struct droptrace_prog *prog;
	u16 index;
	s16 sp_offset;
	u8 kind;
	u8 reg;
	bool opens;
	u8 state;
	u8 reason;
	u16 error;
};

/**
 * struct droptrace_trace_part - what one request added
 * @node: in the trace's list
 * @hits: of the points
 * @points: the points
 * @frames: the functions
 * @progs: the programs
 * @insns: their instructions
 */
struct droptrace_trace_part {
	struct list_head node;
	u64 __percpu *hits;
	struct droptrace_trace_point *points;
	struct droptrace_trace_frame *frames;
	struct droptrace_prog *progs;
	struct droptrace_insn *insns;
};

/**
 * struct droptrace_trace_cpu - one CPU's share
 * @open: contexts of its softirqs and hard interrupts, NULL if none is open
 * @nr_open: contexts in @open
 * @opened: contexts that were opened
 * @kept: of these, contexts whose paths were recorded
 * @truncated: of these, paths that found too little room
 * @no_context: packets to follow that no context was free for
 * @unserved: points met in an NMI
 */
struct droptrace_trace_cpu {
	struct droptrace_context *open[DROPTRACE_LEVEL_HARDIRQ];
	unsigned int nr_open;
	u64 opened;
	u64 kept;
	u64 truncated;
	u64 no_context;
	u64 unserved;
};

/**
 * struct droptrace_trace - a trace
 * @node: in the list of traces; under droptrace_mutex
 * @id: never used twice
 * @slot: place in rulesets, its own while it exists
 * @owner: socket that it goes with, NULL if it stays; compared, never followed
 * @name: unique, may be empty
 * @nr_filters: 0 for every packet
 * @filters: ids of the filters
 * @path_size: bytes kept of a path
 * @snaplen: bytes kept of a packet
 * @spec: what its client keeps with it, may be NULL
 * @added: when, in ns
 * @expire: seconds after which it goes, 0 for never
 * @traps: points stay breakpoints
 * @passing: paths to keep of packets that were not dropped, as asked for
 * @passing_left: how many of these are still to come
 * @live: points are armed, contexts may be opened; under droptrace_mutex
 * @parts: what was added, the oldest first; under droptrace_mutex
 * @nr_points: points added; under droptrace_mutex, but for a look at it
 * @nr_frames: functions added; under droptrace_mutex
 * @nr_progs: programs added; under droptrace_mutex
 * @nr_insns: their instructions; under droptrace_mutex
 * @nr_armed: points that are armed; under droptrace_mutex
 * @points: all of them, by their number; changed under droptrace_mutex
 * @frames: the same; under droptrace_mutex
 * @progs: the same; under droptrace_mutex
 * @cpus: per CPU
 * @nr_tasks: contexts of tasks
 * @pool: contexts; see context.c
 * @pending: of these, contexts of packets between two functions
 * @missed: hits that points have missed, when last looked
 * @sweep: ends contexts that would wait for ever
 *
 * What points use (@cpus, @pool, the points themselves and what they point to) is
 * there before the first one is armed, and until none is and no CPU is in one.
 */
struct droptrace_trace {
	struct list_head node;
	u32 id;
	unsigned int slot;
	const struct sock *owner;
	char name[DROPTRACE_NAME_MAX + 1];
	unsigned int nr_filters;
	u32 filters[DROPTRACE_FILTERS_MAX];
	u32 path_size;
	u32 snaplen;
	char *spec;
	u64 added;
	u32 expire;
	bool traps;
	u32 passing;
	atomic_t passing_left;
	bool live;

	struct list_head parts;
	unsigned int nr_points;
	unsigned int nr_frames;
	unsigned int nr_progs;
	unsigned int nr_insns;
	unsigned int nr_armed;
	struct droptrace_trace_point **points;
	struct droptrace_trace_frame **frames;
	struct droptrace_prog **progs;

	struct droptrace_trace_cpu __percpu *cpus;
	atomic_t nr_tasks;
	struct droptrace_pool *pool;
	struct droptrace_pending *pending;
	atomic64_t missed;
	struct delayed_work sweep;
};

/**
 * struct droptrace_trace_request - what a request adds to a trace
 * @progs: lengths of programs, then their instructions
 * @progs_len: bytes of it
 * @frames: functions
 * @nr_frames: their number
 * @points: points
 * @nr_points: their number
 */
struct droptrace_trace_request {
	const void *progs;
	size_t progs_len;
	const struct droptrace_frame *frames;
	unsigned int nr_frames;
	const struct droptrace_point *points;
	unsigned int nr_points;
};

/* What a request adds. */
enum droptrace_trace_what {
	DROPTRACE_TRACE_PROGS,
	DROPTRACE_TRACE_FRAMES,
	DROPTRACE_TRACE_POINTS,
};

/**
 * struct droptrace_trace_wrong - why a request is refused
 * @what: what of it is to blame
 * @text: in words, NULL if nothing is wrong
 */
struct droptrace_trace_wrong {
	enum droptrace_trace_what what;
	const char *text;
};

/**
 * struct droptrace_trace_sums - counters of a trace
 * @hits: of its points
 * @missed: hits that they missed
 * @opened: contexts
 * @kept: of these, contexts whose paths were recorded
 * @truncated: of these, paths that found too little room
 * @no_context: packets that no context was free for
 * @optimized: points that are jumps
 */
struct droptrace_trace_sums {
	u64 hits;
	u64 missed;
	u64 opened;
	u64 kept;
	u64 truncated;
	u64 no_context;
	u32 optimized;
};

extern struct list_head droptrace_traces;
extern unsigned int droptrace_nr_traces;

struct droptrace_trace *droptrace_trace_alloc(u32 path_size, u32 snaplen);
void droptrace_trace_free(struct droptrace_trace *trace);
void droptrace_trace_add(struct droptrace_trace *trace);
void droptrace_trace_part_free(struct droptrace_trace_part *part);
int droptrace_trace_extend(struct droptrace_trace *trace,
			   const struct droptrace_trace_request *request,
			   struct droptrace_trace_wrong *wrong);
int droptrace_trace_go_live(struct droptrace_trace *trace);
void droptrace_trace_keep(struct droptrace_trace *trace);
void droptrace_trace_remove(struct list_head *removed);
void droptrace_trace_collect_owned(const struct sock *owner, struct list_head *removed);
void droptrace_trace_exit(void);
void droptrace_trace_module_going(const struct module *module);

struct droptrace_trace *droptrace_trace_find(u32 id);
struct droptrace_trace *droptrace_trace_find_name(const char *name);
bool droptrace_trace_any_live(void);
bool droptrace_trace_has_filter(const struct droptrace_trace *trace, u32 id);
void droptrace_trace_sum(struct droptrace_trace *trace, struct droptrace_trace_sums *sums);

/**
 * droptrace_trace_any_open() - may there be an open context for what runs here
 * @trace: the trace
 *
 * Context: Any context. Expects preemption to be off.
 * Return: false if there is none on this CPU, nor of any task.
 */
static inline bool droptrace_trace_any_open(const struct droptrace_trace *trace)
{
	return this_cpu_read(trace->cpus->nr_open) || atomic_read(&trace->nr_tasks);
}

#endif /* DROPTRACE_TRACE_H */

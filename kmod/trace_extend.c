// SPDX-License-Identifier: GPL-2.0-only
/*
 * What requests add to a trace: programs, functions and points.  It is checked as a
 * whole, kept in one piece, and goes with the trace.
 *
 * Process context under droptrace_mutex.
 */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "arch.h"
#include "trace.h"

/**
 * droptrace_trace_part_free() - free what a request added
 * @part: no longer in use
 *
 * Context: Process context.
 */
void droptrace_trace_part_free(struct droptrace_trace_part *part)
{
	kvfree(part->insns);
	kvfree(part->progs);
	kvfree(part->frames);
	kvfree(part->points);
	free_percpu(part->hits);
	kfree(part);
}

/* Lengths of programs as they came, then their instructions. */
struct trace_progs {
	const u32 *lens;
	unsigned int nr;
	const struct droptrace_insn *insns;
	u32 nr_insns;
};

static const char *trace_read_progs(struct trace_progs *progs, const void *data, size_t len)
{
	static const char wrong[] = "the programs are not as long as they say";
	size_t head;
	unsigned int i;

	if (!data)
		return NULL;
	if (len < sizeof(u32))
		return wrong;
	progs->nr = *(const u32 *)data;
	progs->lens = (const u32 *)data + 1;
	if (progs->nr > len / sizeof(u32))
		return wrong;
	head = ALIGN((progs->nr + 1) * sizeof(u32), 8);
	if (head > len)
		return wrong;
	for (i = 0; i < progs->nr; i++) {
		if (!progs->lens[i] || progs->lens[i] > DROPTRACE_FETCH_MAX)
			return wrong;
		progs->nr_insns += progs->lens[i];
	}
	if (len - head != (size_t)progs->nr_insns * sizeof(*progs->insns))
		return wrong;
	progs->insns = data + head;
	return NULL;
}

static const char *trace_check_frame(const struct droptrace_frame *frame, unsigned int nr_progs)
{
	const u32 known = DROPTRACE_FRAME_ROOT | DROPTRACE_FRAME_LIST | DROPTRACE_FRAME_ANY;

	if (frame->flags & ~known)
		return "a frame has an unknown flag";
	if (frame->packet != DROPTRACE_NONE && frame->packet >= nr_progs)
		return "a frame names a program that there is not";
	if ((frame->flags & DROPTRACE_FRAME_LIST) && frame->packet == DROPTRACE_NONE)
		return "a frame has a list, but no program that yields it";
	if ((frame->flags & DROPTRACE_FRAME_ROOT) && frame->packet == DROPTRACE_NONE &&
	    !(frame->flags & DROPTRACE_FRAME_ANY))
		return "a root has no program that yields its packet";
	return NULL;
}

/* What an entry's stack pointer may be away from the return address: a few pushes. */
#define TRACE_SP_OFFSET_MAX 1024

static const char *trace_check_point(const struct droptrace_point *point, unsigned int nr_frames,
				     unsigned int nr_progs)
{
	if (point->kind > DROPTRACE_POINT_EXIT)
		return "a point is of an unknown kind";
	if (point->frame >= nr_frames)
		return "a point names a frame that there is not";
	if (point->prog != DROPTRACE_NONE && point->prog >= nr_progs)
		return "a point names a program that there is not";
	if (point->reg >= DROPTRACE_ARCH_REGS && point->reg != DROPTRACE_NO_REG)
		return "a point keeps a register that there is not";
	if (point->sp_offset < 0 || point->sp_offset > TRACE_SP_OFFSET_MAX ||
	    (point->sp_offset && point->kind != DROPTRACE_POINT_ENTRY))
		return "a point's stack offset is out of range";
	if (memchr_inv(point->reserved, 0, sizeof(point->reserved)))
		return "a point has reserved bytes that are not zero";
	return NULL;
}

/* The first thing that is wrong, if anything is. */
static void trace_check_progs(const struct droptrace_trace *trace,
			      const struct trace_progs *progs,
			      struct droptrace_trace_wrong *wrong)
{
	const struct droptrace_insn *insns = progs->insns;
	unsigned int i;

	wrong->what = DROPTRACE_TRACE_PROGS;
	if (progs->nr_insns > DROPTRACE_FETCH_MAX - trace->nr_insns)
		wrong->text = "the programs of a trace have 65536 instructions at the most";
	for (i = 0; !wrong->text && i < progs->nr; insns += progs->lens[i++])
		wrong->text = droptrace_fetch_check(insns, progs->lens[i]);
}

static void trace_check_frames(const struct droptrace_trace *trace,
			       const struct droptrace_trace_request *request,
			       unsigned int nr_progs, struct droptrace_trace_wrong *wrong)
{
	unsigned int i;

	wrong->what = DROPTRACE_TRACE_FRAMES;
	if (request->nr_frames > DROPTRACE_FRAMES_MAX - trace->nr_frames)
		wrong->text = "a trace has 1024 frames at the most";
	for (i = 0; !wrong->text && i < request->nr_frames; i++)
		wrong->text = trace_check_frame(&request->frames[i], nr_progs);
}

static void trace_check_points(const struct droptrace_trace *trace,
			       const struct droptrace_trace_request *request,
			       unsigned int nr_progs, struct droptrace_trace_wrong *wrong)
{
	unsigned int nr_frames = trace->nr_frames + request->nr_frames;
	unsigned int i;

	wrong->what = DROPTRACE_TRACE_POINTS;
	if (request->nr_points > DROPTRACE_POINTS_MAX - trace->nr_points)
		wrong->text = "a trace has 8192 points at the most";
	for (i = 0; !wrong->text && i < request->nr_points; i++)
		wrong->text = trace_check_point(&request->points[i], nr_frames, nr_progs);
}

static bool trace_check(const struct droptrace_trace *trace,
			const struct droptrace_trace_request *request,
			const struct trace_progs *progs, struct droptrace_trace_wrong *wrong)
{
	unsigned int nr_progs = trace->nr_progs + progs->nr;

	trace_check_progs(trace, progs, wrong);
	if (!wrong->text)
		trace_check_frames(trace, request, nr_progs, wrong);
	if (!wrong->text)
		trace_check_points(trace, request, nr_progs, wrong);
	return !wrong->text;
}

/* Room for what comes; at least for one of each, so that NULL is a failure. */
static struct droptrace_trace_part *
trace_part_alloc(struct droptrace_trace *trace, const struct droptrace_trace_request *request,
		 const struct trace_progs *progs)
{
	struct droptrace_trace_part *part = kzalloc(sizeof(*part), GFP_KERNEL);

	if (!part)
		return NULL;
	part->insns = kvmalloc_array(progs->nr_insns + 1, sizeof(*part->insns), GFP_KERNEL);
	part->progs = kvcalloc(progs->nr + 1, sizeof(*part->progs), GFP_KERNEL);
	part->frames = kvcalloc(request->nr_frames + 1, sizeof(*part->frames), GFP_KERNEL);
	part->points = kvcalloc(request->nr_points + 1, sizeof(*part->points), GFP_KERNEL);
	part->hits = __alloc_percpu((request->nr_points + 1) * sizeof(u64), sizeof(u64));
	if (!part->insns || !part->progs || !part->frames || !part->points || !part->hits) {
		droptrace_trace_part_free(part);
		return NULL;
	}
	return part;
}

/* Tables of all that there is, by number: the old ones, and room for more. */
struct trace_tables {
	struct droptrace_trace_point **points;
	struct droptrace_trace_frame **frames;
	struct droptrace_prog **progs;
};

static void *trace_table_grow(void *old, unsigned int nr, unsigned int more)
{
	void **table = kvmalloc_array(nr + more + 1, sizeof(*table), GFP_KERNEL);

	if (table && nr)
		memcpy(table, old, nr * sizeof(*table));
	return table;
}

static bool trace_tables_grow(struct trace_tables *tables, const struct droptrace_trace *trace,
			      const struct droptrace_trace_request *request,
			      const struct trace_progs *progs)
{
	tables->points = trace_table_grow(trace->points, trace->nr_points, request->nr_points);
	tables->frames = trace_table_grow(trace->frames, trace->nr_frames, request->nr_frames);
	tables->progs = trace_table_grow(trace->progs, trace->nr_progs, progs->nr);
	return tables->points && tables->frames && tables->progs;
}

static void trace_tables_free(struct trace_tables *tables)
{
	kvfree(tables->points);
	kvfree(tables->frames);
	kvfree(tables->progs);
}

static void trace_add_progs(struct droptrace_trace *trace, struct droptrace_trace_part *part,
			    struct trace_tables *tables, const struct trace_progs *progs)
{
	struct droptrace_insn *insns = part->insns;
	unsigned int i;

	memcpy(insns, progs->insns, progs->nr_insns * sizeof(*insns));
	for (i = 0; i < progs->nr; i++) {
		part->progs[i].insns = insns;
		part->progs[i].len = progs->lens[i];
		droptrace_fetch_prepare(&part->progs[i]);
		insns += progs->lens[i];
		tables->progs[trace->nr_progs + i] = &part->progs[i];
	}
}

static const struct droptrace_prog *trace_prog(const struct trace_tables *tables, u32 index)
{
	return index == DROPTRACE_NONE ? NULL : tables->progs[index];
}

static void trace_add_frames(struct droptrace_trace *trace, struct droptrace_trace_part *part,
			     struct trace_tables *tables,
			     const struct droptrace_trace_request *request)
{
	struct droptrace_trace_frame *frame = part->frames;
	unsigned int i;

	for (i = 0; i < request->nr_frames; i++, frame++) {
		frame->entry = request->frames[i].entry;
		frame->packet = trace_prog(tables, request->frames[i].packet);
		frame->flags = request->frames[i].flags;
		tables->frames[trace->nr_frames + i] = frame;
	}
}

static void trace_add_points(struct droptrace_trace *trace, struct droptrace_trace_part *part,
			     struct trace_tables *tables,
			     const struct droptrace_trace_request *request)
{
	struct droptrace_trace_point *point = part->points;
	const struct droptrace_point *from = request->points;
	unsigned int i;

	for (i = 0; i < request->nr_points; i++, point++, from++) {
		point->kprobe.addr = (kprobe_opcode_t *)(unsigned long)from->address;
		point->hits = part->hits + i;
		point->trace = trace;
		point->frame = tables->frames[from->frame];
		if (from->kind == DROPTRACE_POINT_EXIT)
			WRITE_ONCE(tables->frames[from->frame]->exits, true);
		point->prog = trace_prog(tables, from->prog);
		point->index = trace->nr_points + i;
		point->sp_offset = from->sp_offset;
		point->kind = from->kind;
		point->reg = from->reg;
		point->opens = from->kind == DROPTRACE_POINT_ENTRY &&
			       (point->frame->flags & DROPTRACE_FRAME_ROOT);
		point->state = DROPTRACE_POINT_ADDED;
		tables->points[point->index] = point;
	}
}

/* Points of a live trace read the table of points. */
static void trace_publish_points(struct droptrace_trace *trace, struct trace_tables *tables,
				 unsigned int nr)
{
	struct droptrace_trace_point **old = trace->points;

	WRITE_ONCE(trace->points, tables->points);
	/* Pairs with the acquire in droptrace_pool_missed(): the table has as many. */
	smp_store_release(&trace->nr_points, nr);
	if (trace->nr_armed)
		synchronize_rcu();
	tables->points = old;
}

static void trace_add_part(struct droptrace_trace *trace, struct droptrace_trace_part *part,
			   struct trace_tables *tables,
			   const struct droptrace_trace_request *request,
			   const struct trace_progs *progs)
{
	trace_add_progs(trace, part, tables, progs);
	trace_add_frames(trace, part, tables, request);
	trace_add_points(trace, part, tables, request);
	list_add_tail(&part->node, &trace->parts);
	trace->nr_progs += progs->nr;
	trace->nr_insns += progs->nr_insns;
	trace->nr_frames += request->nr_frames;
	swap(trace->progs, tables->progs);
	swap(trace->frames, tables->frames);
	trace_publish_points(trace, tables, trace->nr_points + request->nr_points);
}

/**
 * droptrace_trace_extend() - add programs, functions and points to a trace
 * @trace: the trace
 * @request: what to add
 * @wrong: set to what is wrong with it
 *
 * Context: Process context. May sleep. Expects droptrace_mutex to be held by caller.
 * Return: 0, or -EINVAL or -ENOMEM with the trace as it was.
 */
int droptrace_trace_extend(struct droptrace_trace *trace,
			   const struct droptrace_trace_request *request,
			   struct droptrace_trace_wrong *wrong)
{
	struct droptrace_trace_part *part;
	struct trace_tables tables;
	struct trace_progs progs = {};

	lockdep_assert_held(&droptrace_mutex);
	wrong->what = DROPTRACE_TRACE_PROGS;
	wrong->text = trace_read_progs(&progs, request->progs, request->progs_len);
	if (wrong->text || !trace_check(trace, request, &progs, wrong))
		return -EINVAL;
	part = trace_part_alloc(trace, request, &progs);
	if (!part)
		return -ENOMEM;
	if (!trace_tables_grow(&tables, trace, request, &progs)) {
		trace_tables_free(&tables);
		droptrace_trace_part_free(part);
		return -ENOMEM;
	}
	trace_add_part(trace, part, &tables, request, &progs);
	trace_tables_free(&tables);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths.  While a context is open its steps are written into a buffer of its own;
 * one that is kept is then cut into chunks, each an event in the ring of every
 * session that asked for paths of that trace.
 *
 * Called from points and from the probe, in any context; NMI-safe.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "context.h"
#include "event.h"
#include "path.h"
#include "record.h"
#include "ring.h"
#include "ruleset.h"
#include "session.h"
#include "trace.h"

/* What a step says of 64 bits as two words is in the order of the machine. */
static_assert(IS_ENABLED(CONFIG_CPU_LITTLE_ENDIAN) || IS_ENABLED(CONFIG_X86));

/**
 * droptrace_path_step() - begin a step
 * @path: the path
 * @point: index of the point
 * @kind: enum droptrace_step_kind
 * @size: bytes that follow its head, a multiple of 4
 *
 * Context: Any context, NMI-safe.
 * Return: room for these bytes; NULL if there is none: the path is truncated then.
 */
void *droptrace_path_step(struct droptrace_path *path, u16 point, u8 kind, size_t size)
{
	u32 reserve = kind == DROPTRACE_STEP_DROP ? 0 : DROPTRACE_PATH_RESERVE;
	struct droptrace_step *step = (void *)(path->steps + path->used);

	if ((path->truncated && reserve) ||
	    path->used + sizeof(*step) + size + reserve > path->size) {
		path->truncated = true;
		return NULL;
	}
	step->point = point;
	step->kind = kind;
	step->words = size / sizeof(u32);
	path->used += sizeof(*step) + size;
	return step + 1;
}

/**
 * droptrace_path_value() - begin a value, and end the one before
 * @path: the path
 * @point: index of the point
 * @item: number of the value
 *
 * Context: Any context, NMI-safe.
 */
void droptrace_path_value(struct droptrace_path *path, u16 point, u16 item)
{
	struct droptrace_step_value *value;

	droptrace_path_value_end(path);
	value = droptrace_path_step(path, point, DROPTRACE_STEP_VALUE, sizeof(*value));
	if (!value)
		return;
	value->item = item;
	value->status = DROPTRACE_VALUE_OK;
	value->padding = 0;
	path->value = (struct droptrace_step *)value - 1;
}

/**
 * droptrace_path_append() - add bytes to the value under way
 * @path: the path
 * @bytes: the bytes
 * @len: their number
 *
 * Context: Any context, NMI-safe.
 * Return: false if there are too many; as many as fit were added. A value that the
 * path has no room for is taken back as a whole.
 */
bool droptrace_path_append(struct droptrace_path *path, const void *bytes, u32 len)
{
	u32 begin, left;

	if (!path->value)
		return true;		/* found no room itself */
	begin = (u8 *)(path->value + 1) + sizeof(struct droptrace_step_value) - path->steps;
	left = min_t(u32, len, DROPTRACE_ITEM_MAX - (path->used - begin));
	/* padding comes behind it, at the end */
	if (ALIGN(path->used + left, sizeof(u32)) + DROPTRACE_PATH_RESERVE > path->size) {
		path->used = (u8 *)path->value - path->steps;
		path->value = NULL;
		path->truncated = true;
		return true;
	}
	memcpy(path->steps + path->used, bytes, left);
	path->used += left;
	return left == len;
}

/**
 * droptrace_path_value_status() - say that a value is not all there
 * @path: the path
 * @status: enum droptrace_value_status
 *
 * Context: Any context, NMI-safe.
 */
void droptrace_path_value_status(struct droptrace_path *path, u16 status)
{
	struct droptrace_step_value *value;

	if (!path->value)
		return;
	value = (void *)(path->value + 1);
	value->status = status;
}

/**
 * droptrace_path_value_end() - end the value under way, if there is one
 * @path: the path
 *
 * What stands behind the last byte of a value, up to a whole word, is 0.
 *
 * Context: Any context, NMI-safe.
 */
void droptrace_path_value_end(struct droptrace_path *path)
{
	struct droptrace_step_value *value;
	u32 used = path->used;

	while (path->used % sizeof(u32))
		path->steps[path->used++] = 0;
	if (path->value) {
		path->value->words = (path->steps + path->used - (u8 *)(path->value + 1)) /
				     sizeof(u32);
		value = (void *)(path->value + 1);
		value->padding = path->used - used;
	}
	path->value = NULL;
}

/**
 * droptrace_path_wanted() - does any session want paths of a trace
 * @trace: the trace
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: true if one does.
 */
bool droptrace_path_wanted(const struct droptrace_trace *trace)
{
	const struct droptrace_ruleset *rs = rcu_dereference_sched(droptrace_ruleset);
	unsigned int i;

	for (i = 0; rs && i < rs->nr_rules; i++)
		if (rs->rules[i].paths & BIT_ULL(trace->slot))
			return true;
	return false;
}

/* As many whole steps as a chunk has room for, bytes. */
static u32 path_chunk(const struct droptrace_path *path, u32 from, u32 room)
{
	const struct droptrace_step *step;
	u32 to = from, next;

	while (to < path->used) {
		step = (const void *)(path->steps + to);
		next = to + sizeof(*step) + step->words * sizeof(u32);
		if (next - from > room)
			break;
		to = next;
	}
	return to - from;
}

static u32 path_flags(const struct droptrace_context *ctx, bool last)
{
	u32 flags = 0;

	if (last)
		flags |= DROPTRACE_PATH_LAST;
	if (ctx->path.truncated)
		flags |= DROPTRACE_PATH_TRUNCATED;
	if (ctx->dropped)
		flags |= DROPTRACE_PATH_DROPPED;
	if (ctx->deep)
		flags |= DROPTRACE_PATH_DEEP;
	if (ctx->missed)
		flags |= DROPTRACE_PATH_MISSED;
	return flags;
}

static bool path_write_chunk(struct droptrace_session *session,
			     const struct droptrace_context *ctx, u32 nr, u32 from, u32 len)
{
	u32 packet_len = nr ? 0 : ctx->event_len;
	struct ring_buffer_event *slot;
	struct droptrace_chunk *chunk;
	size_t size = sizeof(*chunk) + packet_len + len;

	this_cpu_inc(session->stats->tally.produced);
	smp_wmb();	/* pairs with the smp_rmb() in droptrace_session_sum() */
	chunk = droptrace_ring_reserve(&session->ring, size, &slot);
	if (!chunk) {
		this_cpu_inc(session->stats->tally.ring_full);
		return false;
	}
	chunk->kind = DROPTRACE_EVENT_PATH;
	chunk->packet_len = packet_len;
	chunk->trace = ctx->trace->id;
	chunk->context = ctx->id;
	chunk->time = ctx->opened;
	chunk->chunk = nr;
	chunk->flags = path_flags(ctx, from + len == ctx->path.used);
	chunk->steps_len = len;
	chunk->cpu = ctx->cpu;
	memcpy(chunk->data, ctx->event, packet_len);
	memcpy(chunk->data + packet_len, ctx->path.steps + from, len);
	droptrace_ring_commit(&session->ring, slot);
	droptrace_record_call_worker(session, size);
	return true;
}

/* What a full ring cuts off is not written at all, and counted as one event. */
static void path_write(struct droptrace_session *session, const struct droptrace_context *ctx)
{
	u32 nr = 0, from = 0, len, room;

	do {
		room = DROPTRACE_CHUNK_MAX - (nr ? 0 : ctx->event_len);
		len = path_chunk(&ctx->path, from, room);
		if (!path_write_chunk(session, ctx, nr++, from, len))
			return;
		from += len;
	} while (from < ctx->path.used);
}

/**
 * droptrace_path_commit() - give a path to those who want it
 * @ctx: the context, ended
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 */
void droptrace_path_commit(const struct droptrace_context *ctx)
{
	const struct droptrace_ruleset *rs = rcu_dereference_sched(droptrace_ruleset);
	unsigned int i;

	for (i = 0; rs && i < rs->nr_rules; i++)
		if (rs->rules[i].paths & BIT_ULL(ctx->trace->slot))
			path_write(rs->rules[i].session, ctx);
}

static void path_write_gone(struct droptrace_session *session,
			    const struct droptrace_trace *trace, const char *module,
			    u32 nr_points)
{
	struct ring_buffer_event *slot;
	struct droptrace_gone *gone;

	this_cpu_inc(session->stats->tally.produced);
	smp_wmb();	/* pairs with the smp_rmb() in droptrace_session_sum() */
	gone = droptrace_ring_reserve(&session->ring, sizeof(*gone), &slot);
	if (!gone) {
		this_cpu_inc(session->stats->tally.ring_full);
		return;
	}
	gone->kind = DROPTRACE_EVENT_GONE;
	gone->trace = trace->id;
	gone->nr_points = nr_points;
	strscpy(gone->module, module, sizeof(gone->module));
	droptrace_ring_commit(&session->ring, slot);
	droptrace_record_call_worker(session, sizeof(*gone));
}

/**
 * droptrace_path_gone() - tell of a module that took points with it
 * @trace: whose points
 * @module: name of the module
 * @nr_points: how many
 *
 * Context: Process context.
 */
void droptrace_path_gone(const struct droptrace_trace *trace, const char *module,
			 u32 nr_points)
{
	const struct droptrace_ruleset *rs;
	unsigned int i;

	preempt_disable();
	rs = rcu_dereference_sched(droptrace_ruleset);
	for (i = 0; rs && i < rs->nr_rules; i++)
		if (rs->rules[i].paths & BIT_ULL(trace->slot))
			path_write_gone(rs->rules[i].session, trace, module, nr_points);
	preempt_enable();
}

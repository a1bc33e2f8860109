/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring between probe and worker: the kernel's own, per CPU, lockless. */
#ifndef DROPTRACE_RING_H
#define DROPTRACE_RING_H

#include <linux/types.h>

struct ring_buffer_event;
struct trace_buffer;

/**
 * struct droptrace_ring_head - the event of a CPU that is to be read next
 * @event: the event, NULL if none was there
 * @time: when it was recorded, by the ring's clock: ns of trace_clock_local()
 */
struct droptrace_ring_head {
	void *event;
	u64 time;
};

/**
 * struct droptrace_ring - a ring
 * @buffer: the kernel's ring buffer; not overwriting, so that what finds no room
 *	    is known when it happens
 * @heads: by CPU; the reader's, of which there is one at a time
 */
struct droptrace_ring {
	struct trace_buffer *buffer;
	struct droptrace_ring_head *heads;
};

int droptrace_ring_create(struct droptrace_ring *ring, size_t size);
void droptrace_ring_destroy(struct droptrace_ring *ring);

void *droptrace_ring_reserve(struct droptrace_ring *ring, size_t size,
			     struct ring_buffer_event **slot);
void droptrace_ring_commit(struct droptrace_ring *ring, struct ring_buffer_event *slot);

void droptrace_ring_look(struct droptrace_ring *ring);
void *droptrace_ring_first(struct droptrace_ring *ring, int *cpu, u64 *time);
u64 droptrace_ring_now(void);
void droptrace_ring_consume(struct droptrace_ring *ring, int cpu);
u64 droptrace_ring_entries(struct droptrace_ring *ring);
bool droptrace_ring_empty(struct droptrace_ring *ring);

#endif /* DROPTRACE_RING_H */

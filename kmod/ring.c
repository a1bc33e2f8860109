// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thin skin over the kernel's ring buffer (kernel/trace/ring_buffer.c): any
 * number of producers in any context, one reader that sees the events of all
 * CPUs in the order of their times, as far as they have been committed when it
 * looks.
 */
#include <linux/cpumask.h>
#include <linux/slab.h>
#include <linux/trace_clock.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "droptrace.h"
#include "ring.h"

struct ring_making {
	struct work_struct work;
	size_t size;
	struct trace_buffer *buffer;
};

static void ring_make(struct work_struct *work)
{
	struct ring_making *making = container_of(work, struct ring_making, work);

	making->buffer = ring_buffer_alloc(making->size, 0);
}

/*
 * The kernel's ring buffer gives up with a WARN() when the task that makes it is
 * being killed: a worker makes it, whom nobody kills.
 */
static struct trace_buffer *ring_alloc(size_t size)
{
	struct ring_making making = { .size = size };

	INIT_WORK_ONSTACK(&making.work, ring_make);
	schedule_work(&making.work);
	flush_work(&making.work);
	destroy_work_on_stack(&making.work);
	return making.buffer;
}

/**
 * droptrace_ring_create() - make a ring
 * @ring: the ring
 * @size: bytes per CPU
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int droptrace_ring_create(struct droptrace_ring *ring, size_t size)
{
	ring->heads = kcalloc(nr_cpu_ids, sizeof(*ring->heads), GFP_KERNEL);
	if (!ring->heads)
		return -ENOMEM;
	ring->buffer = ring_alloc(size);
	if (!ring->buffer) {
		kfree(ring->heads);
		ring->heads = NULL;
		return -ENOMEM;
	}
	atomic_inc(&droptrace_objects);
	return 0;
}

/**
 * droptrace_ring_destroy() - free a ring that nobody uses any more
 * @ring: the ring; nothing happens if there is none
 *
 * Context: Process context. May sleep.
 */
void droptrace_ring_destroy(struct droptrace_ring *ring)
{
	if (!ring->buffer)
		return;
	ring_buffer_free(ring->buffer);
	kfree(ring->heads);
	ring->buffer = NULL;
	ring->heads = NULL;
	atomic_dec(&droptrace_objects);
}

/**
 * droptrace_ring_reserve() - claim room for an event
 * @ring: the ring
 * @size: bytes
 * @slot: to be handed to droptrace_ring_commit()
 *
 * Context: Any context, NMI-safe. Preemption is off until the commit.
 * Return: the room, or NULL if there is none; the caller counts that.
 */
void *droptrace_ring_reserve(struct droptrace_ring *ring, size_t size,
			     struct ring_buffer_event **slot)
{
	*slot = ring_buffer_lock_reserve(ring->buffer, size);
	return *slot ? ring_buffer_event_data(*slot) : NULL;
}

/**
 * droptrace_ring_commit() - hand an event to the reader
 * @ring: the ring
 * @slot: from droptrace_ring_reserve()
 *
 * Context: Any context, NMI-safe.
 */
void droptrace_ring_commit(struct droptrace_ring *ring, struct ring_buffer_event *slot)
{
	droptrace_compat_ring_commit(ring->buffer, slot);
}

static void ring_peek(struct droptrace_ring *ring, int cpu)
{
	struct droptrace_ring_head *head = &ring->heads[cpu];
	struct ring_buffer_event *slot;

	slot = ring_buffer_peek(ring->buffer, cpu, &head->time, NULL);
	head->event = slot ? ring_buffer_event_data(slot) : NULL;
}

/**
 * droptrace_ring_look() - see what has come on CPUs that had nothing
 * @ring: the ring
 *
 * Context: Process context, one caller at a time.
 */
void droptrace_ring_look(struct droptrace_ring *ring)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (!ring->heads[cpu].event)
			ring_peek(ring, cpu);
}

/**
 * droptrace_ring_first() - the oldest event, of those seen
 * @ring: the ring
 * @cpu: set to the CPU it comes from
 * @time: set to when it was recorded, see droptrace_ring_now()
 *
 * Context: Process context, one caller at a time.
 * Return: the event, valid until it is consumed; NULL if there is none.
 */
void *droptrace_ring_first(struct droptrace_ring *ring, int *cpu, u64 *time)
{
	struct droptrace_ring_head *first = NULL, *head;
	int i;

	for_each_possible_cpu(i) {
		head = &ring->heads[i];
		if (head->event && (!first || head->time < first->time)) {
			first = head;
			*cpu = i;
		}
	}
	if (!first)
		return NULL;
	*time = first->time;
	return first->event;
}

/**
 * droptrace_ring_now() - the time by the clock that events are stamped with
 *
 * The ring's own stamp saves the probe a second look at a clock. CPUs may differ
 * by what sched_clock() differs by: nothing where it is stable.
 *
 * Context: Any context.
 * Return: nanoseconds.
 */
u64 droptrace_ring_now(void)
{
	return trace_clock_local();
}

/**
 * droptrace_ring_consume() - take an event off the ring
 * @ring: the ring
 * @cpu: as given by droptrace_ring_first()
 *
 * Context: Process context, one caller at a time.
 */
void droptrace_ring_consume(struct droptrace_ring *ring, int cpu)
{
	ring_buffer_consume(ring->buffer, cpu, NULL, NULL);
	ring_peek(ring, cpu);
}

/**
 * droptrace_ring_entries() - events in a ring
 * @ring: the ring
 *
 * Context: Process context.
 * Return: their number.
 */
u64 droptrace_ring_entries(struct droptrace_ring *ring)
{
	return ring_buffer_entries(ring->buffer);
}

/**
 * droptrace_ring_empty() - is nothing left to be read
 * @ring: the ring
 *
 * Context: Process context.
 * Return: true if nothing is.
 */
bool droptrace_ring_empty(struct droptrace_ring *ring)
{
	return ring_buffer_empty(ring->buffer);
}

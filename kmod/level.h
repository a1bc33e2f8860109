/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Execution levels of a CPU, and what code that runs at one of them needs: room,
 * and a mark that refuses recursion.
 */
#ifndef DROPTRACE_LEVEL_H
#define DROPTRACE_LEVEL_H

#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/types.h>

#include "drop.h"
#include "droptrace.h"

/**
 * struct droptrace_level_room - what a CPU has for each level
 * @busy: the probe or a point is at work at this level
 * @drop: the packet that it looks at
 */
struct droptrace_level_room {
	u8 busy[DROPTRACE_LEVELS];
	struct droptrace_drop drop[DROPTRACE_LEVELS];
};

extern struct droptrace_level_room __percpu *droptrace_level_rooms;

int droptrace_level_init(void);
void droptrace_level_exit(void);

/**
 * droptrace_level_of() - the level that a preempt_count() tells of
 * @count: the count
 *
 * Where softirqs are tasks that can be preempted (PREEMPT_RT) the count does not
 * tell of them, and they are tasks to us, too.
 *
 * Context: Any context.
 * Return: the level.
 */
static inline enum droptrace_level droptrace_level_of(unsigned int count)
{
	if (unlikely(count & NMI_MASK))
		return DROPTRACE_LEVEL_NMI;
	if (count & HARDIRQ_MASK)
		return DROPTRACE_LEVEL_HARDIRQ;
	if (count & SOFTIRQ_OFFSET)
		return DROPTRACE_LEVEL_SOFTIRQ;
	return DROPTRACE_LEVEL_TASK;
}

#endif /* DROPTRACE_LEVEL_H */

// SPDX-License-Identifier: GPL-2.0-only
/* Room for each execution level of each CPU. */
#include <linux/errno.h>

#include "level.h"

struct droptrace_level_room __percpu *droptrace_level_rooms;

/**
 * droptrace_level_init() - make the room
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int droptrace_level_init(void)
{
	droptrace_level_rooms = alloc_percpu(struct droptrace_level_room);
	return droptrace_level_rooms ? 0 : -ENOMEM;
}

/**
 * droptrace_level_exit() - free it; neither probe nor point is at work any more
 *
 * Context: Process context.
 */
void droptrace_level_exit(void)
{
	free_percpu(droptrace_level_rooms);
}

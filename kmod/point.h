/* SPDX-License-Identifier: GPL-2.0-only */
/* Points: where code is watched. */
#ifndef DROPTRACE_POINT_H
#define DROPTRACE_POINT_H

#include <linux/types.h>

struct droptrace_trace;
struct droptrace_trace_point;
struct module;

int droptrace_point_arm(struct droptrace_trace_point *point);
void droptrace_point_disarm(struct droptrace_trace_point **points, unsigned int nr);
unsigned int droptrace_point_module_going(struct droptrace_trace *trace,
					  const struct module *module);
bool droptrace_point_optimized(const struct droptrace_trace_point *point);
u64 droptrace_point_hits(const struct droptrace_trace_point *point);

#endif /* DROPTRACE_POINT_H */

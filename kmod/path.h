/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths: the steps of a context, and their way into the rings. */
#ifndef DROPTRACE_PATH_H
#define DROPTRACE_PATH_H

#include <linux/types.h>

#include "droptrace.h"

struct droptrace_context;
struct droptrace_trace;

/* Room that is kept for drops, for the sake of which all the rest is recorded. */
#define DROPTRACE_PATH_RESERVE							\
	(2 * (sizeof(struct droptrace_step) + sizeof(struct droptrace_step_drop)))

/* Of a step that belongs to no point. */
#define DROPTRACE_PATH_NO_POINT 0xffff

/**
 * struct droptrace_path - steps, one behind the other
 * @steps: room for them
 * @size: bytes of it
 * @used: bytes written
 * @value: the value under way, NULL if there is none
 * @truncated: something found no room; nothing but drops is written any more
 */
struct droptrace_path {
	u8 *steps;
	u32 size;
	u32 used;
	struct droptrace_step *value;
	bool truncated;
};

void *droptrace_path_step(struct droptrace_path *path, u16 point, u8 kind, size_t size);
void droptrace_path_value(struct droptrace_path *path, u16 point, u16 item);
bool droptrace_path_append(struct droptrace_path *path, const void *bytes, u32 len);
void droptrace_path_value_status(struct droptrace_path *path, u16 status);
void droptrace_path_value_end(struct droptrace_path *path);

bool droptrace_path_wanted(const struct droptrace_trace *trace);
void droptrace_path_commit(const struct droptrace_context *ctx);
void droptrace_path_gone(const struct droptrace_trace *trace, const char *module,
			 u32 nr_points);

/* A value of 64 bits as steps have it. */
static inline void droptrace_path_put(__u32 words[2], u64 value)
{
	words[0] = value;
	words[1] = value >> 32;
}

#endif /* DROPTRACE_PATH_H */

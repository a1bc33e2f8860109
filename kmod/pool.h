/* SPDX-License-Identifier: GPL-2.0-only */
/* The contexts of a trace, and whose they are. */
#ifndef DROPTRACE_POOL_H
#define DROPTRACE_POOL_H

#include <linux/types.h>

#include "droptrace.h"

struct droptrace_context;
struct droptrace_pool;
struct droptrace_trace;
struct sk_buff;

struct droptrace_pool *droptrace_pool_create(struct droptrace_trace *trace);
void droptrace_pool_destroy(struct droptrace_pool *pool);

struct droptrace_context *droptrace_pool_open(struct droptrace_trace *trace, u64 now);
struct droptrace_context *droptrace_pool_take(struct droptrace_trace *trace,
					      enum droptrace_level level);
void droptrace_pool_put(struct droptrace_trace *trace, struct droptrace_context *ctx);
struct droptrace_context *droptrace_pool_borrow(struct droptrace_trace *trace,
						const struct sk_buff *skb);
void droptrace_pool_give_back(struct droptrace_context *ctx);
void droptrace_pool_finish(struct droptrace_context *ctx);

u64 droptrace_pool_missed(struct droptrace_trace *trace);
void droptrace_pool_sweep(struct droptrace_trace *trace);

#endif /* DROPTRACE_POOL_H */

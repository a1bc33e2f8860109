/* SPDX-License-Identifier: GPL-2.0-only */
/* Filters: which packets are meant, and how much of them is wanted. */
#ifndef DROPTRACE_FILTER_H
#define DROPTRACE_FILTER_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "compat.h"
#include "drop.h"
#include "droptrace.h"

struct module;
struct sock;

/**
 * struct droptrace_range - a stretch of kernel code
 * @start: first address
 * @end: address behind the last one
 */
struct droptrace_range {
	u64 start;
	u64 end;
};

/**
 * struct droptrace_filter_stats - one CPU's share
 * @hits: packets that matched
 * @limited: of these, beyond rate or count
 * @errors: packets without a network header that the program could be run on
 */
struct droptrace_filter_stats {
	u64 hits;
	u64 limited;
	u64 errors;
};

/* Bits of struct droptrace_filter.checks. */
#define DROPTRACE_CHECK_COUNT	BIT(0)
#define DROPTRACE_CHECK_REASON	BIT(1)
#define DROPTRACE_CHECK_RANGE	BIT(2)
#define DROPTRACE_CHECK_MARK	BIT(3)
#define DROPTRACE_CHECK_PLACE	BIT(4)

/**
 * struct droptrace_filter - a filter
 * @node: in the list of filters; under droptrace_mutex
 * @id: never used twice
 * @owner: socket or trace that it goes with, NULL if it stays; compared, never followed
 * @name: unique, may be empty
 * @expr: text of the expression, or NULL; for listings
 * @inner_expr: the same for @inner
 * @function: what @ranges stand for, or NULL
 * @plain: @prog is all there is to ask
 * @checks: what is to be asked beside the programs, DROPTRACE_CHECK_*
 * @prog: the packet must satisfy this; NULL for any
 * @inner: the packet inside a tunnel must; NULL for any
 * @dev: name of the device, padded with zeros; empty for any
 * @netns: inode number of the network namespace, 0 for any
 * @mark: the packet's mark
 * @mark_mask: bits of it that count
 * @nr_reasons: 0 for any
 * @reasons: drop reasons, one of which must equal
 * @nr_ranges: 0 for any
 * @ranges: code that must have freed the packet
 * @exclude: matching packets are not wanted
 * @snaplen: bytes of the packet to keep, -1 if the session decides
 * @rate: events per second, 0 for no limit
 * @count: events in all, 0 for no limit
 * @stale: the module that @ranges lay in is gone; written under droptrace_mutex
 * @window: the second under way and the events in it, see filter_rate_admits()
 * @used: events admitted, counted only where @count is set
 * @stats: per CPU
 *
 * All but @stale, @window, @used and @stats is fixed before the filter is
 * published in a ruleset.
 */
struct droptrace_filter {
	struct list_head node;
	u32 id;
	const void *owner;
	char name[DROPTRACE_NAME_MAX + 1];
	char *expr;
	char *inner_expr;
	char *function;
	bool plain;
	unsigned int checks;
	struct bpf_prog *prog;
	struct bpf_prog *inner;
	char dev[IFNAMSIZ];
	u32 netns;
	u32 mark;
	u32 mark_mask;
	unsigned int nr_reasons;
	u32 reasons[DROPTRACE_REASONS_MAX];
	unsigned int nr_ranges;
	struct droptrace_range ranges[DROPTRACE_RANGES_MAX];
	bool exclude;
	int snaplen;
	u32 rate;
	u64 count;
	bool stale;
	atomic64_t window;
	atomic64_t used;
	struct droptrace_filter_stats __percpu *stats;
};

extern struct list_head droptrace_filters;
extern unsigned int droptrace_nr_filters;

struct droptrace_filter *droptrace_filter_alloc(void);
void droptrace_filter_free(struct droptrace_filter *filter);
int droptrace_filter_add(struct droptrace_filter *filter);
struct droptrace_filter *droptrace_filter_find(u32 id);
struct droptrace_filter *droptrace_filter_find_name(const char *name);
bool droptrace_filter_visible(const struct droptrace_filter *filter, const void *who);
void droptrace_filter_remove(struct list_head *removed);
void droptrace_filter_collect_owned(const void *owner, struct list_head *removed);
void droptrace_filter_exit(void);
void droptrace_filter_module_going(const struct module *module);

bool droptrace_filter_meets(const struct droptrace_filter *filter, struct droptrace_drop *drop);
bool droptrace_filter_match_packet(const struct droptrace_filter *filter,
				   struct droptrace_drop *drop);
bool droptrace_filter_match_fully(struct droptrace_filter *filter, struct droptrace_drop *drop);
bool droptrace_filter_admit(struct droptrace_filter *filter);
void droptrace_filter_sum(const struct droptrace_filter *filter,
			  struct droptrace_filter_stats *sum);

/**
 * droptrace_filter_match() - is this drop meant
 * @filter: the filter
 * @drop: the drop
 *
 * Inline for filters that are a program and nothing else.
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: true if it is; it is counted then.
 */
static inline bool droptrace_filter_match(struct droptrace_filter *filter,
					  struct droptrace_drop *drop)
{
	if (unlikely(!filter->plain || !drop->pkt.found))
		return droptrace_filter_match_fully(filter, drop);
	if (!droptrace_compat_bpf_run(filter->prog, &drop->pkt.view))
		return false;
	this_cpu_inc(filter->stats->hits);
	return true;
}

#endif /* DROPTRACE_FILTER_H */

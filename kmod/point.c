// SPDX-License-Identifier: GPL-2.0-only
/*
 * Points.  A point is a kprobe with a handler of its own before the instruction and
 * none behind it, so that the kernel can make a jump of it.
 *
 * The kernel refuses what cannot be probed, with few words; why it did is found out
 * afterwards, for the client.
 */
#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "arch.h"
#include "context.h"
#include "point.h"
#include "trace.h"

/*
 * Most hits are of packets that nobody follows, on a CPU where no context is open:
 * these must cost next to nothing.
 */
static int __kprobes point_handler(struct kprobe *kprobe, struct pt_regs *regs)
{
	const struct droptrace_trace_point *point =
		container_of(kprobe, struct droptrace_trace_point, kprobe);
	const struct droptrace_trace *trace = point->trace;

	this_cpu_inc(point->hits[0]);
	if (!point->opens && !droptrace_trace_any_open(trace))
		return 0;
	droptrace_context_hit(point, regs);
	return 0;
}

/* Does nothing, and keeps the kernel from making a jump of the probe. */
static void __kprobes point_behind(struct kprobe *kprobe, struct pt_regs *regs,
				   unsigned long flags)
{
}

static int point_register(struct kprobe *kprobe, unsigned long address, u32 flags, bool trap)
{
	memset(kprobe, 0, sizeof(*kprobe));
	kprobe->addr = (kprobe_opcode_t *)address;
	kprobe->pre_handler = point_handler;
	if (trap)
		kprobe->post_handler = point_behind;
	kprobe->flags = flags;
	return register_kprobe(kprobe);
}

/* How far into its function: false if it is in none. */
static bool point_offset(unsigned long address, unsigned long *offset)
{
	char symbol[KSYM_SYMBOL_LEN];
	const char *plus;

	sprint_symbol(symbol, address);
	plus = strrchr(symbol, '+');
	return plus && sscanf(plus, "+0x%lx", offset) == 1;
}

/*
 * Can it be a trap that stays one? Where ftrace calls from, behind endbr64 at the
 * most, there is neither trap nor jump, and a post-handler beside a probe without
 * one crashed 6.1.192.
 */
static bool point_may_stay_trap(unsigned long address)
{
	unsigned long offset;

	return point_offset(address, &offset) && offset > 4;
}

/* Is all of the function forbidden? Then its first instruction is. */
static bool point_function_refused(unsigned long address)
{
	struct kprobe *kprobe;
	unsigned long offset;
	int err;

	if (!point_offset(address, &offset))
		return false;
	if (!offset)
		return true;
	kprobe = kzalloc(sizeof(*kprobe), GFP_KERNEL);
	if (!kprobe)
		return false;
	err = point_register(kprobe, address - offset, KPROBE_FLAG_DISABLED, false);
	if (!err)
		unregister_kprobe(kprobe);
	kfree(kprobe);
	return err == -EINVAL;
}

static enum droptrace_refusal_reason point_reason(unsigned long address, int err)
{
	/* whatever was said of it: 5.10 takes the last page's addresses for errors */
	if (!droptrace_arch_executable(address))
		return DROPTRACE_REFUSED_NOT_TEXT;
	switch (err) {
	case -ENOENT:
		return DROPTRACE_REFUSED_GONE;
	case -EINVAL:
		if (point_function_refused(address))
			return DROPTRACE_REFUSED_BLACKLIST;
		return DROPTRACE_REFUSED_INSTRUCTION;
	case -EILSEQ:
		return DROPTRACE_REFUSED_BOUNDARY;
	case -EOPNOTSUPP:
	case -EBUSY:
		return DROPTRACE_REFUSED_INSTRUCTION;
	}
	return DROPTRACE_REFUSED_OTHER;
}

static int point_try(struct droptrace_trace_point *point, unsigned long address)
{
	int err;

	if (address < TASK_SIZE_MAX) {
		point->reason = DROPTRACE_REFUSED_NOT_TEXT;
		return -EINVAL;
	}
	if (within_module(address, THIS_MODULE)) {
		point->reason = DROPTRACE_REFUSED_OWN;
		return -EINVAL;
	}
	err = point_register(&point->kprobe, address, 0,
			     point->trace->traps && point_may_stay_trap(address));
	if (err)
		point->reason = point_reason(address, err);
	return err;
}

/**
 * droptrace_point_arm() - arm a point
 * @point: added; gets its state, and why it was refused if it was
 *
 * Context: Process context. May sleep. Expects droptrace_mutex to be held by caller.
 * Return: 0 or -errno.
 */
int droptrace_point_arm(struct droptrace_trace_point *point)
{
	unsigned long address = (unsigned long)point->kprobe.addr;
	int err;

	lockdep_assert_held(&droptrace_mutex);
	err = point_try(point, address);
	if (err) {
		/* the kernel may have changed it */
		point->kprobe.addr = (kprobe_opcode_t *)address;
		point->error = -err;
		point->state = DROPTRACE_POINT_REFUSED;
		return err;
	}
	point->state = DROPTRACE_POINT_ARMED;
	point->trace->nr_armed++;
	atomic_inc(&droptrace_objects);
	return 0;
}

/* Batches, for the grace period that each costs. */
#define POINT_BATCH 64

/**
 * droptrace_point_disarm() - disarm points
 * @points: points in any state; those that were armed are as added afterwards
 * @nr: their number
 *
 * When it returns, no CPU is in the handler of one of them.
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 */
void droptrace_point_disarm(struct droptrace_trace_point **points, unsigned int nr)
{
	struct kprobe *batch[POINT_BATCH];
	unsigned int i, n = 0;

	lockdep_assert_held(&droptrace_mutex);
	for (i = 0; i < nr; i++) {
		if (points[i]->state == DROPTRACE_POINT_ARMED) {
			points[i]->state = DROPTRACE_POINT_ADDED;
			points[i]->trace->nr_armed--;
			atomic_dec(&droptrace_objects);
			batch[n++] = &points[i]->kprobe;
		}
		if (n == POINT_BATCH || (n && i == nr - 1)) {
			unregister_kprobes(batch, n);
			n = 0;
		}
	}
}

/**
 * droptrace_point_module_going() - let go of the points in a module
 * @trace: the trace
 * @module: the module, whose code is still there
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 * Return: how many there were.
 */
unsigned int droptrace_point_module_going(struct droptrace_trace *trace,
					  const struct module *module)
{
	struct droptrace_trace_point *batch[POINT_BATCH], *point;
	unsigned int i, n = 0, nr = 0;

	for (i = 0; i < trace->nr_points; i++) {
		point = trace->points[i];
		if (point->state != DROPTRACE_POINT_GONE &&
		    within_module((unsigned long)point->kprobe.addr, module)) {
			batch[n++] = point;
			nr++;
		}
		if (n == POINT_BATCH || (n && i == trace->nr_points - 1)) {
			droptrace_point_disarm(batch, n);
			while (n)
				batch[--n]->state = DROPTRACE_POINT_GONE;
		}
	}
	return nr;
}

/**
 * droptrace_point_optimized() - is a point a jump
 * @point: the point
 *
 * The kernel keeps that to itself, but the code tells.
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: true if it is armed, and met without a breakpoint.
 */
bool droptrace_point_optimized(const struct droptrace_trace_point *point)
{
	u8 byte;

	if (point->state != DROPTRACE_POINT_ARMED ||
	    copy_from_kernel_nofault(&byte, point->kprobe.addr, sizeof(byte)))
		return false;
	return byte != DROPTRACE_ARCH_BREAKPOINT;
}

/**
 * droptrace_point_hits() - how often a point was met
 * @point: the point
 *
 * Context: Any context.
 * Return: hits on all CPUs.
 */
u64 droptrace_point_hits(const struct droptrace_trace_point *point)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(point->hits, cpu));
	return sum;
}

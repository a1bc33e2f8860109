/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all parts of the module share: its name in messages, the one mutex of
 * the configuration, the count of its objects.
 *
 * Two kinds of code meet here.  Configuration (netlink handlers, socket
 * release, module exit) runs in process context under droptrace_mutex and may
 * sleep.  Recording (the tracepoint probe and what it calls) runs in any
 * context, reads the configuration through one RCU-protected snapshot
 * (ruleset.h), and never sleeps, allocates, prints or takes a lock.
 */
#ifndef DROPTRACE_H
#define DROPTRACE_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/droptrace.h>

#define DROPTRACE_VERSION "0.1.0"

/* Execution levels of a CPU; each can interrupt those before it. */
enum droptrace_level {
	DROPTRACE_LEVEL_TASK,
	DROPTRACE_LEVEL_SOFTIRQ,
	DROPTRACE_LEVEL_HARDIRQ,
	DROPTRACE_LEVEL_NMI,
	DROPTRACE_LEVELS
};

/*
 * droptrace_mutex protects the lists of filters and sessions, what they were
 * asked to do, the counting switch, and the publishing of rulesets.  Taken in
 * process context only; outermost of the module's locks.
 */
extern struct mutex droptrace_mutex;

/*
 * Filters, sessions, rings, messages and counter tables that exist.  For the
 * status, so that a leak shows: nothing decides on its value.
 */
extern atomic_t droptrace_objects;

#endif /* DROPTRACE_H */

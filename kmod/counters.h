/* SPDX-License-Identifier: GPL-2.0-only */
/* Counts of drops by where, why and on which device. */
#ifndef DROPTRACE_COUNTERS_H
#define DROPTRACE_COUNTERS_H

#include <linux/types.h>

struct droptrace_drop;

/**
 * struct droptrace_counter_key - what is counted apart
 * @location: return address of the call that freed the packet
 * @reason: the kernel's number
 * @netns: inode number of the network namespace, 0 if unknown
 * @ifindex: of the device, 0 if unknown
 * @protocol: EtherType behind VLAN tags, host order, 0 if unknown
 */
struct droptrace_counter_key {
	u64 location;
	u32 reason;
	u32 netns;
	u32 ifindex;
	u32 protocol;
} __aligned(8);

/**
 * struct droptrace_counter - a row of the counters
 * @key: what it counts; not set for the row of what found no place
 * @overflow: this is that row
 * @packets: drops
 * @bytes: their lengths from the network header on
 */
struct droptrace_counter {
	struct droptrace_counter_key key;
	bool overflow;
	u64 packets;
	u64 bytes;
};

/*
 * Whether drops are counted; written under droptrace_mutex. For the probe a mere
 * hint: the tables are what it goes by.
 */
extern bool droptrace_counters_on;

int droptrace_counters_get(void);
void droptrace_counters_put(void);
int droptrace_counters_keep(bool keep);
int droptrace_counters_reset(void);
u64 droptrace_counters_since(void);
void droptrace_counters_exit(void);

void droptrace_counters_count(struct droptrace_drop *drop);

bool droptrace_counters_next(unsigned long *position, struct droptrace_counter *counter);

#endif /* DROPTRACE_COUNTERS_H */

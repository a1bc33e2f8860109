/* SPDX-License-Identifier: GPL-2.0-only */
/* The network devices that exist, by their address. */
#ifndef DROPTRACE_DEVICE_H
#define DROPTRACE_DEVICE_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct net_device;

/**
 * struct droptrace_device - what is known of a device; immutable once published
 * @node: in the table, by @dev
 * @rcu: frees it
 * @dev: the device; compared, never followed
 * @ifindex: its index
 * @netns: inode number of its network namespace
 * @name: its name, padded with zeros
 */
struct droptrace_device {
	struct hlist_node node;
	struct rcu_head rcu;
	const struct net_device *dev;
	u32 ifindex;
	u32 netns;
	char name[IFNAMSIZ];
};

int droptrace_device_init(void);
void droptrace_device_exit(void);

const struct droptrace_device *droptrace_device_find(const void *dev);
bool droptrace_device_exists(const char *name, u32 netns);
bool droptrace_device_name(u32 netns, u32 ifindex, char name[IFNAMSIZ]);

#endif /* DROPTRACE_DEVICE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* The network devices that exist, by their address. */
#ifndef DROPTRACE_DEVICE_H
#define DROPTRACE_DEVICE_H

#include <linux/hash.h>
#include <linux/if.h>
#include <linux/rculist.h>
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

#define DROPTRACE_DEVICE_BITS 8

/* Changed by device.c; read under RCU. */
extern struct hlist_head droptrace_devices[1 << DROPTRACE_DEVICE_BITS];

int droptrace_device_init(void);
void droptrace_device_exit(void);

bool droptrace_device_exists(const char *name, u32 netns);
bool droptrace_device_name(u32 netns, u32 ifindex, char name[IFNAMSIZ]);

static inline struct hlist_head *droptrace_device_bucket(const void *dev)
{
	return &droptrace_devices[hash_ptr(dev, DROPTRACE_DEVICE_BITS)];
}

/**
 * droptrace_device_find() - look up what may be a device
 * @dev: an address, valid or not; never followed
 *
 * Context: Any context, NMI-safe. Expects preemption to be off or the RCU read
 * lock to be held, and for as long as the result is used.
 * Return: the device, or NULL if there is none at that address.
 */
static inline const struct droptrace_device *droptrace_device_find(const void *dev)
{
	const struct droptrace_device *device;

	if (!dev)
		return NULL;
	hlist_for_each_entry_rcu_notrace(device, droptrace_device_bucket(dev), node)
		if (device->dev == dev)
			return device;
	return NULL;
}

#endif /* DROPTRACE_DEVICE_H */

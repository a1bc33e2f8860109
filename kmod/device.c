// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices by address.  A buffer's device pointer cannot be trusted when the
 * buffer is freed: skb->dev shares its place with UDP's scratch space and with
 * the links of the trees that TCP and some queueing disciplines keep packets in.
 * So the probe never follows it, it looks it up among the devices that exist.
 *
 * Kept up to date by the netdevice notifier, for every network namespace.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>

#include "device.h"

/* device_table_lock protects changes of the table; readers are under RCU. */
static DEFINE_SPINLOCK(device_table_lock);
struct hlist_head droptrace_devices[1 << DROPTRACE_DEVICE_BITS];

/* The first device, under RCU, that has a name (or NULL), index (or 0), netns (or 0). */
static const struct droptrace_device *device_search(const char *name, u32 ifindex, u32 netns)
{
	const struct droptrace_device *device;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(droptrace_devices); i++)
		hlist_for_each_entry_rcu(device, &droptrace_devices[i], node)
			if ((!name || !strncmp(device->name, name, IFNAMSIZ)) &&
			    (!ifindex || device->ifindex == ifindex) &&
			    (!netns || device->netns == netns))
				return device;
	return NULL;
}

/**
 * droptrace_device_exists() - is there a device of that name
 * @name: the name
 * @netns: inode number of the network namespace to look in, 0 for any
 *
 * Context: Any context. Takes the RCU read lock.
 * Return: true if there is.
 */
bool droptrace_device_exists(const char *name, u32 netns)
{
	bool found;

	rcu_read_lock();
	found = device_search(name, 0, netns);
	rcu_read_unlock();
	return found;
}

/**
 * droptrace_device_name() - name of a device by its index
 * @netns: inode number of its network namespace
 * @ifindex: its index, not 0
 * @name: set to its name
 *
 * Context: Any context. Takes the RCU read lock.
 * Return: false if there is no such device (any more).
 */
bool droptrace_device_name(u32 netns, u32 ifindex, char name[IFNAMSIZ])
{
	const struct droptrace_device *device;

	rcu_read_lock();
	device = device_search(NULL, ifindex, netns);
	if (device)
		memcpy(name, device->name, IFNAMSIZ);
	rcu_read_unlock();
	return device;
}

static struct droptrace_device *device_entry(const struct net_device *dev)
{
	struct droptrace_device *device;

	hlist_for_each_entry(device, droptrace_device_bucket(dev), node)
		if (device->dev == dev)
			return device;
	return NULL;
}

static void device_forget(const struct net_device *dev)
{
	struct droptrace_device *device;

	spin_lock(&device_table_lock);
	device = device_entry(dev);
	if (device)
		hlist_del_rcu(&device->node);
	spin_unlock(&device_table_lock);
	if (device)
		kfree_rcu(device, rcu);
}

/* Without memory the device stays unknown, or keeps its old name: no veto. */
static void device_learn(const struct net_device *dev)
{
	struct droptrace_device *device, *old;

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return;
	device->dev = dev;
	device->ifindex = dev->ifindex;
	device->netns = dev_net(dev)->ns.inum;
	strscpy(device->name, dev->name, sizeof(device->name));

	spin_lock(&device_table_lock);
	old = device_entry(dev);	/* under another name */
	if (old)
		hlist_replace_rcu(&old->node, &device->node);
	else
		hlist_add_head_rcu(&device->node, droptrace_device_bucket(dev));
	spin_unlock(&device_table_lock);
	if (old)
		kfree_rcu(old, rcu);
}

/* Under rtnl; a device that moves to another namespace leaves and comes. */
static int device_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_CHANGENAME:
		device_learn(dev);
		break;
	case NETDEV_UNREGISTER:
		device_forget(dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_notify,
};

/**
 * droptrace_device_init() - learn of all devices, and of changes from now on
 *
 * Context: Process context. May sleep; takes rtnl.
 * Return: 0 or -errno.
 */
int droptrace_device_init(void)
{
	return register_netdevice_notifier(&device_notifier);
}

/**
 * droptrace_device_exit() - forget all devices
 *
 * Unregistering the notifier plays back the removal of every device. The
 * caller still has to wait for RCU callbacks.
 *
 * Context: Process context. May sleep; takes rtnl.
 */
void droptrace_device_exit(void)
{
	unregister_netdevice_notifier(&device_notifier);
}

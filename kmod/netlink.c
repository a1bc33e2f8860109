// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family: who is let in, and the module's status.  Handlers
 * of filters, sessions, counters and traces stand in files of their own; tables in
 * netlink_policy.c.
 *
 * Process context of the client.  Requests run side by side; droptrace_mutex keeps
 * them apart from each other and from sockets being closed.
 */
#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/timekeeping.h>

#include "access.h"
#include "compat.h"
#include "counters.h"
#include "filter.h"
#include "loss.h"
#include "netlink.h"
#include "probe_skb.h"
#include "session.h"

static u64 netlink_loaded;	/* CLOCK_BOOTTIME, ns; constant after init */

static int netlink_pre_doit(droptrace_compat_pre_doit_ops *ops, struct sk_buff *skb,
			    struct genl_info *info)
{
	return droptrace_access_check(skb, info->extack);
}

struct genl_family droptrace_netlink_family __ro_after_init = {
	.name = DROPTRACE_GENL_NAME,
	.version = DROPTRACE_GENL_VERSION,
	.netnsok = true,
	/* droptrace_mutex is enough; grace periods are not waited for under genl_lock. */
	.parallel_ops = true,
	.module = THIS_MODULE,
	.pre_doit = netlink_pre_doit,
	.ops = droptrace_nl_ops,
	.n_ops = ARRAY_SIZE(droptrace_nl_ops),
};

/**
 * droptrace_netlink_dump_start() - let a dump begin
 * @cb: the dump
 *
 * Context: Process context.
 * Return: 0 or -EPERM.
 */
int droptrace_netlink_dump_start(struct netlink_callback *cb)
{
	/* Room for the largest object, however small the client's first read is. */
	cb->min_dump_alloc = DROPTRACE_DUMP_ALLOC;
	return droptrace_access_check(cb->skb, cb->extack);
}

/**
 * droptrace_netlink_dump_end() - what a dump handler returns
 * @msg: reply
 * @err: 0 if all was put in, -EMSGSIZE if an object found no room
 *
 * Return: length of @msg; 0 at the end; -EMSGSIZE if not even one object fits,
 * which would otherwise look like the end.
 */
int droptrace_netlink_dump_end(const struct sk_buff *msg, int err)
{
	return msg->len ? msg->len : err;
}

/**
 * droptrace_netlink_name_valid() - may a filter or a trace be called that
 * @name: the name
 *
 * Return: true for a letter and then letters, digits or ._-
 */
bool droptrace_netlink_name_valid(const char *name)
{
	const char *c;

	/* The kernel's isalpha() takes the letters of Latin-1 for such, too. */
	for (c = name; *c; c++)
		if (!isascii(*c) || (!isalnum(*c) && !strchr("._-", *c)))
			return false;
	return isalpha(*name);
}

static u32 netlink_features(void)
{
	u32 features = 0;

	if (DROPTRACE_KFREE_SKB_REASON)
		features |= DROPTRACE_FEATURE_REASON;
	if (DROPTRACE_KFREE_SKB_RX_SK)
		features |= DROPTRACE_FEATURE_RX_SK;
	if (droptrace_access_addresses())
		features |= DROPTRACE_FEATURE_ADDRESSES | DROPTRACE_FEATURE_POINTS;
	return features;
}

static int status_fill(struct sk_buff *msg)
{
	struct droptrace_tally tally = {};
	int objects = atomic_read(&droptrace_objects);

	droptrace_session_sum_all(&tally);
	if (nla_put_string(msg, DROPTRACE_A_STATUS_MODULE_VERSION, DROPTRACE_VERSION) ||
	    nla_put_u32(msg, DROPTRACE_A_STATUS_ABI, DROPTRACE_GENL_VERSION) ||
	    nla_put_u32(msg, DROPTRACE_A_STATUS_FEATURES, netlink_features()) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_STATUS_UPTIME_NS,
			      ktime_get_boottime_ns() - netlink_loaded,
			      DROPTRACE_A_STATUS_PAD) ||
	    nla_put_u8(msg, DROPTRACE_A_STATUS_PROBE_ARMED, droptrace_probe_skb_armed()) ||
	    nla_put_u8(msg, DROPTRACE_A_STATUS_COUNTING, droptrace_counters_on) ||
	    nla_put_u32(msg, DROPTRACE_A_STATUS_SESSIONS, droptrace_nr_sessions) ||
	    nla_put_u32(msg, DROPTRACE_A_STATUS_FILTERS, droptrace_nr_filters) ||
	    nla_put_u32(msg, DROPTRACE_A_STATUS_OBJECTS, objects) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_STATUS_PRODUCED, tally.produced,
			      DROPTRACE_A_STATUS_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_STATUS_DELIVERED, tally.delivered,
			      DROPTRACE_A_STATUS_PAD) ||
	    droptrace_loss_fill(msg, DROPTRACE_A_STATUS_LOSS, &tally))
		return -EMSGSIZE;
	return 0;
}

/**
 * droptrace_status_get_doit() - DROPTRACE_CMD_STATUS_GET
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno.
 */
int droptrace_status_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *head;
	int err;

	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	head = genlmsg_put_reply(msg, info, &droptrace_netlink_family, 0,
				 DROPTRACE_CMD_STATUS_GET);
	if (!head) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}

	mutex_lock(&droptrace_mutex);
	err = status_fill(msg);
	mutex_unlock(&droptrace_mutex);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, head);
	return genlmsg_reply(msg, info);
}

/**
 * droptrace_netlink_init() - register the family; requests come from here on
 *
 * Context: Process context. May sleep.
 * Return: 0 or -errno.
 */
int droptrace_netlink_init(void)
{
	netlink_loaded = ktime_get_boottime_ns();
	return genl_register_family(&droptrace_netlink_family);
}

/**
 * droptrace_netlink_exit() - unregister the family; no request runs any more
 *
 * Context: Process context. May sleep.
 */
void droptrace_netlink_exit(void)
{
	genl_unregister_family(&droptrace_netlink_family);
}

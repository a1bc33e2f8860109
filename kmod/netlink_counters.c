// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests about the drop counters.
 *
 * Process context of the client.
 */
#include <net/genetlink.h>

#include "access.h"
#include "compat.h"
#include "counters.h"
#include "device.h"
#include "netlink.h"
#include "session.h"

/* Wanted by this socket: gone with it, or by its own word. */
static int counter_set_owned(struct sk_buff *skb, const struct genl_info *info, bool enable)
{
	struct droptrace_session *session;
	int err = 0;

	session = droptrace_session_get(NETLINK_CB(skb).sk, info->snd_portid, info->extack);
	if (IS_ERR(session))
		return PTR_ERR(session);
	if (enable && !session->counting)
		err = droptrace_counters_get();
	else if (!enable && session->counting)
		droptrace_counters_put();
	if (!err)
		session->counting = enable;
	droptrace_session_put_unused(session);
	return err;
}

static int counter_set(struct sk_buff *skb, const struct genl_info *info)
{
	const struct nlattr *enable = info->attrs[DROPTRACE_A_COUNTER_ENABLE];
	bool owned = nla_get_flag(info->attrs[DROPTRACE_A_COUNTER_OWNED]);
	bool reset = nla_get_flag(info->attrs[DROPTRACE_A_COUNTER_RESET]);
	int err = 0;

	if (!enable && !reset) {
		NL_SET_ERR_MSG(info->extack, "one of enable and reset is needed");
		return -EINVAL;
	}
	if (owned && !enable) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[DROPTRACE_A_COUNTER_OWNED],
				    "owned goes with enable");
		return -EINVAL;
	}
	if (enable)
		err = owned ? counter_set_owned(skb, info, nla_get_u8(enable)) :
			      droptrace_counters_keep(nla_get_u8(enable));
	if (!err && reset)
		err = droptrace_counters_reset();
	return err;
}

/**
 * droptrace_counter_set_doit() - DROPTRACE_CMD_COUNTER_SET
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno.
 */
int droptrace_counter_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	mutex_lock(&droptrace_mutex);
	err = counter_set(skb, info);
	mutex_unlock(&droptrace_mutex);
	return err;
}

static int counter_fill_location(struct sk_buff *msg, u64 location)
{
	char symbol[KSYM_SYMBOL_LEN];

	if (droptrace_access_addresses())
		return nla_put_u64_64bit(msg, DROPTRACE_A_COUNTER_LOCATION, location,
					 DROPTRACE_A_COUNTER_PAD);
	if (!droptrace_access_symbol(location, symbol))
		return 0;
	return nla_put_string(msg, DROPTRACE_A_COUNTER_SYMBOL, symbol);
}

static int counter_fill_key(struct sk_buff *msg, const struct droptrace_counter_key *key)
{
	char dev[IFNAMSIZ];

	if (counter_fill_location(msg, key->location) ||
	    (DROPTRACE_KFREE_SKB_REASON &&
	     nla_put_u32(msg, DROPTRACE_A_COUNTER_REASON, key->reason)) ||
	    (key->netns && nla_put_u32(msg, DROPTRACE_A_COUNTER_NETNS, key->netns)) ||
	    (key->ifindex && nla_put_u32(msg, DROPTRACE_A_COUNTER_IFINDEX, key->ifindex)) ||
	    (key->ifindex && droptrace_device_name(key->netns, key->ifindex, dev) &&
	     nla_put_string(msg, DROPTRACE_A_COUNTER_DEV, dev)) ||
	    nla_put_u16(msg, DROPTRACE_A_COUNTER_PROTOCOL, key->protocol))
		return -EMSGSIZE;
	return 0;
}

static int counter_fill(struct sk_buff *msg, const struct droptrace_counter *counter)
{
	if (counter->overflow ? nla_put_flag(msg, DROPTRACE_A_COUNTER_OVERFLOW) :
		       counter_fill_key(msg, &counter->key))
		return -EMSGSIZE;
	if (nla_put_u64_64bit(msg, DROPTRACE_A_COUNTER_PACKETS, counter->packets,
			      DROPTRACE_A_COUNTER_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_COUNTER_BYTES, counter->bytes,
			      DROPTRACE_A_COUNTER_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_COUNTER_SINCE_NS, droptrace_counters_since(),
			      DROPTRACE_A_COUNTER_PAD))
		return -EMSGSIZE;
	return 0;
}

/**
 * droptrace_counter_get_dumpit() - DROPTRACE_CMD_COUNTER_GET
 * @msg: reply
 * @cb: the dump; args[0] is where to go on
 *
 * Return: length of @msg, 0 at the end, or -errno.
 */
int droptrace_counter_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	unsigned long position = cb->args[0];
	struct droptrace_counter counter;
	void *head;
	int err = 0;

	mutex_lock(&droptrace_mutex);
	for (; droptrace_counters_next(&position, &counter); position++) {
		head = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &droptrace_netlink_family, NLM_F_MULTI,
				   DROPTRACE_CMD_COUNTER_GET);
		err = head ? counter_fill(msg, &counter) : -EMSGSIZE;
		if (err) {
			if (head)
				genlmsg_cancel(msg, head);
			break;
		}
		genlmsg_end(msg, head);
	}
	mutex_unlock(&droptrace_mutex);
	cb->args[0] = position;
	return droptrace_netlink_dump_end(msg, err);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests about filters.  Everything about a filter is read and checked before
 * it is put into force; what cannot be honoured is refused with the attribute
 * that is to blame.
 *
 * Process context of the client.
 */
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "access.h"
#include "compat.h"
#include "device.h"
#include "filter.h"
#include "filter_prog.h"
#include "netlink.h"
#include "session.h"

static int filter_read_string(const struct genl_info *info, int attr, char **text)
{
	if (!info->attrs[attr])
		return 0;
	*text = nla_strdup(info->attrs[attr], GFP_KERNEL);
	return *text ? 0 : -ENOMEM;
}

static int filter_read_name(struct droptrace_filter *filter, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_FILTER_NAME];

	if (!attr)
		return 0;
	droptrace_compat_nla_strscpy(filter->name, attr, sizeof(filter->name));
	if (!droptrace_netlink_name_valid(filter->name)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a name is a letter and then letters, digits or ._-");
		return -EINVAL;
	}
	return 0;
}

static int filter_read_prog(const struct genl_info *info, int attr, struct bpf_prog **prog)
{
	struct bpf_prog *created;

	if (!info->attrs[attr])
		return 0;
	created = droptrace_filter_prog_create(info->attrs[attr], info->extack);
	if (IS_ERR(created))
		return PTR_ERR(created);
	*prog = created;
	return 0;
}

static bool filter_netns_exists(u32 inum)
{
	bool found = false;
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net)
		if (net->ns.inum == inum)
			found = true;
	up_read(&net_rwsem);
	return found;
}

static int filter_read_netns(struct droptrace_filter *filter, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_FILTER_NETNS];

	if (!attr)
		return 0;
	filter->netns = nla_get_u32(attr);
	if (!filter_netns_exists(filter->netns)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such network namespace");
		return -ENOENT;
	}
	return 0;
}

/*
 * A name means the interface in the namespace given, else the caller's own, as
 * for every other tool; only if there is none, one of that name elsewhere.
 */
static int filter_read_dev(struct droptrace_filter *filter, const struct sk_buff *skb,
			   const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_FILTER_DEV];
	u32 own;

	if (!attr)
		return 0;
	own = sock_net(NETLINK_CB(skb).sk)->ns.inum;
	/* zeros behind it: the probe compares all of it */
	droptrace_compat_nla_strscpy(filter->dev, attr, sizeof(filter->dev));
	if (filter->dev[0] && droptrace_device_exists(filter->dev, filter->netns ?: own)) {
		filter->netns = filter->netns ?: own;
		return 0;
	}
	if (filter->dev[0] && !filter->netns && droptrace_device_exists(filter->dev, 0))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such interface");
	return -ENODEV;
}

static int filter_read_mark(struct droptrace_filter *filter, const struct genl_info *info)
{
	const struct nlattr *mark = info->attrs[DROPTRACE_A_FILTER_MARK];
	const struct nlattr *mask = info->attrs[DROPTRACE_A_FILTER_MARK_MASK];

	if (mask && !mark) {
		NL_SET_ERR_MSG_ATTR(info->extack, mask, "a mask without a mark");
		return -EINVAL;
	}
	if (!mark)
		return 0;
	filter->mark = nla_get_u32(mark);
	if (mask)
		filter->mark_mask = nla_get_u32(mask);
	if (filter->mark & ~filter->mark_mask) {
		NL_SET_ERR_MSG_ATTR(info->extack, mark, "the mark has bits outside its mask");
		return -EINVAL;
	}
	return 0;
}

static int filter_read_reasons(struct droptrace_filter *filter, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_FILTER_REASONS];

	if (!attr)
		return 0;
	if (!DROPTRACE_KFREE_SKB_REASON) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "this kernel gives no drop reasons");
		return -EOPNOTSUPP;
	}
	if (!nla_len(attr) || nla_len(attr) % sizeof(u32)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a whole number of reasons");
		return -EINVAL;
	}
	filter->nr_reasons = nla_len(attr) / sizeof(u32);
	memcpy(filter->reasons, nla_data(attr), nla_len(attr));
	return 0;
}

static int filter_read_ranges(struct droptrace_filter *filter, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_FILTER_RANGES];
	unsigned int i;

	if (!attr)
		return 0;
	if (!droptrace_access_addresses()) {
		/* Hits of a guessed range would tell where the kernel is. */
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "kernel addresses are not for this client");
		return -EPERM;
	}
	if (!nla_len(attr) || nla_len(attr) % sizeof(struct droptrace_range)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a whole number of address ranges");
		return -EINVAL;
	}
	filter->nr_ranges = nla_len(attr) / sizeof(struct droptrace_range);
	memcpy(filter->ranges, nla_data(attr), nla_len(attr));
	for (i = 0; i < filter->nr_ranges; i++) {
		if (filter->ranges[i].start < filter->ranges[i].end &&
		    filter->ranges[i].start >= TASK_SIZE_MAX)
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a range of kernel addresses");
		return -EINVAL;
	}
	return 0;
}

static void filter_read_limits(struct droptrace_filter *filter, const struct genl_info *info)
{
	if (info->attrs[DROPTRACE_A_FILTER_SNAPLEN])
		filter->snaplen = nla_get_u32(info->attrs[DROPTRACE_A_FILTER_SNAPLEN]);
	if (info->attrs[DROPTRACE_A_FILTER_RATE])
		filter->rate = nla_get_u32(info->attrs[DROPTRACE_A_FILTER_RATE]);
	if (info->attrs[DROPTRACE_A_FILTER_COUNT])
		filter->count = nla_get_u64(info->attrs[DROPTRACE_A_FILTER_COUNT]);
	filter->exclude = nla_get_flag(info->attrs[DROPTRACE_A_FILTER_EXCLUDE]);
}

/* What an excluding filter keeps back is neither kept in part nor rationed. */
static int filter_check_exclude(const struct droptrace_filter *filter,
				const struct genl_info *info)
{
	if (!filter->exclude || (filter->snaplen < 0 && !filter->rate && !filter->count))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[DROPTRACE_A_FILTER_EXCLUDE],
			    "snaplen, rate and count mean nothing to an excluding filter");
	return -EINVAL;
}

/* What the probe has to ask, in one word. */
static void filter_set_checks(struct droptrace_filter *filter, const struct genl_info *info)
{
	if (filter->count)
		filter->checks |= DROPTRACE_CHECK_COUNT;
	if (filter->nr_reasons)
		filter->checks |= DROPTRACE_CHECK_REASON;
	if (filter->nr_ranges)
		filter->checks |= DROPTRACE_CHECK_RANGE;
	if (info->attrs[DROPTRACE_A_FILTER_MARK])
		filter->checks |= DROPTRACE_CHECK_MARK;
	if (filter->netns || filter->dev[0])
		filter->checks |= DROPTRACE_CHECK_PLACE;
	filter->plain = filter->prog && !filter->inner && !filter->checks;
}

static int filter_read(struct droptrace_filter *filter, const struct sk_buff *skb,
		       const struct genl_info *info)
{
	int err;

	filter_read_limits(filter, info);
	err = filter_check_exclude(filter, info);
	if (!err)
		err = filter_read_name(filter, info);
	if (!err)
		err = filter_read_string(info, DROPTRACE_A_FILTER_EXPR, &filter->expr);
	if (!err)
		err = filter_read_string(info, DROPTRACE_A_FILTER_INNER_EXPR,
					 &filter->inner_expr);
	if (!err)
		err = filter_read_string(info, DROPTRACE_A_FILTER_FUNCTION, &filter->function);
	if (!err)
		err = filter_read_netns(filter, info);
	if (!err)
		err = filter_read_dev(filter, skb, info);
	if (!err)
		err = filter_read_mark(filter, info);
	if (!err)
		err = filter_read_reasons(filter, info);
	if (!err)
		err = filter_read_ranges(filter, info);
	if (!err)
		err = filter_read_prog(info, DROPTRACE_A_FILTER_PROG, &filter->prog);
	if (!err)
		err = filter_read_prog(info, DROPTRACE_A_FILTER_INNER_PROG, &filter->inner);
	filter_set_checks(filter, info);
	return err;
}

static int filter_own(struct droptrace_filter *filter, struct sk_buff *skb,
		      const struct genl_info *info)
{
	struct droptrace_session *session;
	struct sock *sk = NETLINK_CB(skb).sk;

	if (!nla_get_flag(info->attrs[DROPTRACE_A_FILTER_OWNED]))
		return 0;
	session = droptrace_session_get(sk, info->snd_portid, info->extack);
	if (IS_ERR(session))
		return PTR_ERR(session);
	filter->owner = sk;
	return 0;
}

static int filter_insert(struct droptrace_filter *filter, struct sk_buff *skb,
			 const struct genl_info *info)
{
	int err;

	if (droptrace_nr_filters >= DROPTRACE_FILTERS_MAX) {
		NL_SET_ERR_MSG(info->extack, "there are 64 filters already");
		return -ENOSPC;
	}
	if (filter->name[0] && droptrace_filter_find_name(filter->name)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[DROPTRACE_A_FILTER_NAME],
				    "a filter of that name exists");
		return -EEXIST;
	}
	err = filter_own(filter, skb, info);
	if (err)
		return err;
	err = droptrace_filter_add(filter);
	if (err && filter->owner)
		droptrace_session_put_unused(droptrace_session_find(filter->owner));
	return err;
}

static int filter_fill_match(struct sk_buff *msg, const struct droptrace_filter *filter)
{
	if ((filter->name[0] && nla_put_string(msg, DROPTRACE_A_FILTER_NAME, filter->name)) ||
	    (filter->expr && nla_put_string(msg, DROPTRACE_A_FILTER_EXPR, filter->expr)) ||
	    (filter->inner_expr &&
	     nla_put_string(msg, DROPTRACE_A_FILTER_INNER_EXPR, filter->inner_expr)) ||
	    (filter->dev[0] && nla_put_string(msg, DROPTRACE_A_FILTER_DEV, filter->dev)) ||
	    (filter->netns && nla_put_u32(msg, DROPTRACE_A_FILTER_NETNS, filter->netns)) ||
	    ((filter->checks & DROPTRACE_CHECK_MARK) &&
	     (nla_put_u32(msg, DROPTRACE_A_FILTER_MARK, filter->mark) ||
	      nla_put_u32(msg, DROPTRACE_A_FILTER_MARK_MASK, filter->mark_mask))) ||
	    (filter->nr_reasons &&
	     nla_put(msg, DROPTRACE_A_FILTER_REASONS, filter->nr_reasons * sizeof(u32),
		     filter->reasons)) ||
	    (filter->function &&
	     nla_put_string(msg, DROPTRACE_A_FILTER_FUNCTION, filter->function)))
		return -EMSGSIZE;
	return 0;
}

static int filter_fill_limits(struct sk_buff *msg, const struct droptrace_filter *filter)
{
	if ((filter->exclude && nla_put_flag(msg, DROPTRACE_A_FILTER_EXCLUDE)) ||
	    (filter->owner && nla_put_flag(msg, DROPTRACE_A_FILTER_OWNED)) ||
	    (filter->snaplen >= 0 &&
	     nla_put_u32(msg, DROPTRACE_A_FILTER_SNAPLEN, filter->snaplen)) ||
	    (filter->rate && nla_put_u32(msg, DROPTRACE_A_FILTER_RATE, filter->rate)) ||
	    (filter->count &&
	     nla_put_u64_64bit(msg, DROPTRACE_A_FILTER_COUNT, filter->count,
			       DROPTRACE_A_FILTER_PAD)) ||
	    (filter->stale && nla_put_flag(msg, DROPTRACE_A_FILTER_STALE)))
		return -EMSGSIZE;
	return 0;
}

static int filter_fill(struct sk_buff *msg, const struct droptrace_filter *filter)
{
	struct droptrace_filter_stats sum;

	droptrace_filter_sum(filter, &sum);
	if (nla_put_u32(msg, DROPTRACE_A_FILTER_ID, filter->id) ||
	    filter_fill_match(msg, filter) ||
	    filter_fill_limits(msg, filter) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_FILTER_HITS, sum.hits, DROPTRACE_A_FILTER_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_FILTER_RATE_LIMITED, sum.limited,
			      DROPTRACE_A_FILTER_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_FILTER_ERRORS, sum.errors,
			      DROPTRACE_A_FILTER_PAD))
		return -EMSGSIZE;
	return 0;
}

/* The reply is made beforehand: nothing may fail once the filter is in force. */
static int filter_add(struct droptrace_filter *filter, struct sk_buff *skb,
		      struct genl_info *info)
{
	struct nlattr *id = NULL;
	struct sk_buff *msg;
	void *head;
	int err;

	msg = genlmsg_new(nla_total_size(sizeof(u32)), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	head = genlmsg_put_reply(msg, info, &droptrace_netlink_family, 0,
				 DROPTRACE_CMD_FILTER_ADD);
	if (head)
		id = nla_reserve(msg, DROPTRACE_A_FILTER_ID, sizeof(u32));
	if (!id) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}

	mutex_lock(&droptrace_mutex);
	err = filter_insert(filter, skb, info);
	/* the caller's alone no more: another may delete it once the lock is free */
	if (!err)
		*(u32 *)nla_data(id) = filter->id;
	mutex_unlock(&droptrace_mutex);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, head);
	genlmsg_reply(msg, info);
	return 0;
}

/**
 * droptrace_filter_add_doit() - DROPTRACE_CMD_FILTER_ADD
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno.
 */
int droptrace_filter_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct droptrace_filter *filter;
	int err;

	filter = droptrace_filter_alloc();
	if (!filter)
		return -ENOMEM;
	err = filter_read(filter, skb, info);
	if (!err)
		err = filter_add(filter, skb, info);
	if (err)
		droptrace_filter_free(filter);
	return err;
}

/* Filters of another client's socket are not ours to delete by --all. */
static void filter_collect_all(const struct sock *sk, struct list_head *removed)
{
	struct droptrace_filter *filter, *next;

	list_for_each_entry_safe(filter, next, &droptrace_filters, node)
		if (!filter->owner || filter->owner == sk)
			list_move_tail(&filter->node, removed);
}

static int filter_collect(struct sk_buff *skb, const struct genl_info *info,
			  struct list_head *removed)
{
	const struct nlattr *id = info->attrs[DROPTRACE_A_FILTER_ID];
	const struct nlattr *name = info->attrs[DROPTRACE_A_FILTER_NAME];
	struct droptrace_filter *filter;

	if (!!id + !!name + nla_get_flag(info->attrs[DROPTRACE_A_FILTER_ALL]) != 1) {
		NL_SET_ERR_MSG(info->extack, "one of id, name and all is needed");
		return -EINVAL;
	}
	if (!id && !name) {
		filter_collect_all(NETLINK_CB(skb).sk, removed);
		return 0;
	}

	filter = id ? droptrace_filter_find(nla_get_u32(id)) :
		      droptrace_filter_find_name(nla_data(name));
	if (!filter) {
		NL_SET_ERR_MSG_ATTR(info->extack, id ?: name, "no such filter");
		return -ENOENT;
	}
	list_move_tail(&filter->node, removed);
	return 0;
}

/**
 * droptrace_filter_del_doit() - DROPTRACE_CMD_FILTER_DEL
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno.
 */
int droptrace_filter_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	LIST_HEAD(removed);
	int err;

	mutex_lock(&droptrace_mutex);
	err = filter_collect(skb, info, &removed);
	droptrace_filter_remove(&removed);
	mutex_unlock(&droptrace_mutex);
	return err;
}

/**
 * droptrace_filter_get_dumpit() - DROPTRACE_CMD_FILTER_GET
 * @msg: reply
 * @cb: the dump; args[0] is the id of the last filter sent
 *
 * Return: length of @msg, 0 at the end, or -errno.
 */
int droptrace_filter_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct droptrace_filter *filter;
	void *head;
	int err = 0;

	mutex_lock(&droptrace_mutex);
	list_for_each_entry(filter, &droptrace_filters, node) {
		if (filter->id <= cb->args[0])	/* ids grow along the list */
			continue;
		head = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &droptrace_netlink_family, NLM_F_MULTI,
				   DROPTRACE_CMD_FILTER_GET);
		err = head ? filter_fill(msg, filter) : -EMSGSIZE;
		if (err) {
			if (head)
				genlmsg_cancel(msg, head);
			break;
		}
		genlmsg_end(msg, head);
		cb->args[0] = filter->id;
	}
	mutex_unlock(&droptrace_mutex);
	return droptrace_netlink_dump_end(msg, err);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests about traces.  Whoever may make them may see kernel
 * addresses, since both the questions and the answers are full of them.
 *
 * Process context of the client.
 */
#include <linux/err.h>
#include <net/genetlink.h>

#include "access.h"
#include "compat.h"
#include "filter.h"
#include "netlink.h"
#include "session.h"
#include "trace.h"

/**
 * droptrace_trace_check_rights() - may this client ask about traces
 * @extack: told why not
 *
 * Context: Process context of the client.
 * Return: 0 or -EPERM.
 */
int droptrace_trace_check_rights(struct netlink_ext_ack *extack)
{
	if (droptrace_access_addresses())
		return 0;
	NL_SET_ERR_MSG(extack, "kernel addresses are not for this client");
	return -EPERM;
}

static u32 trace_read_u32(const struct genl_info *info, int attr, u32 otherwise)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : otherwise;
}

/**
 * droptrace_trace_reply() - begin the answer to a request
 * @info: the request
 * @cmd: its operation
 * @size: bytes of the attributes to come
 * @head: set to the header
 *
 * Context: Process context. May sleep.
 * Return: the message, NULL without memory.
 */
struct sk_buff *droptrace_trace_reply(struct genl_info *info, u8 cmd, size_t size, void **head)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);

	if (!msg)
		return NULL;
	*head = genlmsg_put_reply(msg, info, &droptrace_netlink_family, 0, cmd);
	if (*head)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static int trace_read_name(struct droptrace_trace *trace, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_TRACE_NAME];

	if (!attr)
		return 0;
	droptrace_compat_nla_strscpy(trace->name, attr, sizeof(trace->name));
	if (!droptrace_netlink_name_valid(trace->name)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a name is a letter and then letters, digits or ._-");
		return -EINVAL;
	}
	if (droptrace_trace_find_name(trace->name)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "a trace of that name exists");
		return -EEXIST;
	}
	return 0;
}

static int trace_read_spec(struct droptrace_trace *trace, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_TRACE_SPEC];

	if (!attr)
		return 0;
	trace->spec = nla_strdup(attr, GFP_KERNEL);
	return trace->spec ? 0 : -ENOMEM;
}

static int trace_check_filter(u32 id, const struct sk_buff *skb, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_TRACE_FILTERS];
	const struct droptrace_filter *filter = droptrace_filter_find(id);

	if (!filter || !droptrace_filter_visible(filter, NETLINK_CB(skb).sk)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such filter");
		return -ENOENT;
	}
	if (filter->exclude) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "an excluding filter applies to every trace by itself");
		return -EINVAL;
	}
	if (filter->owner && !info->attrs[DROPTRACE_A_TRACE_OWNED]) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a trace that stays cannot go by a filter that is owned");
		return -EINVAL;
	}
	return 0;
}

static int trace_read_filters(struct droptrace_trace *trace, const struct sk_buff *skb,
			      const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_TRACE_FILTERS];
	unsigned int i;
	int err;

	if (!attr)
		return 0;
	if (!nla_len(attr) || nla_len(attr) % sizeof(u32)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a whole number of filter ids");
		return -EINVAL;
	}
	trace->nr_filters = nla_len(attr) / sizeof(u32);
	memcpy(trace->filters, nla_data(attr), nla_len(attr));
	for (i = 0; i < trace->nr_filters; i++) {
		err = trace_check_filter(trace->filters[i], skb, info);
		if (err)
			return err;
	}
	return 0;
}

static int trace_own(struct droptrace_trace *trace, struct sk_buff *skb,
		     const struct genl_info *info)
{
	struct droptrace_session *session;

	if (!nla_get_flag(info->attrs[DROPTRACE_A_TRACE_OWNED]))
		return 0;
	session = droptrace_session_get(NETLINK_CB(skb).sk, info->snd_portid, info->extack);
	if (IS_ERR(session))
		return PTR_ERR(session);
	trace->owner = NETLINK_CB(skb).sk;
	return 0;
}

static int trace_insert(struct droptrace_trace *trace, struct sk_buff *skb,
			const struct genl_info *info)
{
	int err;

	if (droptrace_nr_traces >= DROPTRACE_TRACES_MAX) {
		NL_SET_ERR_MSG(info->extack, "there are 64 traces already");
		return -ENOSPC;
	}
	err = trace_read_name(trace, info);
	if (!err)
		err = trace_read_filters(trace, skb, info);
	if (!err)
		err = trace_read_spec(trace, info);
	if (!err)
		err = trace_own(trace, skb, info);
	if (err)
		return err;
	trace->expire = trace_read_u32(info, DROPTRACE_A_TRACE_EXPIRE, 0);
	trace->traps = info->attrs[DROPTRACE_A_TRACE_TRAPS];
	trace->passing = trace_read_u32(info, DROPTRACE_A_TRACE_PASSING, 0);
	atomic_set(&trace->passing_left, trace->passing);
	droptrace_trace_add(trace);
	return 0;
}

/**
 * droptrace_trace_add_doit() - DROPTRACE_CMD_TRACE_ADD
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno.
 */
int droptrace_trace_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct droptrace_trace *trace;
	struct sk_buff *msg;
	void *head;
	u32 id = 0;
	int err;

	err = droptrace_trace_check_rights(info->extack);
	if (err)
		return err;
	msg = droptrace_trace_reply(info, DROPTRACE_CMD_TRACE_ADD, nla_total_size(sizeof(id)),
				    &head);
	if (!msg)
		return -ENOMEM;
	trace = droptrace_trace_alloc(trace_read_u32(info, DROPTRACE_A_TRACE_PATH_SIZE,
						     DROPTRACE_PATH_DEFAULT),
				      trace_read_u32(info, DROPTRACE_A_TRACE_SNAPLEN,
						     DROPTRACE_SNAPLEN_DEFAULT));
	if (!trace) {
		nlmsg_free(msg);
		return -ENOMEM;
	}

	mutex_lock(&droptrace_mutex);
	err = trace_insert(trace, skb, info);
	/* the caller's alone no more: another may delete it once the lock is free */
	if (!err)
		id = trace->id;
	mutex_unlock(&droptrace_mutex);
	if (err) {
		droptrace_trace_free(trace);
		nlmsg_free(msg);
		return err;
	}
	if (nla_put_u32(msg, DROPTRACE_A_TRACE_ID, id))
		WARN_ON_ONCE(1);	/* made to measure */
	genlmsg_end(msg, head);
	genlmsg_reply(msg, info);
	return 0;
}

/* Traces of another client's socket are not ours to delete by "all". */
static void trace_collect_all(const struct sock *sk, struct list_head *removed)
{
	struct droptrace_trace *trace, *next;

	list_for_each_entry_safe(trace, next, &droptrace_traces, node)
		if (!trace->owner || trace->owner == sk)
			list_move_tail(&trace->node, removed);
}

static int trace_collect(struct sk_buff *skb, const struct genl_info *info,
			 struct list_head *removed)
{
	const struct nlattr *id = info->attrs[DROPTRACE_A_TRACE_ID];
	const struct nlattr *name = info->attrs[DROPTRACE_A_TRACE_NAME];
	struct droptrace_trace *trace;

	if (!!id + !!name + nla_get_flag(info->attrs[DROPTRACE_A_TRACE_ALL]) != 1) {
		NL_SET_ERR_MSG(info->extack, "one of id, name and all is needed");
		return -EINVAL;
	}
	if (!id && !name) {
		trace_collect_all(NETLINK_CB(skb).sk, removed);
		return 0;
	}
	trace = id ? droptrace_trace_find(nla_get_u32(id)) :
		     droptrace_trace_find_name(nla_data(name));
	if (!trace) {
		NL_SET_ERR_MSG_ATTR(info->extack, id ?: name, "no such trace");
		return -ENOENT;
	}
	list_move_tail(&trace->node, removed);
	return 0;
}

/**
 * droptrace_trace_del_doit() - DROPTRACE_CMD_TRACE_DEL
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno.
 */
int droptrace_trace_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	LIST_HEAD(removed);
	int err;

	err = droptrace_trace_check_rights(info->extack);
	if (err)
		return err;
	mutex_lock(&droptrace_mutex);
	err = trace_collect(skb, info, &removed);
	droptrace_trace_remove(&removed);
	mutex_unlock(&droptrace_mutex);
	return err;
}

static int trace_fill_request(struct sk_buff *msg, const struct droptrace_trace *trace)
{
	if (nla_put_u32(msg, DROPTRACE_A_TRACE_ID, trace->id) ||
	    (trace->name[0] && nla_put_string(msg, DROPTRACE_A_TRACE_NAME, trace->name)) ||
	    (trace->nr_filters && nla_put(msg, DROPTRACE_A_TRACE_FILTERS,
					  trace->nr_filters * sizeof(u32), trace->filters)) ||
	    (trace->owner && nla_put_flag(msg, DROPTRACE_A_TRACE_OWNED)) ||
	    (trace->spec && nla_put_string(msg, DROPTRACE_A_TRACE_SPEC, trace->spec)) ||
	    (trace->expire && nla_put_u32(msg, DROPTRACE_A_TRACE_EXPIRE, trace->expire)) ||
	    nla_put_u32(msg, DROPTRACE_A_TRACE_PASSING, trace->passing) ||
	    nla_put_u32(msg, DROPTRACE_A_TRACE_PATH_SIZE, trace->path_size) ||
	    nla_put_u32(msg, DROPTRACE_A_TRACE_SNAPLEN, trace->snaplen))
		return -EMSGSIZE;
	return 0;
}

static int trace_fill_u64(struct sk_buff *msg, int attr, u64 value)
{
	return nla_put_u64_64bit(msg, attr, value, DROPTRACE_A_TRACE_PAD);
}

static int trace_fill(struct sk_buff *msg, struct droptrace_trace *trace)
{
	struct droptrace_trace_sums sums;

	droptrace_trace_sum(trace, &sums);
	if (trace_fill_request(msg, trace) ||
	    nla_put_u8(msg, DROPTRACE_A_TRACE_LIVE, trace->live) ||
	    trace_fill_u64(msg, DROPTRACE_A_TRACE_AGE_NS, ktime_get_ns() - trace->added) ||
	    nla_put_u32(msg, DROPTRACE_A_TRACE_NR_POINTS, trace->nr_points) ||
	    nla_put_u32(msg, DROPTRACE_A_TRACE_NR_ARMED, trace->nr_armed) ||
	    nla_put_u32(msg, DROPTRACE_A_TRACE_NR_OPTIMIZED, sums.optimized) ||
	    trace_fill_u64(msg, DROPTRACE_A_TRACE_HITS, sums.hits) ||
	    trace_fill_u64(msg, DROPTRACE_A_TRACE_MISSED, sums.missed) ||
	    trace_fill_u64(msg, DROPTRACE_A_TRACE_OPENED, sums.opened) ||
	    trace_fill_u64(msg, DROPTRACE_A_TRACE_KEPT, sums.kept) ||
	    trace_fill_u64(msg, DROPTRACE_A_TRACE_TRUNCATED, sums.truncated) ||
	    trace_fill_u64(msg, DROPTRACE_A_TRACE_NO_CONTEXT, sums.no_context))
		return -EMSGSIZE;
	return 0;
}

/**
 * droptrace_trace_dump_start() - let a dump of traces or points begin
 * @cb: the dump
 *
 * Context: Process context.
 * Return: 0 or -EPERM.
 */
int droptrace_trace_dump_start(struct netlink_callback *cb)
{
	int err = droptrace_netlink_dump_start(cb);

	return err ?: droptrace_trace_check_rights(cb->extack);
}

/**
 * droptrace_trace_get_dumpit() - DROPTRACE_CMD_TRACE_GET
 * @msg: reply
 * @cb: the dump; args[0] is the id of the last trace sent
 *
 * Return: length of @msg, 0 at the end, or -errno.
 */
int droptrace_trace_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct droptrace_trace *trace;
	void *head;
	int err = 0;

	mutex_lock(&droptrace_mutex);
	list_for_each_entry(trace, &droptrace_traces, node) {
		if (trace->id <= cb->args[0])	/* ids grow along the list */
			continue;
		head = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &droptrace_netlink_family, NLM_F_MULTI,
				   DROPTRACE_CMD_TRACE_GET);
		err = head ? trace_fill(msg, trace) : -EMSGSIZE;
		if (err) {
			if (head)
				genlmsg_cancel(msg, head);
			break;
		}
		genlmsg_end(msg, head);
		cb->args[0] = trace->id;
	}
	mutex_unlock(&droptrace_mutex);
	return droptrace_netlink_dump_end(msg, err);
}

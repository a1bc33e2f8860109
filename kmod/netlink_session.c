// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests about sessions.
 *
 * Process context of the client.
 */
#include <net/genetlink.h>
#include <net/sock.h>

#include "access.h"
#include "filter.h"
#include "loss.h"
#include "netlink.h"
#include "session.h"
#include "trace.h"

static u32 session_read_u32(const struct genl_info *info, int attr, u32 otherwise)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : otherwise;
}

static int session_check_filters(const struct sk_buff *skb, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_SESSION_FILTERS];
	const struct droptrace_filter *filter;
	const u32 *ids;
	int i;

	if (!attr)
		return 0;
	if (!nla_len(attr) || nla_len(attr) % sizeof(u32)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a whole number of filter ids");
		return -EINVAL;
	}
	ids = nla_data(attr);
	for (i = 0; i < nla_len(attr) / (int)sizeof(u32); i++) {
		filter = droptrace_filter_find(ids[i]);
		if (!filter || !droptrace_filter_visible(filter, NETLINK_CB(skb).sk)) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such filter");
			return -ENOENT;
		}
		if (filter->exclude) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "an excluding filter applies to every session by itself");
			return -EINVAL;
		}
	}
	return 0;
}

/* Paths are full of kernel addresses. Traces of others' sockets are not seen. */
static int session_check_paths(const struct sk_buff *skb, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_SESSION_PATHS];
	const struct droptrace_trace *trace;
	const u32 *ids;
	int i;

	if (!attr)
		return 0;
	if (!droptrace_access_addresses()) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "kernel addresses are not for this client");
		return -EPERM;
	}
	if (nla_len(attr) % sizeof(u32)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "not a whole number of trace ids");
		return -EINVAL;
	}
	ids = nla_data(attr);
	for (i = 0; i < nla_len(attr) / (int)sizeof(u32); i++) {
		trace = droptrace_trace_find(ids[i]);
		if (!trace || (trace->owner && trace->owner != NETLINK_CB(skb).sk)) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such trace");
			return -ENOENT;
		}
	}
	return 0;
}

static void session_read(struct droptrace_session *session, const struct genl_info *info)
{
	const struct nlattr *filters = info->attrs[DROPTRACE_A_SESSION_FILTERS];
	const struct nlattr *paths = info->attrs[DROPTRACE_A_SESSION_PATHS];

	session->ring_size = session_read_u32(info, DROPTRACE_A_SESSION_RING_SIZE,
					      DROPTRACE_RING_DEFAULT);
	session->snaplen = session_read_u32(info, DROPTRACE_A_SESSION_SNAPLEN,
					    DROPTRACE_SNAPLEN_DEFAULT);
	session->stack_depth = session_read_u32(info, DROPTRACE_A_SESSION_STACK_DEPTH, 0);
	session->show_addresses = droptrace_access_addresses();
	session->nr_filters = 0;
	if (filters) {
		session->nr_filters = nla_len(filters) / sizeof(u32);
		memcpy(session->filters, nla_data(filters), nla_len(filters));
	}
	session->has_paths = paths;
	session->nr_paths = 0;
	if (paths) {
		session->nr_paths = nla_len(paths) / sizeof(u32);
		memcpy(session->paths, nla_data(paths), nla_len(paths));
	}
}

static int session_start(struct sk_buff *skb, const struct genl_info *info, u32 *id)
{
	struct droptrace_session *session;
	int err;

	err = session_check_filters(skb, info);
	if (!err)
		err = session_check_paths(skb, info);
	if (err)
		return err;
	session = droptrace_session_get(NETLINK_CB(skb).sk, info->snd_portid, info->extack);
	if (IS_ERR(session))
		return PTR_ERR(session);
	if (!droptrace_session_idle(session)) {
		NL_SET_ERR_MSG(info->extack, "this socket streams already");
		return -EBUSY;
	}
	session_read(session, info);
	*id = session->id;
	err = droptrace_session_start(session, info->extack);
	if (err)
		droptrace_session_put_unused(session);
	return err;
}

/**
 * droptrace_session_start_doit() - DROPTRACE_CMD_SESSION_START
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno.
 */
int droptrace_session_start_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *head;
	int err;
	u32 id;

	msg = genlmsg_new(nla_total_size(sizeof(id)), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	head = genlmsg_put_reply(msg, info, &droptrace_netlink_family, 0,
				 DROPTRACE_CMD_SESSION_START);
	if (!head) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}

	mutex_lock(&droptrace_mutex);
	err = session_start(skb, info, &id);
	mutex_unlock(&droptrace_mutex);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	if (nla_put_u32(msg, DROPTRACE_A_SESSION_ID, id))
		WARN_ON_ONCE(1);	/* made to measure */
	genlmsg_end(msg, head);
	genlmsg_reply(msg, info);
	return 0;
}

/**
 * droptrace_session_stop_doit() - DROPTRACE_CMD_SESSION_STOP
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno.
 */
int droptrace_session_stop_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct droptrace_session *session;
	int err = 0;

	mutex_lock(&droptrace_mutex);
	session = droptrace_session_find(NETLINK_CB(skb).sk);
	if (session && session->state == DROPTRACE_SESSION_STREAMING) {
		droptrace_session_stop(session, DROPTRACE_END_STOPPED);
	} else {
		NL_SET_ERR_MSG(info->extack, "this socket does not stream");
		err = -ENOENT;
	}
	mutex_unlock(&droptrace_mutex);
	return err;
}

static int session_fill(struct sk_buff *msg, const struct droptrace_session *session)
{
	bool streaming = session->state == DROPTRACE_SESSION_STREAMING;
	struct droptrace_tally tally = {};

	droptrace_session_sum(session, &tally);
	if (nla_put_u32(msg, DROPTRACE_A_SESSION_ID, session->id) ||
	    nla_put_u32(msg, DROPTRACE_A_SESSION_PORTID, session->portid) ||
	    nla_put_u32(msg, DROPTRACE_A_SESSION_PID, session->pid) ||
	    nla_put_string(msg, DROPTRACE_A_SESSION_COMM, session->comm) ||
	    nla_put_u32(msg, DROPTRACE_A_SESSION_RING_SIZE, session->ring_size) ||
	    nla_put_u32(msg, DROPTRACE_A_SESSION_SNAPLEN, session->snaplen) ||
	    nla_put_u32(msg, DROPTRACE_A_SESSION_STACK_DEPTH, session->stack_depth) ||
	    (session->nr_filters &&
	     nla_put(msg, DROPTRACE_A_SESSION_FILTERS, session->nr_filters * sizeof(u32),
		     session->filters)) ||
	    (session->has_paths &&
	     nla_put(msg, DROPTRACE_A_SESSION_PATHS, session->nr_paths * sizeof(u32),
		     session->paths)) ||
	    nla_put_u8(msg, DROPTRACE_A_SESSION_STREAMING, streaming) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_SESSION_PRODUCED, tally.produced,
			      DROPTRACE_A_SESSION_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_SESSION_DELIVERED, tally.delivered,
			      DROPTRACE_A_SESSION_PAD) ||
	    droptrace_loss_fill(msg, DROPTRACE_A_SESSION_LOSS, &tally))
		return -EMSGSIZE;
	return 0;
}

/**
 * droptrace_session_get_dumpit() - DROPTRACE_CMD_SESSION_GET
 * @msg: reply
 * @cb: the dump; args[0] is the id of the last session sent
 *
 * Return: length of @msg, 0 at the end, or -errno.
 */
int droptrace_session_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct droptrace_session *session;
	void *head;
	int err = 0;

	mutex_lock(&droptrace_mutex);
	list_for_each_entry(session, &droptrace_sessions, node) {
		if (session->id <= cb->args[0])	/* ids grow along the list */
			continue;
		head = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &droptrace_netlink_family, NLM_F_MULTI,
				   DROPTRACE_CMD_SESSION_GET);
		err = head ? session_fill(msg, session) : -EMSGSIZE;
		if (err) {
			if (head)
				genlmsg_cancel(msg, head);
			break;
		}
		genlmsg_end(msg, head);
		cb->args[0] = session->id;
	}
	mutex_unlock(&droptrace_mutex);
	return droptrace_netlink_dump_end(msg, err);
}

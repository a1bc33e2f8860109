// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests about traces and their points.  Whoever may make them may see kernel
 * addresses, since both the questions and the answers are full of them.
 *
 * Process context of the client.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "access.h"
#include "compat.h"
#include "filter.h"
#include "netlink.h"
#include "point.h"
#include "session.h"
#include "trace.h"

static int trace_check_rights(struct netlink_ext_ack *extack)
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

/* A trace as far as this client may change it. */
static struct droptrace_trace *trace_find(struct sk_buff *skb, const struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[DROPTRACE_A_TRACE_ID];
	struct droptrace_trace *trace;

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "the id of a trace is needed");
		return ERR_PTR(-EINVAL);
	}
	trace = droptrace_trace_find(nla_get_u32(attr));
	if (!trace) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such trace");
		return ERR_PTR(-ENOENT);
	}
	if (trace->owner && trace->owner != NETLINK_CB(skb).sk) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "this trace belongs to another socket");
		return ERR_PTR(-EPERM);
	}
	return trace;
}

/* A message with one attribute less than it has room for. */
static struct sk_buff *trace_reply(struct genl_info *info, u8 cmd, size_t size, void **head)
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

/* --- traces --- */

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
		err = trace_own(trace, skb, info);
	if (err)
		return err;
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

	err = trace_check_rights(info->extack);
	if (err)
		return err;
	msg = trace_reply(info, DROPTRACE_CMD_TRACE_ADD, nla_total_size(sizeof(id)), &head);
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

	err = trace_check_rights(info->extack);
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

	return err ?: trace_check_rights(cb->extack);
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

/* --- points --- */

static int point_read_array(const struct genl_info *info, int attr, size_t size,
			    const void **array, unsigned int *nr)
{
	const struct nlattr *nla = info->attrs[attr];

	if (!nla)
		return 0;
	if (!nla_len(nla) || nla_len(nla) % size) {
		NL_SET_ERR_MSG_ATTR(info->extack, nla, "not a whole number of structures");
		return -EINVAL;
	}
	*array = nla_data(nla);
	*nr = nla_len(nla) / size;
	return 0;
}

/* Words that are found elsewhere: the usual macros take constants alone. */
static void point_blame(const struct genl_info *info, const struct droptrace_trace_wrong *wrong)
{
	static const int attrs[] = {
		[DROPTRACE_TRACE_PROGS] = DROPTRACE_A_TRACE_PROGS,
		[DROPTRACE_TRACE_FRAMES] = DROPTRACE_A_TRACE_FRAMES,
		[DROPTRACE_TRACE_POINTS] = DROPTRACE_A_TRACE_POINTS,
	};

	NL_SET_BAD_ATTR(info->extack, info->attrs[attrs[wrong->what]]);
	if (info->extack)
		info->extack->_msg = wrong->text;
}

/**
 * droptrace_point_add_doit() - DROPTRACE_CMD_POINT_ADD
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno.
 */
int droptrace_point_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *progs = info->attrs[DROPTRACE_A_TRACE_PROGS];
	struct droptrace_trace_request request = {};
	struct droptrace_trace *trace;
	struct droptrace_trace_wrong wrong = {};
	int err;

	err = trace_check_rights(info->extack);
	if (!err)
		err = point_read_array(info, DROPTRACE_A_TRACE_FRAMES, sizeof(*request.frames),
				       (const void **)&request.frames, &request.nr_frames);
	if (!err)
		err = point_read_array(info, DROPTRACE_A_TRACE_POINTS, sizeof(*request.points),
				       (const void **)&request.points, &request.nr_points);
	if (err)
		return err;
	if (progs) {
		request.progs = nla_data(progs);
		request.progs_len = nla_len(progs);
	}

	mutex_lock(&droptrace_mutex);
	trace = trace_find(skb, info);
	err = PTR_ERR_OR_ZERO(trace);
	if (!err)
		err = droptrace_trace_extend(trace, &request, &wrong);
	mutex_unlock(&droptrace_mutex);
	if (wrong.text)
		point_blame(info, &wrong);
	return err;
}

/* For those that cannot be told of each. */
static const char *point_refusal(const struct droptrace_trace_point *point)
{
	switch (point->reason) {
	case DROPTRACE_REFUSED_NOT_TEXT:
		return "a point is not in the kernel's code";
	case DROPTRACE_REFUSED_OWN:
		return "a point is in droptrace itself";
	case DROPTRACE_REFUSED_BLACKLIST:
		return "a point is in a function that the kernel lets nobody probe";
	case DROPTRACE_REFUSED_BOUNDARY:
		return "a point is inside of an instruction";
	case DROPTRACE_REFUSED_INSTRUCTION:
		return "a point is at an instruction that the kernel does not probe";
	case DROPTRACE_REFUSED_GONE:
		return "a point is in a module that is being unloaded";
	}
	return "a point cannot be armed";
}

/* What an attribute can hold of them; the states of all can be asked for. */
#define POINT_REFUSALS_MAX	((U16_MAX - NLA_HDRLEN) / sizeof(struct droptrace_refusal))

/**
 * struct point_arming - points being armed
 * @trace: their trace
 * @partial: those that can be
 * @refusals: what could not be
 * @nr: number of @refusals
 */
struct point_arming {
	struct droptrace_trace *trace;
	bool partial;
	struct droptrace_refusal *refusals;
	unsigned int nr;
};

static void point_refuse(struct point_arming *arming, const struct droptrace_trace_point *point)
{
	struct droptrace_refusal *refusal = &arming->refusals[arming->nr];

	if (arming->nr == POINT_REFUSALS_MAX)
		return;
	refusal->point = point->index;
	refusal->error = point->error;
	refusal->reason = point->reason;
	arming->nr++;
}

/*
 * All that was added; nothing if that fails, or if a point is refused and the client
 * has not asked for the rest.
 */
static int point_arm_all(struct point_arming *arming, struct droptrace_trace_point **armed,
			 struct netlink_ext_ack *extack)
{
	struct droptrace_trace *trace = arming->trace;
	struct droptrace_trace_point *point;
	unsigned int i, nr = 0;
	int err = 0;

	for (i = 0; i < trace->nr_points && !err; i++) {
		point = trace->points[i];
		if (point->state != DROPTRACE_POINT_ADDED)
			continue;
		cond_resched();
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		err = droptrace_point_arm(point);
		if (!err) {
			armed[nr++] = point;
			continue;
		}
		if (err == -ENOMEM)
			break;
		point_refuse(arming, point);
		if (arming->partial)
			err = 0;
		else
			extack->_msg = point_refusal(point);
	}
	if (!err)
		err = droptrace_trace_go_live(trace);
	if (err)
		droptrace_point_disarm(armed, nr);
	return err;
}

static int point_arm(struct sk_buff *skb, const struct genl_info *info,
		     struct point_arming *arming)
{
	struct droptrace_trace_point **armed;
	int err;

	arming->trace = trace_find(skb, info);
	if (IS_ERR(arming->trace))
		return PTR_ERR(arming->trace);
	if (!arming->trace->nr_points) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[DROPTRACE_A_TRACE_ID],
				    "the trace has no points");
		return -EINVAL;
	}
	arming->refusals = kvcalloc(min_t(size_t, arming->trace->nr_points, POINT_REFUSALS_MAX),
				    sizeof(*arming->refusals), GFP_KERNEL);
	armed = kvcalloc(arming->trace->nr_points, sizeof(*armed), GFP_KERNEL);
	err = arming->refusals && armed ? point_arm_all(arming, armed, info->extack) : -ENOMEM;
	kvfree(armed);
	return err;
}

static int point_arm_reply(struct genl_info *info, const struct point_arming *arming,
			   u32 nr_points, u32 nr_armed)
{
	size_t len = arming->nr * sizeof(*arming->refusals);
	struct sk_buff *msg;
	void *head;

	msg = trace_reply(info, DROPTRACE_CMD_POINT_ARM,
			  nla_total_size(len) + 2 * nla_total_size(sizeof(u32)), &head);
	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, DROPTRACE_A_TRACE_NR_POINTS, nr_points) ||
	    nla_put_u32(msg, DROPTRACE_A_TRACE_NR_ARMED, nr_armed) ||
	    (len && nla_put(msg, DROPTRACE_A_TRACE_REFUSED, len, arming->refusals)))
		WARN_ON_ONCE(1);	/* made to measure */
	genlmsg_end(msg, head);
	return genlmsg_reply(msg, info);
}

/**
 * droptrace_point_arm_doit() - DROPTRACE_CMD_POINT_ARM
 * @skb: request
 * @info: request, parsed
 *
 * Return: 0 or -errno. Without memory for the reply the points are armed none the
 * less, and a dump tells which.
 */
int droptrace_point_arm_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct point_arming arming = {
		.partial = nla_get_flag(info->attrs[DROPTRACE_A_TRACE_PARTIAL]),
	};
	u32 nr_points = 0, nr_armed = 0;
	int err;

	err = trace_check_rights(info->extack);
	if (err)
		return err;
	mutex_lock(&droptrace_mutex);
	err = point_arm(skb, info, &arming);
	if (!err) {
		nr_points = arming.trace->nr_points;
		nr_armed = arming.trace->nr_armed;
	}
	mutex_unlock(&droptrace_mutex);
	if (!err)
		err = point_arm_reply(info, &arming, nr_points, nr_armed);
	kvfree(arming.refusals);
	return err;
}

static int point_fill(struct sk_buff *msg, const struct droptrace_trace_point *point)
{
	unsigned long address = (unsigned long)point->kprobe.addr;

	if (nla_put_u32(msg, DROPTRACE_A_POINT_TRACE, point->trace->id) ||
	    nla_put_u32(msg, DROPTRACE_A_POINT_INDEX, point->index) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_POINT_ADDRESS, address, DROPTRACE_A_POINT_PAD) ||
	    nla_put_u8(msg, DROPTRACE_A_POINT_KIND, point->kind) ||
	    nla_put_u8(msg, DROPTRACE_A_POINT_STATE, point->state) ||
	    nla_put_u8(msg, DROPTRACE_A_POINT_OPTIMIZED, droptrace_point_optimized(point)) ||
	    (point->error && nla_put_u32(msg, DROPTRACE_A_POINT_ERROR, point->error)) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_POINT_HITS, droptrace_point_hits(point),
			      DROPTRACE_A_POINT_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_POINT_MISSED, point->kprobe.nmissed,
			      DROPTRACE_A_POINT_PAD))
		return -EMSGSIZE;
	return 0;
}

static int point_dump(struct sk_buff *msg, struct netlink_callback *cb,
		      const struct droptrace_trace_point *point)
{
	void *head = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				 &droptrace_netlink_family, NLM_F_MULTI,
				 DROPTRACE_CMD_POINT_GET);

	if (!head)
		return -EMSGSIZE;
	if (point_fill(msg, point)) {
		genlmsg_cancel(msg, head);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, head);
	return 0;
}

/**
 * droptrace_point_get_dumpit() - DROPTRACE_CMD_POINT_GET
 * @msg: reply
 * @cb: the dump; args[0] is the id of the trace under way, args[1] the number of
 *	the next of its points
 *
 * Return: length of @msg, 0 at the end, or -errno.
 */
int droptrace_point_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct droptrace_trace *trace;
	int err = 0;

	mutex_lock(&droptrace_mutex);
	list_for_each_entry(trace, &droptrace_traces, node) {
		if (trace->id < cb->args[0])	/* ids grow along the list */
			continue;
		if (trace->id > cb->args[0]) {
			cb->args[0] = trace->id;
			cb->args[1] = 0;
		}
		while (!err && cb->args[1] < trace->nr_points) {
			err = point_dump(msg, cb, trace->points[cb->args[1]]);
			if (!err)
				cb->args[1]++;
		}
		if (err)
			break;
	}
	mutex_unlock(&droptrace_mutex);
	return droptrace_netlink_dump_end(msg, err);
}

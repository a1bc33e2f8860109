// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests about the points of traces, and what goes with them.
 *
 * Process context of the client.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "point.h"
#include "trace.h"

/* A trace as far as this client may change it. */
static struct droptrace_trace *point_trace(struct sk_buff *skb, const struct genl_info *info)
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

	err = droptrace_trace_check_rights(info->extack);
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
	trace = point_trace(skb, info);
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
 * @keep: the trace stays
 * @refusals: what could not be
 * @nr: number of @refusals
 */
struct point_arming {
	struct droptrace_trace *trace;
	bool partial;
	bool keep;
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

	arming->trace = point_trace(skb, info);
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
	if (!err && arming->keep)
		droptrace_trace_keep(arming->trace);
	kvfree(armed);
	return err;
}

static int point_arm_reply(struct genl_info *info, const struct point_arming *arming,
			   u32 nr_points, u32 nr_armed)
{
	size_t len = arming->nr * sizeof(*arming->refusals);
	struct sk_buff *msg;
	void *head;

	msg = droptrace_trace_reply(info, DROPTRACE_CMD_POINT_ARM,
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
		.keep = nla_get_flag(info->attrs[DROPTRACE_A_TRACE_KEEP]),
	};
	u32 nr_points = 0, nr_armed = 0;
	int err;

	err = droptrace_trace_check_rights(info->extack);
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accounts: every event that is produced is delivered or appears under one
 * way of being lost, so that a reader can add up.
 */
#include <net/netlink.h>

#include "droptrace.h"
#include "loss.h"

DEFINE_PER_CPU(u64, droptrace_loss_recursion);
DEFINE_PER_CPU(u64, droptrace_loss_point_missed);
DEFINE_PER_CPU(u64, droptrace_loss_no_context);

/**
 * droptrace_loss_sum() - losses of the whole module
 * @sum: set to them
 *
 * Context: Any context.
 */
void droptrace_loss_sum(struct droptrace_loss_module *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		sum->recursion += READ_ONCE(per_cpu(droptrace_loss_recursion, cpu));
		sum->point_missed += READ_ONCE(per_cpu(droptrace_loss_point_missed, cpu));
		sum->no_context += READ_ONCE(per_cpu(droptrace_loss_no_context, cpu));
	}
}

/**
 * droptrace_loss_size() - room that droptrace_loss_fill() needs
 *
 * Return: bytes.
 */
size_t droptrace_loss_size(void)
{
	return nla_total_size(0) +		/* the nest */
	       nla_total_size_64bit(8) +	/* DROPTRACE_A_LOSS_RING_FULL */
	       nla_total_size_64bit(8) +	/* DROPTRACE_A_LOSS_UNDELIVERED */
	       nla_total_size_64bit(8) +	/* DROPTRACE_A_LOSS_RECURSION */
	       nla_total_size_64bit(8) +	/* DROPTRACE_A_LOSS_RATE_LIMITED */
	       nla_total_size_64bit(8) +	/* DROPTRACE_A_LOSS_POINT_MISSED */
	       nla_total_size_64bit(8);		/* DROPTRACE_A_LOSS_NO_CONTEXT */
}

/**
 * droptrace_loss_fill() - put a loss table into a message
 * @msg: the message
 * @attr: type of the nest
 * @tally: the losses
 *
 * Return: 0, or -EMSGSIZE with @msg as it was.
 */
int droptrace_loss_fill(struct sk_buff *msg, int attr, const struct droptrace_tally *tally)
{
	struct nlattr *nest = nla_nest_start(msg, attr);
	struct droptrace_loss_module module;

	droptrace_loss_sum(&module);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_RING_FULL, tally->ring_full,
			      DROPTRACE_A_LOSS_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_UNDELIVERED, tally->undelivered,
			      DROPTRACE_A_LOSS_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_RECURSION, module.recursion,
			      DROPTRACE_A_LOSS_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_RATE_LIMITED, tally->rate_limited,
			      DROPTRACE_A_LOSS_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_POINT_MISSED, module.point_missed,
			      DROPTRACE_A_LOSS_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_NO_CONTEXT, module.no_context,
			      DROPTRACE_A_LOSS_PAD)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

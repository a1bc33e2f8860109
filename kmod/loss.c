// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accounts: every event that is produced is delivered or appears under one
 * way of being lost, so that a reader can add up.
 */
#include <net/netlink.h>

#include "droptrace.h"
#include "loss.h"

DEFINE_PER_CPU(u64, droptrace_loss_recursion);

/**
 * droptrace_loss_recursions() - drops not looked at because of recursion
 *
 * Context: Any context.
 * Return: their number since the module was loaded.
 */
u64 droptrace_loss_recursions(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(droptrace_loss_recursion, cpu));
	return sum;
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
	       nla_total_size_64bit(8);		/* DROPTRACE_A_LOSS_RATE_LIMITED */
}

/**
 * droptrace_loss_fill() - put a loss table into a message
 * @msg: the message
 * @attr: type of the nest
 * @tally: the losses
 * @recursion: refused for recursion
 *
 * Return: 0, or -EMSGSIZE with @msg as it was.
 */
int droptrace_loss_fill(struct sk_buff *msg, int attr, const struct droptrace_tally *tally,
			u64 recursion)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_RING_FULL, tally->ring_full,
			      DROPTRACE_A_LOSS_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_UNDELIVERED, tally->undelivered,
			      DROPTRACE_A_LOSS_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_RECURSION, recursion,
			      DROPTRACE_A_LOSS_PAD) ||
	    nla_put_u64_64bit(msg, DROPTRACE_A_LOSS_RATE_LIMITED, tally->rate_limited,
			      DROPTRACE_A_LOSS_PAD)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

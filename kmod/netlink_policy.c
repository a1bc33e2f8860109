// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies and operations, in the order of include/netlink/droptrace.yaml, which
 * a selftest compares with what the running module says of itself.  Tables only.
 */
#include <linux/if.h>
#include <net/genetlink.h>

#include "netlink.h"

/* Not const: kernels before v6.7 point to them without it. */
static struct netlink_range_validation droptrace_nl_rate_range = {
	.min = 1,
	.max = DROPTRACE_RATE_MAX,
};

static struct netlink_range_validation droptrace_nl_ring_range = {
	.min = DROPTRACE_RING_MIN,
	.max = DROPTRACE_RING_MAX,
};

static struct netlink_range_validation droptrace_nl_path_range = {
	.min = DROPTRACE_PATH_MIN,
	.max = DROPTRACE_PATH_MAX,
};

static struct netlink_range_validation droptrace_nl_expire_range = {
	.min = 1,
	.max = DROPTRACE_EXPIRE_MAX,
};

/* An operation without attributes has to refuse some, or it would ignore any. */
const struct nla_policy droptrace_nl_none_policy[1 + 1] = {
	[1] = { .type = NLA_REJECT },
};

const struct nla_policy droptrace_nl_filter_add_policy[DROPTRACE_A_FILTER_COUNT + 1] = {
	[DROPTRACE_A_FILTER_NAME] = { .type = NLA_NUL_STRING, .len = DROPTRACE_NAME_MAX },
	[DROPTRACE_A_FILTER_EXPR] = { .type = NLA_NUL_STRING, .len = DROPTRACE_EXPR_MAX },
	[DROPTRACE_A_FILTER_PROG] = { .type = NLA_BINARY, .len = DROPTRACE_PROG_MAX * 8 },
	[DROPTRACE_A_FILTER_INNER_EXPR] = { .type = NLA_NUL_STRING, .len = DROPTRACE_EXPR_MAX },
	[DROPTRACE_A_FILTER_INNER_PROG] = { .type = NLA_BINARY, .len = DROPTRACE_PROG_MAX * 8 },
	[DROPTRACE_A_FILTER_DEV] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[DROPTRACE_A_FILTER_NETNS] = NLA_POLICY_MIN(NLA_U32, 1),
	[DROPTRACE_A_FILTER_MARK] = { .type = NLA_U32 },
	[DROPTRACE_A_FILTER_MARK_MASK] = { .type = NLA_U32 },
	[DROPTRACE_A_FILTER_REASONS] = { .type = NLA_BINARY, .len = DROPTRACE_REASONS_MAX * 4 },
	[DROPTRACE_A_FILTER_FUNCTION] = { .type = NLA_NUL_STRING, .len = DROPTRACE_EXPR_MAX },
	[DROPTRACE_A_FILTER_RANGES] = { .type = NLA_BINARY, .len = DROPTRACE_RANGES_MAX * 16 },
	[DROPTRACE_A_FILTER_EXCLUDE] = { .type = NLA_FLAG },
	[DROPTRACE_A_FILTER_OWNED] = { .type = NLA_FLAG },
	[DROPTRACE_A_FILTER_SNAPLEN] = NLA_POLICY_MAX(NLA_U32, DROPTRACE_SNAPLEN_MAX),
	[DROPTRACE_A_FILTER_RATE] = NLA_POLICY_FULL_RANGE(NLA_U32, &droptrace_nl_rate_range),
	[DROPTRACE_A_FILTER_COUNT] = { .type = NLA_U64 },
};

const struct nla_policy droptrace_nl_filter_del_policy[DROPTRACE_A_FILTER_ALL + 1] = {
	[DROPTRACE_A_FILTER_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DROPTRACE_A_FILTER_NAME] = { .type = NLA_NUL_STRING, .len = DROPTRACE_NAME_MAX },
	[DROPTRACE_A_FILTER_ALL] = { .type = NLA_FLAG },
};

const struct nla_policy droptrace_nl_session_start_policy[DROPTRACE_A_SESSION_PATHS + 1] = {
	[DROPTRACE_A_SESSION_RING_SIZE] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &droptrace_nl_ring_range),
	[DROPTRACE_A_SESSION_SNAPLEN] = NLA_POLICY_MAX(NLA_U32, DROPTRACE_SNAPLEN_MAX),
	[DROPTRACE_A_SESSION_STACK_DEPTH] = NLA_POLICY_MAX(NLA_U32, DROPTRACE_STACK_MAX),
	[DROPTRACE_A_SESSION_FILTERS] = { .type = NLA_BINARY, .len = DROPTRACE_FILTERS_MAX * 4 },
	[DROPTRACE_A_SESSION_PATHS] = { .type = NLA_BINARY, .len = DROPTRACE_TRACES_MAX * 4 },
};

const struct nla_policy droptrace_nl_counter_set_policy[DROPTRACE_A_COUNTER_RESET + 1] = {
	[DROPTRACE_A_COUNTER_ENABLE] = NLA_POLICY_MAX(NLA_U8, 1),
	[DROPTRACE_A_COUNTER_OWNED] = { .type = NLA_FLAG },
	[DROPTRACE_A_COUNTER_RESET] = { .type = NLA_FLAG },
};

const struct nla_policy droptrace_nl_trace_add_policy[DROPTRACE_A_TRACE_TRAPS + 1] = {
	[DROPTRACE_A_TRACE_NAME] = { .type = NLA_NUL_STRING, .len = DROPTRACE_NAME_MAX },
	[DROPTRACE_A_TRACE_FILTERS] = { .type = NLA_BINARY, .len = DROPTRACE_FILTERS_MAX * 4 },
	[DROPTRACE_A_TRACE_OWNED] = { .type = NLA_FLAG },
	[DROPTRACE_A_TRACE_PASSING] = { .type = NLA_U32 },
	[DROPTRACE_A_TRACE_PATH_SIZE] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &droptrace_nl_path_range),
	[DROPTRACE_A_TRACE_SNAPLEN] = NLA_POLICY_MAX(NLA_U32, DROPTRACE_SNAPLEN_MAX),
	[DROPTRACE_A_TRACE_SPEC] = { .type = NLA_NUL_STRING, .len = DROPTRACE_SPEC_MAX },
	[DROPTRACE_A_TRACE_EXPIRE] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &droptrace_nl_expire_range),
	[DROPTRACE_A_TRACE_TRAPS] = { .type = NLA_FLAG },
};

const struct nla_policy droptrace_nl_trace_del_policy[DROPTRACE_A_TRACE_ALL + 1] = {
	[DROPTRACE_A_TRACE_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DROPTRACE_A_TRACE_NAME] = { .type = NLA_NUL_STRING, .len = DROPTRACE_NAME_MAX },
	[DROPTRACE_A_TRACE_ALL] = { .type = NLA_FLAG },
};

const struct nla_policy droptrace_nl_point_add_policy[DROPTRACE_A_TRACE_PROGS + 1] = {
	[DROPTRACE_A_TRACE_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DROPTRACE_A_TRACE_FRAMES] = { .type = NLA_BINARY, .len = DROPTRACE_FRAMES_MAX * 16 },
	/* What an attribute has room for; more goes into several requests. */
	[DROPTRACE_A_TRACE_POINTS] = { .type = NLA_BINARY, .len = 2730 * 24 },
	[DROPTRACE_A_TRACE_PROGS] = { .type = NLA_BINARY, .len = 8191 * 8 },
};

const struct nla_policy droptrace_nl_point_arm_policy[DROPTRACE_A_TRACE_KEEP + 1] = {
	[DROPTRACE_A_TRACE_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[DROPTRACE_A_TRACE_PARTIAL] = { .type = NLA_FLAG },
	[DROPTRACE_A_TRACE_KEEP] = { .type = NLA_FLAG },
};

#define DROPTRACE_NL_DO(_cmd, _doit, _policy, _maxattr)				\
	{									\
		.cmd = (_cmd),							\
		.doit = (_doit),						\
		.policy = (_policy),						\
		.maxattr = (_maxattr),						\
		.flags = GENL_ADMIN_PERM,					\
	}

#define DROPTRACE_NL_DUMP(_cmd, _start, _dumpit)				\
	{									\
		.cmd = (_cmd),							\
		.start = (_start),						\
		.dumpit = (_dumpit),						\
		.policy = droptrace_nl_none_policy,				\
		.maxattr = ARRAY_SIZE(droptrace_nl_none_policy) - 1,		\
		.flags = GENL_ADMIN_PERM,					\
	}

const struct genl_ops droptrace_nl_ops[15] = {
	DROPTRACE_NL_DO(DROPTRACE_CMD_STATUS_GET, droptrace_status_get_doit,
			droptrace_nl_none_policy, 1),
	DROPTRACE_NL_DO(DROPTRACE_CMD_FILTER_ADD, droptrace_filter_add_doit,
			droptrace_nl_filter_add_policy, DROPTRACE_A_FILTER_COUNT),
	DROPTRACE_NL_DO(DROPTRACE_CMD_FILTER_DEL, droptrace_filter_del_doit,
			droptrace_nl_filter_del_policy, DROPTRACE_A_FILTER_ALL),
	DROPTRACE_NL_DUMP(DROPTRACE_CMD_FILTER_GET, droptrace_netlink_dump_start,
			  droptrace_filter_get_dumpit),
	DROPTRACE_NL_DO(DROPTRACE_CMD_SESSION_START, droptrace_session_start_doit,
			droptrace_nl_session_start_policy, DROPTRACE_A_SESSION_PATHS),
	DROPTRACE_NL_DO(DROPTRACE_CMD_SESSION_STOP, droptrace_session_stop_doit,
			droptrace_nl_none_policy, 1),
	DROPTRACE_NL_DUMP(DROPTRACE_CMD_SESSION_GET, droptrace_netlink_dump_start,
			  droptrace_session_get_dumpit),
	DROPTRACE_NL_DO(DROPTRACE_CMD_COUNTER_SET, droptrace_counter_set_doit,
			droptrace_nl_counter_set_policy, DROPTRACE_A_COUNTER_RESET),
	DROPTRACE_NL_DUMP(DROPTRACE_CMD_COUNTER_GET, droptrace_netlink_dump_start,
			  droptrace_counter_get_dumpit),
	DROPTRACE_NL_DO(DROPTRACE_CMD_TRACE_ADD, droptrace_trace_add_doit,
			droptrace_nl_trace_add_policy, DROPTRACE_A_TRACE_TRAPS),
	DROPTRACE_NL_DO(DROPTRACE_CMD_TRACE_DEL, droptrace_trace_del_doit,
			droptrace_nl_trace_del_policy, DROPTRACE_A_TRACE_ALL),
	DROPTRACE_NL_DUMP(DROPTRACE_CMD_TRACE_GET, droptrace_trace_dump_start,
			  droptrace_trace_get_dumpit),
	DROPTRACE_NL_DO(DROPTRACE_CMD_POINT_ADD, droptrace_point_add_doit,
			droptrace_nl_point_add_policy, DROPTRACE_A_TRACE_PROGS),
	DROPTRACE_NL_DO(DROPTRACE_CMD_POINT_ARM, droptrace_point_arm_doit,
			droptrace_nl_point_arm_policy, DROPTRACE_A_TRACE_KEEP),
	DROPTRACE_NL_DUMP(DROPTRACE_CMD_POINT_GET, droptrace_trace_dump_start,
			  droptrace_point_get_dumpit),
};

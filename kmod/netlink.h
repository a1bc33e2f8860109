/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic netlink family. */
#ifndef DROPTRACE_NETLINK_H
#define DROPTRACE_NETLINK_H

#include <net/genetlink.h>

#include "droptrace.h"

extern struct genl_family droptrace_netlink_family;

int droptrace_netlink_init(void);
void droptrace_netlink_exit(void);

/* An object of a dump takes at most this: a filter has three texts of 1 KiB. */
#define DROPTRACE_DUMP_ALLOC 8192

int droptrace_netlink_dump_start(struct netlink_callback *cb);
int droptrace_netlink_dump_end(const struct sk_buff *msg, int err);
bool droptrace_netlink_name_valid(const char *name);

int droptrace_status_get_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_filter_add_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_filter_del_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_filter_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
int droptrace_session_start_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_session_stop_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_session_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
int droptrace_counter_set_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_counter_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
int droptrace_trace_check_rights(struct netlink_ext_ack *extack);
struct sk_buff *droptrace_trace_reply(struct genl_info *info, u8 cmd, size_t size, void **head);
int droptrace_trace_add_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_trace_del_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_trace_dump_start(struct netlink_callback *cb);
int droptrace_trace_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
int droptrace_point_add_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_point_arm_doit(struct sk_buff *skb, struct genl_info *info);
int droptrace_point_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);

/* netlink_policy.c, in the order of include/netlink/droptrace.yaml. */
extern const struct nla_policy droptrace_nl_none_policy[1 + 1];
extern const struct nla_policy droptrace_nl_filter_add_policy[DROPTRACE_A_FILTER_COUNT + 1];
extern const struct nla_policy droptrace_nl_filter_del_policy[DROPTRACE_A_FILTER_ALL + 1];
extern const struct nla_policy
	droptrace_nl_session_start_policy[DROPTRACE_A_SESSION_PATHS + 1];
extern const struct nla_policy droptrace_nl_counter_set_policy[DROPTRACE_A_COUNTER_RESET + 1];
extern const struct nla_policy droptrace_nl_trace_add_policy[DROPTRACE_A_TRACE_TRAPS + 1];
extern const struct nla_policy droptrace_nl_trace_del_policy[DROPTRACE_A_TRACE_ALL + 1];
extern const struct nla_policy droptrace_nl_point_add_policy[DROPTRACE_A_TRACE_PROGS + 1];
extern const struct nla_policy droptrace_nl_point_arm_policy[DROPTRACE_A_TRACE_KEEP + 1];
extern const struct genl_ops droptrace_nl_ops[15];

#endif /* DROPTRACE_NETLINK_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Filter programs: classic BPF from user space. */
#ifndef DROPTRACE_FILTER_PROG_H
#define DROPTRACE_FILTER_PROG_H

struct bpf_prog;
struct netlink_ext_ack;
struct nlattr;

struct bpf_prog *droptrace_filter_prog_create(const struct nlattr *attr,
					      struct netlink_ext_ack *extack);

#endif /* DROPTRACE_FILTER_PROG_H */

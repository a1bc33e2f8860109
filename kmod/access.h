/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may do what. */
#ifndef DROPTRACE_ACCESS_H
#define DROPTRACE_ACCESS_H

#include <linux/kallsyms.h>
#include <linux/types.h>

struct netlink_ext_ack;
struct sk_buff;

int droptrace_access_check(const struct sk_buff *request, struct netlink_ext_ack *extack);
bool droptrace_access_addresses(void);
bool droptrace_access_symbol(unsigned long address, char text[KSYM_SYMBOL_LEN]);

#endif /* DROPTRACE_ACCESS_H */

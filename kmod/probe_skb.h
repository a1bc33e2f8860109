/* SPDX-License-Identifier: GPL-2.0-only */
/* The probe on the kfree_skb tracepoint. */
#ifndef DROPTRACE_PROBE_SKB_H
#define DROPTRACE_PROBE_SKB_H

#include <linux/types.h>

void droptrace_probe_skb_exit(void);
int droptrace_probe_skb_update(void);
bool droptrace_probe_skb_armed(void);

#endif /* DROPTRACE_PROBE_SKB_H */

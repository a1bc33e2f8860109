/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the packet inside a tunnel. */
#ifndef DROPTRACE_TUNNEL_H
#define DROPTRACE_TUNNEL_H

#include <linux/skbuff.h>

/* A tunnel may carry another one; this deep an inner filter looks. */
#define DROPTRACE_TUNNEL_DEPTH 2

int droptrace_tunnel_inner(const struct sk_buff *view, u16 *ethertype);

#endif /* DROPTRACE_TUNNEL_H */

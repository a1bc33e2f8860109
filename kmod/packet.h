/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the headers of a buffer are, whatever layer it is met at. */
#ifndef DROPTRACE_PACKET_H
#define DROPTRACE_PACKET_H

#include <linux/skbuff.h>

/**
 * struct droptrace_packet - the headers of a buffer
 * @l3: offset of the network header from skb->head, bytes; -1 if none was found
 * @l2: offset of the link header from skb->head, bytes; -1 without one
 * @len: length from the network header on (from skb->data if @l3 is -1), bytes
 * @ethertype: protocol behind all VLAN tags, host order; 0 if unknown
 * @tpid: TPIDs of the outer two VLAN tags, host order; 0 without
 * @tci: their priorities and VLAN ids
 */
struct droptrace_packet {
	int l3;
	int l2;
	u32 len;
	u16 ethertype;
	u16 tpid[2];
	u16 tci[2];
};

void droptrace_packet_locate(const struct sk_buff *skb, struct droptrace_packet *pkt);
bool droptrace_packet_view(const struct sk_buff *skb, const struct droptrace_packet *pkt,
			   struct sk_buff *view);
bool droptrace_packet_view_inner(struct sk_buff *view, u32 offset, u16 ethertype);

#endif /* DROPTRACE_PACKET_H */

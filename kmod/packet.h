/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the headers of a buffer are, whatever layer it is met at. */
#ifndef DROPTRACE_PACKET_H
#define DROPTRACE_PACKET_H

#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>

#include "compat.h"

/**
 * struct droptrace_packet - a buffer as a packet
 * @found: its network header was found
 * @view: what filter programs run on, and what is known of the headers: a buffer
 *	  of our own that begins at the network header (at the data where none was
 *	  found), shares the packet's memory and owns nothing of it. Valid as long
 *	  as the packet is, and never to be freed or passed on.
 *
 * Of the view these are set, and are all that a program can read:
 *   head, data, tail, end, len, data_len   as of any buffer
 *   mac_header		of a link header, ~0 without one
 *   network_header	where data begins: so that loads relative to it, which a
 *			program can compute, stay in the packet
 *   protocol		EtherType behind all VLAN tags, 0 if unknown
 *   mark, pkt_type	those of the packet
 *   vlan_*		the outer VLAN tag, 0 without one
 *   hash, queue_mapping	TPID and TCI of the second tag, 0 without one: fields
 *			that a program of ours has no other use for (see enum
 *			DROPTRACE_A_FILTER_* in linux/droptrace.h)
 * Zeroed at first, and reused for packet after packet.
 */
struct droptrace_packet {
	bool found;
	struct sk_buff view;
};

bool droptrace_packet_plausible(const struct sk_buff *skb);
void droptrace_packet_locate_slowly(struct droptrace_packet *pkt, const struct sk_buff *skb);
void droptrace_packet_clear_tags(struct sk_buff *view);
bool droptrace_packet_enter(struct sk_buff *view, u32 offset, u16 ethertype);

/* Offset of the network header (or of the data) from skb->head, bytes. */
static inline int droptrace_packet_l3(const struct droptrace_packet *pkt)
{
	return pkt->view.data - pkt->view.head;
}

/* Offset of the link header from skb->head, bytes; of the network header without. */
static inline int droptrace_packet_start(const struct droptrace_packet *pkt)
{
	return skb_mac_header_was_set(&pkt->view) ? pkt->view.mac_header :
						    droptrace_packet_l3(pkt);
}

/* Length from the network header on, bytes. */
static inline u32 droptrace_packet_len(const struct droptrace_packet *pkt)
{
	return pkt->view.len;
}

/* EtherType behind all VLAN tags, host order; 0 if unknown. */
static inline u16 droptrace_packet_ethertype(const struct droptrace_packet *pkt)
{
	return ntohs(pkt->view.protocol);
}

static inline bool droptrace_packet_is_ip(__be16 protocol, u8 version)
{
	return (protocol == htons(ETH_P_IP) && version == 4) ||
	       (protocol == htons(ETH_P_IPV6) && version == 6);
}

/**
 * droptrace_packet_locate() - find the headers of a buffer
 * @pkt: filled in
 * @skb: buffer at any layer
 *
 * Inline for the usual case, that all is set, nothing is tagged, and the first
 * byte agrees with the protocol.
 *
 * Context: Any context, NMI-safe.
 */
static inline void droptrace_packet_locate(struct droptrace_packet *pkt,
					   const struct sk_buff *skb)
{
	struct sk_buff *view = &pkt->view;
	unsigned char *header = skb->head + skb->network_header;
	u16 l2 = skb->mac_header;

	view->head = skb->head;
	view->tail = skb->tail;
	view->end = skb->end;
	view->data_len = skb->data_len;
	view->mark = skb->mark;
	view->pkt_type = skb->pkt_type;
	view->protocol = skb->protocol;
	droptrace_compat_copy_unreadable(view, skb);

	/* A header that was not set is at 0, or far behind. */
	if (unlikely(!skb->network_header || header >= skb_tail_pointer(skb) ||
		     skb_vlan_tag_present(skb) ||
		     !droptrace_packet_is_ip(skb->protocol, *header >> 4))) {
		droptrace_packet_locate_slowly(pkt, skb);
		return;
	}
	if (unlikely(view->vlan_proto))
		droptrace_packet_clear_tags(view);
	pkt->found = true;
	view->data = header;
	view->network_header = skb->network_header;
	view->len = skb->len + (skb->data - header);
	view->mac_header = l2 + ETH_HLEN <= skb->network_header ? l2 : (u16)~0U;
}

#endif /* DROPTRACE_PACKET_H */

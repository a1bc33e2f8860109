// SPDX-License-Identifier: GPL-2.0-only
/*
 * Headers of a buffer.  A packet is dropped at every layer: before its network
 * header was set (drivers, GRO), after it was pulled (transport), with VLAN
 * tags in line or beside, without a link header (output).  This file finds the
 * network header in all of these, and makes the "view" that filter programs run
 * on: a sk_buff of our own whose data begins there, which shares the packet's
 * memory and owns nothing of it.
 *
 * Called from the probe, in any context; reads only the buffer's own memory.
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <net/sock.h>

#include "packet.h"

/* Read a byte at an offset from skb->head, also where it lies in a fragment. */
static int packet_byte(const struct sk_buff *skb, int offset)
{
	u8 byte;

	if (likely(offset < (int)(skb_tail_pointer(skb) - skb->head)))
		return skb->head[offset];
	if (skb_copy_bits(skb, offset - (int)skb_headroom(skb), &byte, 1))
		return -1;
	return byte;
}

static bool packet_be16(const struct sk_buff *skb, int offset, u16 *value)
{
	__be16 raw;

	if (skb_copy_bits(skb, offset - (int)skb_headroom(skb), &raw, sizeof(raw)))
		return false;
	*value = ntohs(raw);
	return true;
}

static bool packet_is_tag(u16 ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD ||
	       ethertype == ETH_P_QINQ1;
}

static void packet_add_tag(struct droptrace_packet *pkt, u16 tpid, u16 tci)
{
	int i = pkt->tpid[0] ? 1 : 0;

	if (pkt->tpid[i])
		return;
	pkt->tpid[i] = tpid;
	pkt->tci[i] = tci;
}

/*
 * Tags in line.  On input they begin where the network header is said to be;
 * on output they stand before it, where only the link header leads to them.
 */
static void packet_inline_tags(const struct sk_buff *skb, struct droptrace_packet *pkt)
{
	int tag = pkt->l3;
	u16 tci, next;
	int i;

	if (pkt->l2 >= 0 && pkt->l3 - pkt->l2 >= VLAN_ETH_HLEN)
		tag = pkt->l2 + ETH_HLEN;

	for (i = 0; i < 2 && packet_is_tag(pkt->ethertype); i++) {
		if (!packet_be16(skb, tag, &tci) || !packet_be16(skb, tag + 2, &next))
			return;
		packet_add_tag(pkt, pkt->ethertype, tci);
		pkt->ethertype = next;
		tag += VLAN_HLEN;
	}
	if (tag > pkt->l3)
		pkt->l3 = tag;
}

/* Buffers of other families (unix, netlink) hold no packet: never guess there. */
static bool packet_may_guess(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	if (skb->network_header)
		return true;
	/* skb->sk shares its place with a small number in defragmentation. */
	if ((unsigned long)sk < PAGE_OFFSET)
		return false;
	return sk->sk_family == AF_INET || sk->sk_family == AF_INET6;
}

/* Whether the length in what may be an IP header fits the buffer. */
static bool packet_length_fits(const struct sk_buff *skb, int l3, u16 ethertype)
{
	u32 len = skb->len + skb_headroom(skb) - l3;
	u16 said;

	if (ethertype == ETH_P_IP)
		return packet_be16(skb, l3 + 2, &said) && said >= 20 && said <= len;
	return packet_be16(skb, l3 + 4, &said) && said + 40U <= len;
}

/*
 * skb->protocol is not set yet on the way out of a socket, and is that of the
 * inner packet for a moment while a tunnel takes its header off.  The version
 * in the first byte knows better.
 */
static void packet_check_version(const struct sk_buff *skb, struct droptrace_packet *pkt)
{
	bool guess = !pkt->ethertype;
	u16 ethertype = 0;
	int first;

	if (guess ? !packet_may_guess(skb) :
	    pkt->ethertype != ETH_P_IP && pkt->ethertype != ETH_P_IPV6)
		return;

	first = packet_byte(skb, pkt->l3);
	if (first < 0)
		return;
	if ((first & 0xf0) == 0x40 && (first & 0x0f) >= 5)
		ethertype = ETH_P_IP;
	else if ((first & 0xf0) == 0x60)
		ethertype = ETH_P_IPV6;

	if (ethertype && (!guess || packet_length_fits(skb, pkt->l3, ethertype)))
		pkt->ethertype = ethertype;
}

static noinline void packet_locate_slowly(const struct sk_buff *skb,
					  struct droptrace_packet *pkt, int data, int tail)
{
	/* 0 is what an unset network header looks like: there is always headroom. */
	if (!pkt->l3 || pkt->l3 > tail)
		pkt->l3 = data;
	if (skb_mac_header_was_set(skb) && skb->mac_header + ETH_HLEN <= pkt->l3)
		pkt->l2 = skb->mac_header;

	if (skb_vlan_tag_present(skb))
		packet_add_tag(pkt, ntohs(skb->vlan_proto), skb_vlan_tag_get(skb));
	if (packet_is_tag(pkt->ethertype))
		packet_inline_tags(skb, pkt);

	/* Below are frame types of 802.3, which are no EtherTypes. */
	if (pkt->ethertype && pkt->ethertype < ETH_P_802_3_MIN)
		pkt->ethertype = 0;
	packet_check_version(skb, pkt);

	pkt->len = skb->len + data - pkt->l3;
	if ((int)pkt->len < 0)
		pkt->len = 0;
	if (!pkt->ethertype && !packet_may_guess(skb) && !skb->protocol)
		pkt->l3 = -1;
}

/* The usual case: all is set, nothing is tagged, and the first byte agrees. */
static bool packet_is_plain(const struct sk_buff *skb, const struct droptrace_packet *pkt,
			    int tail)
{
	u8 version;

	if (!pkt->l3 || pkt->l3 >= tail || skb_vlan_tag_present(skb))
		return false;
	version = skb->head[pkt->l3] >> 4;
	return (skb->protocol == htons(ETH_P_IP) && version == 4) ||
	       (skb->protocol == htons(ETH_P_IPV6) && version == 6);
}

/**
 * droptrace_packet_locate() - find the headers of a buffer
 * @skb: buffer at any layer
 * @pkt: filled in
 *
 * Context: Any context, NMI-safe.
 */
void droptrace_packet_locate(const struct sk_buff *skb, struct droptrace_packet *pkt)
{
	int data = skb_headroom(skb);
	int tail = skb_tail_pointer(skb) - skb->head;
	int l2 = skb->mac_header;

	memset(pkt, 0, sizeof(*pkt));
	pkt->l2 = -1;
	pkt->l3 = skb->network_header;
	pkt->ethertype = ntohs(skb->protocol);
	pkt->len = skb->len + data - pkt->l3;
	if (unlikely(!packet_is_plain(skb, pkt, tail) || (int)pkt->len < 0)) {
		packet_locate_slowly(skb, pkt, data, tail);
		return;
	}
	/* A link header that was not set is far behind. */
	if (l2 + ETH_HLEN <= pkt->l3)
		pkt->l2 = l2;
}

/* Tags of the packet; those of the one before are cleared. */
static void packet_view_tags(const struct droptrace_packet *pkt, struct sk_buff *view)
{
	view->hash = pkt->tpid[1];
	view->queue_mapping = pkt->tci[1];
	__vlan_hwaccel_clear_tag(view);
	view->vlan_proto = 0;
	view->vlan_tci = 0;
	if (pkt->tpid[0])
		__vlan_hwaccel_put_tag(view, htons(pkt->tpid[0]), pkt->tci[0]);
}

/**
 * droptrace_packet_view() - make the buffer that filter programs run on
 * @skb: the packet
 * @pkt: its headers; pkt->l3 is not -1
 * @view: buffer of the caller's own, zeroed at first and then only written here;
 *	  valid as long as @skb is, and never to be freed or passed on
 *
 * Sets what programs can read, see droptrace_filter_prog_create(). The second
 * VLAN tag travels in fields that a program of ours has no other use for (see
 * enum DROPTRACE_A_FILTER_* in linux/droptrace.h).
 *
 * Context: Any context, NMI-safe.
 * Return: false if the network header lies where no view can begin.
 */
bool droptrace_packet_view(const struct sk_buff *skb, const struct droptrace_packet *pkt,
			   struct sk_buff *view)
{
	view->head = skb->head;
	view->data = skb->head + pkt->l3;
	view->tail = skb->tail;
	view->end = skb->end;
	view->len = pkt->len;
	view->data_len = skb->data_len;
	view->mac_header = pkt->l2;	/* -1 is what an unset one looks like */
	view->protocol = htons(pkt->ethertype);
	view->mark = skb->mark;
	view->pkt_type = skb->pkt_type;
	if (unlikely(pkt->tpid[0] || view->vlan_proto))
		packet_view_tags(pkt, view);

	/* A network header behind the linear part: the view cannot begin there. */
	return pkt->l3 <= (int)(skb_tail_pointer(skb) - skb->head);
}

/**
 * droptrace_packet_view_inner() - move a view to the packet inside a tunnel
 * @view: view of the outer packet
 * @offset: of the inner network header, bytes from the outer one
 * @ethertype: of the inner packet, host order
 *
 * Context: Any context, NMI-safe.
 * Return: false if the inner header lies where no view can begin.
 */
bool droptrace_packet_view_inner(struct sk_buff *view, u32 offset, u16 ethertype)
{
	static const struct droptrace_packet untagged;

	if (offset > view->len - view->data_len)
		return false;

	view->data += offset;
	view->len -= offset;
	view->mac_header = (typeof(view->mac_header))~0U;
	view->protocol = htons(ethertype);
	packet_view_tags(&untagged, view);
	return true;
}

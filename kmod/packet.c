// SPDX-License-Identifier: GPL-2.0-only
/*
 * Headers of a buffer.  A packet is dropped at every layer: before its network
 * header was set (drivers, GRO), after it was pulled (transport), with VLAN
 * tags in line or beside, without a link header (output).  This file finds the
 * network header in all of these.
 *
 * Called from the probe and from points, in any context; reads only the buffer's own
 * memory.
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/uaccess.h>
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

/* Tags in line that are walked over; of these two are told of. */
#define PACKET_TAGS_MAX 4

/* Where the headers are while they are looked for: offsets from skb->head. */
struct packet_search {
	int l3;
	int l2;		/* -1 without one */
	u16 ethertype;
	u16 tpid[2];
	u16 tci[2];
};

static void packet_add_tag(struct packet_search *search, u16 tpid, u16 tci)
{
	int i = search->tpid[0] ? 1 : 0;

	if (search->tpid[i])
		return;
	search->tpid[i] = tpid;
	search->tci[i] = tci;
}

/* The tag that the link header leads to, 0 if it leads to none. */
static u16 packet_link_tag(const struct sk_buff *skb, const struct packet_search *search)
{
	u16 tpid;

	if (search->l2 < 0 || !packet_be16(skb, search->l2 + 2 * ETH_ALEN, &tpid) ||
	    !packet_is_tag(tpid))
		return 0;
	return tpid;
}

/*
 * Tags in line.  They stand behind the link header; where that is not known, the
 * network header is said to be at the first one.  The header behind the last of
 * them is the network header, whatever the buffer says: that may point at a tag
 * (on input), or too far (where a socket wrote the frame).
 */
static void packet_inline_tags(const struct sk_buff *skb, struct packet_search *search)
{
	u16 tpid = packet_link_tag(skb, search);
	int tag = search->l3;
	u16 tci, next;
	int i;

	if (tpid) {
		search->ethertype = tpid;
		tag = search->l2 + ETH_HLEN;
	}
	for (i = 0; i < PACKET_TAGS_MAX && packet_is_tag(search->ethertype); i++) {
		if (!packet_be16(skb, tag, &tci) || !packet_be16(skb, tag + 2, &next))
			return;
		packet_add_tag(search, search->ethertype, tci);
		search->ethertype = next;
		tag += VLAN_HLEN;
		search->l3 = tag;
	}
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
static void packet_check_version(const struct sk_buff *skb, struct packet_search *search)
{
	bool guess = !search->ethertype;
	u16 ethertype = 0;
	int first;

	if (guess ? !packet_may_guess(skb) :
	    search->ethertype != ETH_P_IP && search->ethertype != ETH_P_IPV6)
		return;

	first = packet_byte(skb, search->l3);
	if (first < 0)
		return;
	if ((first & 0xf0) == 0x40 && (first & 0x0f) >= 5)
		ethertype = ETH_P_IP;
	else if ((first & 0xf0) == 0x60)
		ethertype = ETH_P_IPV6;

	if (ethertype && (!guess || packet_length_fits(skb, search->l3, ethertype)))
		search->ethertype = ethertype;
}

static void packet_search(const struct sk_buff *skb, struct packet_search *search)
{
	int tail = skb_tail_pointer(skb) - skb->head;

	/* 0 is what an unset network header looks like: there is always headroom. */
	search->l3 = skb->network_header;
	if (!search->l3 || search->l3 > tail)
		search->l3 = skb_headroom(skb);
	search->l2 = -1;
	if (skb_mac_header_was_set(skb) && skb->mac_header + ETH_HLEN <= search->l3)
		search->l2 = skb->mac_header;

	search->ethertype = ntohs(skb->protocol);
	if (skb_vlan_tag_present(skb))
		packet_add_tag(search, ntohs(skb->vlan_proto), skb_vlan_tag_get(skb));
	/* skb->protocol may name what is behind the tag that the header is said to be. */
	if (packet_is_tag(search->ethertype) ||
	    (search->l3 == search->l2 + ETH_HLEN && packet_link_tag(skb, search)))
		packet_inline_tags(skb, search);

	/* Below are frame types of 802.3, which are no EtherTypes. */
	if (search->ethertype < ETH_P_802_3_MIN)
		search->ethertype = 0;
	packet_check_version(skb, search);
}

/**
 * droptrace_packet_clear_tags() - take the tags of the packet before off a view
 * @view: the view
 *
 * Context: Any context, NMI-safe.
 */
void droptrace_packet_clear_tags(struct sk_buff *view)
{
	view->hash = 0;
	view->queue_mapping = 0;
	__vlan_hwaccel_clear_tag(view);
	view->vlan_proto = 0;
	view->vlan_tci = 0;
}

static void packet_set_tags(struct sk_buff *view, const struct packet_search *search)
{
	droptrace_packet_clear_tags(view);
	view->hash = search->tpid[1];
	view->queue_mapping = search->tci[1];
	if (search->tpid[0])
		__vlan_hwaccel_put_tag(view, htons(search->tpid[0]), search->tci[0]);
}

/**
 * droptrace_packet_locate_slowly() - find the headers of any buffer
 * @pkt: its view has what droptrace_packet_locate() copies
 * @skb: buffer at any layer
 *
 * Context: Any context, NMI-safe.
 */
void droptrace_packet_locate_slowly(struct droptrace_packet *pkt, const struct sk_buff *skb)
{
	struct packet_search search = {};
	struct sk_buff *view = &pkt->view;

	packet_search(skb, &search);
	packet_set_tags(view, &search);

	/* A view cannot begin behind the linear part; nor is every buffer a packet. */
	pkt->found = search.l3 <= (int)(skb_tail_pointer(skb) - skb->head) &&
		     skb->len + (int)skb_headroom(skb) >= search.l3 &&
		     (skb->protocol || search.ethertype || packet_may_guess(skb));
	if (!pkt->found) {
		search.l3 = skb_headroom(skb);
		search.l2 = -1;
	}
	view->data = skb->head + search.l3;
	view->network_header = search.l3;
	view->len = skb->len + (skb->data - view->data);
	view->mac_header = search.l2 >= 0 ? search.l2 : (typeof(view->mac_header))~0U;
	view->protocol = htons(search.ethertype);
}

/**
 * droptrace_packet_enter() - move a view to the packet inside a tunnel
 * @view: view of the outer packet
 * @offset: of the inner network header, bytes from the outer one
 * @ethertype: of the inner packet, host order
 *
 * Context: Any context, NMI-safe.
 * Return: false if the inner header lies behind the linear part, where no view
 * can begin.
 */
bool droptrace_packet_enter(struct sk_buff *view, u32 offset, u16 ethertype)
{
	if (offset > view->len - view->data_len)
		return false;

	view->data += offset;
	view->network_header += offset;
	view->len -= offset;
	view->mac_header = (typeof(view->mac_header))~0U;
	view->protocol = htons(ethertype);
	droptrace_packet_clear_tags(view);
	return true;
}

/*
 * Can a word be read at both addresses? Below PAGE_OFFSET is no memory of the kernel's
 * own but its image; above, every address is canonical.
 */
static bool packet_readable(const void *a, const void *b)
{
	u64 word;

	if ((unsigned long)a < PAGE_OFFSET || (unsigned long)b < PAGE_OFFSET)
		return false;
	pagefault_disable();
	droptrace_compat_peek(&word, a, u64, fault);
	droptrace_compat_peek(&word, b, u64, fault);
	pagefault_enable();
	return true;
fault:
	pagefault_enable();
	return false;
}

/**
 * droptrace_packet_plausible() - is there a packet at an address
 * @skb: any address, as found in a register
 *
 * The word of user space is all there is for that. What is no packet does not have
 * three lengths that agree, and pointers that can be followed.
 *
 * Context: Any context, NMI-safe.
 * Return: true if there is, and its memory can be read.
 */
bool droptrace_packet_plausible(const struct sk_buff *skb)
{
	const void *end;

	/* Both ends: it may lie across two pages. */
	if ((unsigned long)skb % sizeof(long) || !packet_readable(skb, &skb->truesize))
		return false;
	if (skb->data < skb->head || skb_tail_pointer(skb) < skb->data || skb->tail > skb->end ||
	    skb->len - skb->data_len != skb_tail_pointer(skb) - skb->data ||
	    !refcount_read(&skb->users))
		return false;
	end = skb_shinfo(skb);
	if ((unsigned long)skb->head < PAGE_OFFSET || !packet_readable(skb->data, end))
		return false;
	return !skb->data_len || skb_shinfo(skb)->nr_frags <= MAX_SKB_FRAGS;
}

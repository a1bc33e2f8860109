// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tunnels as they look on the wire: where the packet inside begins.  Read from
 * the bytes, not from what the kernel noted in the buffer, which only the layer
 * that encapsulated knows.  Formats: RFC 2003/2473/4213 (IP in IP), RFC 2784 and
 * 2890 (GRE), RFC 7348 (VXLAN), RFC 8926 (Geneve).
 *
 * Called from the probe, in any context.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "tunnel.h"

#define TUNNEL_PORT_VXLAN	4789
#define TUNNEL_PORT_VXLAN_OLD	8472	/* the kernel's default, older than the RFC */
#define TUNNEL_PORT_GENEVE	6081

/* GRE flags as they stand in the first two bytes, host order. */
#define TUNNEL_GRE_CSUM		0x8000
#define TUNNEL_GRE_ROUTING	0x4000
#define TUNNEL_GRE_KEY		0x2000
#define TUNNEL_GRE_SEQ		0x1000
#define TUNNEL_GRE_VERSION	0x0007

/* Behind an inner Ethernet header, which may carry VLAN tags. */
static int tunnel_ethernet(const struct sk_buff *view, int offset, u16 *ethertype)
{
	__be16 raw;
	int tags;

	offset += 2 * ETH_ALEN;
	for (tags = 0; tags <= 2; tags++) {
		if (skb_copy_bits(view, offset, &raw, sizeof(raw)))
			return -1;
		offset += sizeof(raw);
		if (!eth_type_vlan(raw)) {
			*ethertype = ntohs(raw);
			return offset;
		}
		offset += 2;
	}
	return -1;
}

static int tunnel_payload(const struct sk_buff *view, int offset, u16 type, u16 *ethertype)
{
	if (type == ETH_P_TEB)
		return tunnel_ethernet(view, offset, ethertype);
	*ethertype = type;
	return offset;
}

static int tunnel_gre(const struct sk_buff *view, int offset, u16 *ethertype)
{
	__be16 raw[2];
	u16 flags;

	if (skb_copy_bits(view, offset, raw, sizeof(raw)))
		return -1;
	flags = ntohs(raw[0]);
	if (flags & (TUNNEL_GRE_VERSION | TUNNEL_GRE_ROUTING))
		return -1;

	offset += sizeof(raw);
	if (flags & TUNNEL_GRE_CSUM)
		offset += 4;
	if (flags & TUNNEL_GRE_KEY)
		offset += 4;
	if (flags & TUNNEL_GRE_SEQ)
		offset += 4;
	return tunnel_payload(view, offset, ntohs(raw[1]), ethertype);
}

static int tunnel_udp(const struct sk_buff *view, int offset, u16 *ethertype)
{
	struct udphdr udp;
	u8 head[8];

	if (skb_copy_bits(view, offset, &udp, sizeof(udp)) ||
	    skb_copy_bits(view, offset + sizeof(udp), head, sizeof(head)))
		return -1;
	offset += sizeof(udp) + sizeof(head);

	switch (ntohs(udp.dest)) {
	case TUNNEL_PORT_VXLAN:
	case TUNNEL_PORT_VXLAN_OLD:
		if (!(head[0] & 0x08))	/* no valid VNI */
			return -1;
		return tunnel_ethernet(view, offset, ethertype);
	case TUNNEL_PORT_GENEVE:
		if (head[0] >> 6)	/* version */
			return -1;
		offset += (head[0] & 0x3f) * 4;
		return tunnel_payload(view, offset, head[2] << 8 | head[3], ethertype);
	}
	return -1;
}

static int tunnel_by_protocol(const struct sk_buff *view, int offset, u8 protocol,
			      u16 *ethertype)
{
	switch (protocol) {
	case IPPROTO_IPIP:
		*ethertype = ETH_P_IP;
		return offset;
	case IPPROTO_IPV6:
		*ethertype = ETH_P_IPV6;
		return offset;
	case IPPROTO_GRE:
		return tunnel_gre(view, offset, ethertype);
	case IPPROTO_UDP:
		return tunnel_udp(view, offset, ethertype);
	}
	return -1;
}

static int tunnel_ipv4(const struct sk_buff *view, u16 *ethertype)
{
	struct iphdr ip;

	if (skb_copy_bits(view, 0, &ip, sizeof(ip)) || ip.ihl < 5)
		return -1;
	if (ip.frag_off & htons(IP_OFFSET))	/* not the fragment with the headers */
		return -1;
	return tunnel_by_protocol(view, ip.ihl * 4, ip.protocol, ethertype);
}

static int tunnel_ipv6(const struct sk_buff *view, u16 *ethertype)
{
	struct ipv6hdr ip6;
	__be16 frag_off;
	u8 next;
	int offset;

	if (skb_copy_bits(view, 0, &ip6, sizeof(ip6)))
		return -1;
	next = ip6.nexthdr;
	offset = ipv6_skip_exthdr(view, sizeof(ip6), &next, &frag_off);
	if (offset < 0 || (frag_off & htons(IP6_OFFSET)))
		return -1;
	return tunnel_by_protocol(view, offset, next, ethertype);
}

/**
 * droptrace_tunnel_inner() - find the packet that a packet carries
 * @view: packet, its data at the network header
 * @ethertype: set to that of the inner packet, host order
 *
 * Context: Any context, NMI-safe.
 * Return: offset of the inner network header from the outer one in bytes, or -1
 * if this is no tunnel that we know, or cut too short to tell.
 */
int droptrace_tunnel_inner(const struct sk_buff *view, u16 *ethertype)
{
	switch (ntohs(view->protocol)) {
	case ETH_P_IP:
		return tunnel_ipv4(view, ethertype);
	case ETH_P_IPV6:
		return tunnel_ipv6(view, ethertype);
	}
	return -1;
}

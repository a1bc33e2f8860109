// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inner programs against packets in tunnels: every kind of tunnel, tunnels in
 * tunnels, and packets that only look like one.  No tunnel device exists, so that
 * each packet is dropped whole, for want of somebody who would unpack it.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "matrix.h"
#include "progs.h"
#include "traffic.h"

#define INNER_FROM	IPV4(10, 1, 2, 3)
#define INNER_TO	IPV4(10, 9, 9, 9)
#define INNER_PORT	53

static const struct sock_filter prog_any[] = { MATCH, PROG_END };
static const struct sock_filter prog_ip[] = LOAD_EQUALS(LD_PROTOCOL, 0x0800);
static const struct sock_filter prog_ip6[] = LOAD_EQUALS(LD_PROTOCOL, 0x86dd);
static const struct sock_filter prog_arp[] = LOAD_EQUALS(LD_PROTOCOL, 0x0806);
static const struct sock_filter prog_from[] = {
	LD_PROTOCOL, IF_EQ(0x0800, 3), LD_W(12), IF_EQ(INNER_FROM, 1),
	MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter prog_far[] = {
	LD_PROTOCOL, IF_EQ(0x0800, 3), LD_W(12), IF_EQ(MATRIX_FAR, 1),
	MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter prog_dns[] = {
	LD_PROTOCOL, IF_EQ(0x0800, 6), LD_B(9), IF_EQ(17, 4),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	IF_EQ(INNER_PORT, 1), MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter prog_len32[] = LOAD_EQUALS(LD_LEN, 32);
static const struct sock_filter prog_tagged[] = LOAD_EQUALS(LD_B(AD(SKF_AD_VLAN_TAG_PRESENT)), 1);
static const struct sock_filter prog_tcp[] = {
	LD_PROTOCOL, IF_EQ(0x0800, 3), LD_B(9), IF_EQ(6, 1), MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter prog_link[] = { LD_B(LL(0)), MATCH, PROG_END };

enum {
	NETNS,
	OUTER_FROM,	/* outer programs: the packet inside is not theirs */
	OUTER_DNS,
	TUNNEL,		/* inner programs */
	IP, IP6, ARP, FROM, FAR, DNS, LEN32, TAGGED, TCP, LINK,
	FAR_DNS,	/* outer and inner */
	FROM_DNS,
	FILTERS
};

#define BIT(n)		MATRIX_BIT(n)
static const struct filter filters[] = {
	[NETNS] = { .name = "netns" },
	[OUTER_FROM] = { .name = "outer-from", .prog = prog_from },
	[OUTER_DNS] = { .name = "outer-dns", .prog = prog_dns },
	[TUNNEL] = { .name = "tunnel", .inner = prog_any },
	[IP] = { .name = "ip", .inner = prog_ip },
	[IP6] = { .name = "ip6", .inner = prog_ip6 },
	[ARP] = { .name = "arp", .inner = prog_arp },
	[FROM] = { .name = "from", .inner = prog_from },
	[FAR] = { .name = "far", .inner = prog_far },
	[DNS] = { .name = "dns", .inner = prog_dns },
	[LEN32] = { .name = "len32", .inner = prog_len32 },
	[TAGGED] = { .name = "tagged", .inner = prog_tagged },
	[TCP] = { .name = "tcp", .inner = prog_tcp },
	[LINK] = { .name = "link", .inner = prog_link },
	[FAR_DNS] = { .name = "far-and-dns", .prog = prog_far, .inner = prog_dns },
	[FROM_DNS] = { .name = "from-and-dns", .prog = prog_from, .inner = prog_dns },
};

static struct matrix matrix = { .filters = filters, .nr = FILTERS };

#define NOTHING		BIT(NETNS)
#define SOME_TUNNEL	(NOTHING | BIT(TUNNEL))
/* What the datagram of inner_datagram() matches. */
#define DATAGRAM	(SOME_TUNNEL | BIT(IP) | BIT(FROM) | BIT(DNS) | BIT(LEN32))
/* ... in a packet from the far host, by IPv4. */
#define FOUND		(DATAGRAM | BIT(FAR_DNS))

static struct wire wire;
static struct client owner;

FIXTURE(tunnel)
{
	struct client client;
};

FIXTURE_VARIANT(tunnel)
{
	void (*build)(void);
	__u64 matched;
};

FIXTURE_SETUP(tunnel)
{
	client_open(&self->client);
	client_keep(&self->client, 16);
	ASSERT_LT(0, session_start(&self->client, .ring_size = 1 << 17));
}

FIXTURE_TEARDOWN(tunnel)
{
	client_close(&self->client);
}

TEST_F(tunnel, is_seen_through_by_these_filters_and_no_others)
{
	int fd = packet_open("t0");
	__u64 matched;

	memset(&wire, 0, sizeof(wire));
	variant->build();
	wire_end(&wire);
	EXPECT_EQ(1, matrix_send(&self->client, fd, &wire));
	close(fd);
	matched = matrix_matched(&matrix, &self->client.kept[0]);
	EXPECT_EQ(0, variant->matched & ~matched)
		TH_LOG("did not match:%s",
		       matrix_describe(&matrix, variant->matched & ~matched));
	EXPECT_EQ(0, matched & ~variant->matched)
		TH_LOG("matched:%s", matrix_describe(&matrix, matched & ~variant->matched));
}

#define TUNNELLED(_name, _matched)						\
	static void build_##_name(void);					\
	FIXTURE_VARIANT_ADD(tunnel, _name) {					\
		.build = build_##_name, .matched = _matched,			\
	};									\
	static void build_##_name(void)

static void ethernet(__u16 type)
{
	wire_ethernet(&wire, MATRIX_MAC_T1, MATRIX_MAC_FAR, type);
}

/* The outer packet up to its payload. */
static void outer(__u8 protocol)
{
	ethernet(0x0800);
	wire_ipv4(&wire, protocol, MATRIX_FAR, MATRIX_T1, 0);
}

static void outer_udp(__u16 port)
{
	outer(17);
	wire_udp(&wire, 1111, port);
}

static void outer6(__u8 next)
{
	ethernet(0x86dd);
	wire_ipv6(&wire, next, 2, 3);
}

static void inner_ethernet(__u16 type)
{
	wire_ethernet(&wire, 0x020000000a01ULL, 0x020000000a02ULL, type);
}

/* 32 bytes from the network header on. */
static void inner_datagram(void)
{
	wire_ipv4(&wire, 17, INNER_FROM, INNER_TO, 0);
	wire_udp(&wire, 2222, INNER_PORT);
	wire_zeros(&wire, 4);
}

/* --- no tunnel --- */

TUNNELLED(plain_datagram, NOTHING)
{
	outer_udp(7777);
	wire_zeros(&wire, 64);
}

/* What the outer programs look for, as the outer packet. */
TUNNELLED(inner_datagram_as_the_outer, NOTHING | BIT(OUTER_FROM) | BIT(OUTER_DNS))
{
	ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(datagram_that_holds_one, NOTHING)
{
	outer_udp(7777);
	inner_datagram();
}

TUNNELLED(arp, NOTHING)
{
	ethernet(0x0806);
	wire_zeros(&wire, 28);
}

TUNNELLED(unknown_protocol, NOTHING)
{
	ethernet(0x88b5);
	inner_datagram();
}

/* --- IP in IP --- */

TUNNELLED(ipip, FOUND)
{
	outer(4);
	inner_datagram();
}

TUNNELLED(ipip_behind_options, FOUND)
{
	ethernet(0x0800);
	wire_ipv4(&wire, 4, MATRIX_FAR, MATRIX_T1, 12);
	inner_datagram();
}

TUNNELLED(ipip_second_fragment, NOTHING)
{
	outer(4);
	wire.data[14 + 7] = 100;
	inner_datagram();
}

TUNNELLED(ipip_first_fragment, FOUND)
{
	outer(4);
	wire.data[14 + 6] = 0x20;
	inner_datagram();
}

TUNNELLED(sit, SOME_TUNNEL | BIT(IP6))
{
	outer(41);
	wire_ipv6(&wire, 17, 4, 5);
	wire_udp(&wire, 2222, INNER_PORT);
}

TUNNELLED(ipv4_in_ipv6, DATAGRAM)
{
	outer6(4);
	inner_datagram();
}

TUNNELLED(ipv6_in_ipv6, SOME_TUNNEL | BIT(IP6))
{
	outer6(41);
	wire_ipv6(&wire, 59, 4, 5);
}

TUNNELLED(ipv4_in_ipv6_behind_a_header, DATAGRAM)
{
	outer6(60);			/* destination options */
	wire_be16(&wire, 4 << 8);
	wire_be16(&wire, 0x0104);
	wire_zeros(&wire, 4);
	inner_datagram();
}

TUNNELLED(ipip_cut_in_the_inner_header, SOME_TUNNEL | BIT(IP))
{
	outer(4);
	wire_be32(&wire, 0x45000020);
	wire_be32(&wire, 0);
}

TUNNELLED(ipip_of_nothing, SOME_TUNNEL | BIT(IP))
{
	outer(4);
}

/* --- GRE --- */

TUNNELLED(gre, FOUND)
{
	outer(47);
	wire_gre(&wire, 0, 0x0800);
	inner_datagram();
}

TUNNELLED(gre_with_a_key, FOUND)
{
	outer(47);
	wire_gre(&wire, 0x2000, 0x0800);
	inner_datagram();
}

TUNNELLED(gre_with_checksum_key_and_sequence, FOUND)
{
	outer(47);
	wire_gre(&wire, 0xb000, 0x0800);
	inner_datagram();
}

TUNNELLED(gre_of_ethernet, FOUND)
{
	outer(47);
	wire_gre(&wire, 0x2000, 0x6558);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(gre_of_ethernet_with_a_tag, FOUND)
{
	outer(47);
	wire_gre(&wire, 0, 0x6558);
	inner_ethernet(0x8100);
	wire_vlan(&wire, 9, 0x0800);
	inner_datagram();
}

TUNNELLED(gre_of_arp, SOME_TUNNEL | BIT(ARP))
{
	outer(47);
	wire_gre(&wire, 0, 0x6558);
	inner_ethernet(0x0806);
	wire_zeros(&wire, 28);
}

TUNNELLED(gre_by_ipv6, DATAGRAM)
{
	outer6(47);
	wire_gre(&wire, 0, 0x0800);
	inner_datagram();
}

/* Version 1 is PPTP's, with another header. */
TUNNELLED(gre_of_version_1, NOTHING)
{
	outer(47);
	wire_gre(&wire, 0x2001, 0x0800);
	inner_datagram();
}

TUNNELLED(gre_with_source_routes, NOTHING)
{
	outer(47);
	wire_gre(&wire, 0x4000, 0x0800);
	inner_datagram();
}

TUNNELLED(gre_cut_in_its_header, NOTHING)
{
	outer(47);
	wire_be16(&wire, 0);
}

/* --- VXLAN --- */

TUNNELLED(vxlan, FOUND)
{
	outer_udp(4789);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(vxlan_on_the_old_port, FOUND)
{
	outer_udp(8472);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(vxlan_by_ipv6, DATAGRAM)
{
	outer6(17);
	wire_udp(&wire, 1111, 4789);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(vxlan_of_ipv6, SOME_TUNNEL | BIT(IP6))
{
	outer_udp(4789);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x86dd);
	wire_ipv6(&wire, 59, 4, 5);
}

TUNNELLED(vxlan_of_two_tags, FOUND)
{
	outer_udp(4789);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x88a8);
	wire_vlan(&wire, 5, 0x8100);
	wire_vlan(&wire, 7, 0x0800);
	inner_datagram();
}

TUNNELLED(vxlan_of_three_tags, NOTHING)
{
	outer_udp(4789);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x8100);
	wire_vlan(&wire, 5, 0x8100);
	wire_vlan(&wire, 6, 0x8100);
	wire_vlan(&wire, 7, 0x0800);
	inner_datagram();
}

TUNNELLED(vxlan_without_an_id, NOTHING)
{
	outer_udp(4789);
	wire_vxlan(&wire, 0);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(vxlan_in_the_answer, NOTHING)
{
	outer(17);
	wire_udp(&wire, 4789, 1111);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(vxlan_cut_in_its_header, NOTHING)
{
	outer_udp(4789);
	wire_be32(&wire, 0x08000000);
}

TUNNELLED(vxlan_cut_in_the_inner_ethernet, NOTHING)
{
	outer_udp(4789);
	wire_vxlan(&wire, 0x08);
	wire_zeros(&wire, 13);
}

TUNNELLED(vxlan_cut_behind_the_inner_ethernet, SOME_TUNNEL | BIT(IP))
{
	outer_udp(4789);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x0800);
}

TUNNELLED(vxlan_of_tcp, SOME_TUNNEL | BIT(IP) | BIT(FROM) | BIT(TCP))
{
	outer_udp(4789);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x0800);
	wire_ipv4(&wire, 6, INNER_FROM, INNER_TO, 0);
	wire_tcp(&wire, 2222, INNER_PORT);
}

/* --- Geneve --- */

TUNNELLED(geneve, FOUND)
{
	outer_udp(6081);
	wire_geneve(&wire, 0, 0, 0x6558);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(geneve_with_options, FOUND)
{
	outer_udp(6081);
	wire_geneve(&wire, 36, 0, 0x6558);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(geneve_of_ip, FOUND)
{
	outer_udp(6081);
	wire_geneve(&wire, 8, 0, 0x0800);
	inner_datagram();
}

TUNNELLED(geneve_of_version_1, NOTHING)
{
	outer_udp(6081);
	wire_geneve(&wire, 0, 1, 0x6558);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(geneve_with_options_beyond_the_end, NOTHING)
{
	outer_udp(6081);
	wire_be32(&wire, 0x3f006558);
	wire_be32(&wire, 0);
	wire_zeros(&wire, 40);
}

/* --- tunnels in tunnels --- */

TUNNELLED(vxlan_in_ipip, FOUND)
{
	outer(4);
	wire_ipv4(&wire, 17, IPV4(10, 5, 5, 5), IPV4(10, 6, 6, 6), 0);
	wire_udp(&wire, 1111, 4789);
	wire_vxlan(&wire, 0x08);
	inner_ethernet(0x0800);
	inner_datagram();
}

TUNNELLED(gre_in_sit, FOUND | BIT(IP6))
{
	outer(41);
	wire_ipv6(&wire, 47, 4, 5);
	wire_gre(&wire, 0, 0x0800);
	inner_datagram();
}

/* The far host's packet is on the second level, the datagram on the third. */
TUNNELLED(three_deep, SOME_TUNNEL | BIT(IP) | BIT(FAR))
{
	outer(4);
	wire_ipv4(&wire, 4, IPV4(10, 5, 5, 5), IPV4(10, 6, 6, 6), 0);
	wire_ipv4(&wire, 4, MATRIX_FAR, IPV4(10, 8, 8, 8), 0);
	inner_datagram();
}

static void set_up(void)
{
	net_isolate();
	matrix_devices();
	net_sysctl("ipv4/ipfrag_low_thresh", "0");
	net_sysctl("ipv4/ipfrag_high_thresh", "0");
	client_open(&owner);
	matrix_add(&matrix, &owner);
}

static void tear_down(void)
{
	client_filter_del_all(&owner);
}

int main(int argc, char **argv)
{
	set_up();
	atexit(tear_down);
	return test_harness_run(argc, argv);
}

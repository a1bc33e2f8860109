// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filter programs against packets that are dropped at every layer: which of the
 * programs match, and which must not.
 *
 *   frames ──> t0 ══veth══> t1 (192.0.2.1, no IPv6) ──> dropped on the way in
 *   frames ──> q0 whose queueing discipline drops all; v5, a VLAN device on it
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "kselftest_harness.h"

#include "matrix.h"
#include "progs.h"
#include "traffic.h"

#define PORT		7777
#define PORT_FILTERED	7778	/* a socket whose filter refuses all */
#define PORT_FULL	7779	/* a socket that nobody reads */

static const struct sock_filter prog_any[] = { MATCH, PROG_END };
static const struct sock_filter prog_ip[] = LOAD_EQUALS(LD_PROTOCOL, 0x0800);
static const struct sock_filter prog_ip6[] = LOAD_EQUALS(LD_PROTOCOL, 0x86dd);
static const struct sock_filter prog_arp[] = {
	LD_PROTOCOL, IF_EQ(0x0806, 3), LD_H(6), IF_EQ(1, 1), MATCH, NO_MATCH, PROG_END
};

/* Port 7776 to 7791 of the first fragment. */
static const struct sock_filter prog_udp[] = {
	LD_PROTOCOL, IF_EQ(0x0800, 9), LD_B(9), IF_EQ(17, 7), LD_H(6),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 5, 0),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff0), IF_EQ(PORT & 0xfff0, 1),
	MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter prog_udp6[] = {
	LD_PROTOCOL, IF_EQ(0x86dd, 5), LD_B(6), IF_EQ(17, 3), LD_H(42),
	IF_EQ(PORT, 1), MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter prog_far[] = {
	LD_PROTOCOL, IF_EQ(0x0800, 3), LD_W(12), IF_EQ(MATRIX_FAR, 1), MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter prog_link[] = LOAD_EQUALS(LD_W(LL(8)), 0xd0d0d0d0);
static const struct sock_filter prog_other[] = LOAD_EQUALS(LD_B(AD(SKF_AD_PKTTYPE)), 3);
static const struct sock_filter prog_vlan[] = LOAD_EQUALS(LD_B(AD(SKF_AD_VLAN_TAG_PRESENT)), 1);
static const struct sock_filter prog_vlan5[] = {
	LD_H(AD(SKF_AD_VLAN_TAG)), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff), IF_EQ(5, 1),
	MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter prog_ad[] = LOAD_EQUALS(LD_H(AD(SKF_AD_VLAN_TPID)), 0x88a8);
static const struct sock_filter prog_second7[] = LOAD_EQUALS(LD_H(AD(SKF_AD_QUEUE)), 7);
static const struct sock_filter prog_second_q[] = LOAD_EQUALS(LD_W(AD(SKF_AD_RXHASH)), 0x8100);
static const struct sock_filter prog_no_tag[] = LOAD_EQUALS(LD_B(AD(SKF_AD_VLAN_TAG_PRESENT)), 0);
static const struct sock_filter prog_len28[] = LOAD_EQUALS(LD_LEN, 28);
static const struct sock_filter prog_marked[] = LOAD_EQUALS(LD_W(AD(SKF_AD_MARK)), 0x12);

enum {
	NETNS, ANY, IP, IP6, ARP, UDP, UDP6, FAR, LINK, OTHER, VLAN, VLAN5, AD_TAG, SECOND7,
	SECOND_Q, NO_TAG, LEN28, MARKED, FILTERS
};

#define BIT(n)	MATRIX_BIT(n)
/* What a packet from t0, q0 and the like always matches. */
#define FRAME	(BIT(NETNS) | BIT(ANY) | BIT(LINK))
#define PLAIN	(FRAME | BIT(NO_TAG))
#define IPV4_UDP (BIT(IP) | BIT(UDP) | BIT(FAR))

static const struct filter filters[] = {
	[NETNS] = { .name = "netns" },
	[ANY] = { .name = "any", .prog = prog_any },
	[IP] = { .name = "ip", .prog = prog_ip },
	[IP6] = { .name = "ip6", .prog = prog_ip6 },
	[ARP] = { .name = "arp", .prog = prog_arp },
	[UDP] = { .name = "udp", .prog = prog_udp },
	[UDP6] = { .name = "udp6", .prog = prog_udp6 },
	[FAR] = { .name = "far", .prog = prog_far },
	[LINK] = { .name = "link", .prog = prog_link },
	[OTHER] = { .name = "other", .prog = prog_other },
	[VLAN] = { .name = "vlan", .prog = prog_vlan },
	[VLAN5] = { .name = "vlan5", .prog = prog_vlan5 },
	[AD_TAG] = { .name = "ad-tag", .prog = prog_ad },
	[SECOND7] = { .name = "second7", .prog = prog_second7 },
	[SECOND_Q] = { .name = "second-q", .prog = prog_second_q },
	[NO_TAG] = { .name = "no-tag", .prog = prog_no_tag },
	[LEN28] = { .name = "len28", .prog = prog_len28 },
	[MARKED] = { .name = "marked", .prog = prog_marked },
};

static struct matrix matrix = { .filters = filters, .nr = FILTERS };

static struct wire wire;
static struct client owner;	/* of the filters; of the program, not of a test */

FIXTURE(packet)
{
	struct client client;
};

/* What is said of the packet beside the filters, where it matters. */
struct expected {
	__u64 matched;
	__u16 l3_protocol;	/* 0: must be absent */
	__u16 vlan_tpid;	/* 0: must be absent */
	__u16 vlan_tci;
	__u16 in_line;		/* bytes of tags in line */
};

FIXTURE_VARIANT(packet)
{
	const char *dev;
	void (*build)(void);
	struct expected expected;
};

FIXTURE_SETUP(packet)
{
	client_open(&self->client);
	client_keep(&self->client, 16);
	ASSERT_LT(0, session_start(&self->client, .has_snaplen = true, .snaplen = 256,
				   .ring_size = 1 << 17));
}

FIXTURE_TEARDOWN(packet)
{
	client_stop(&self->client);
	EXPECT_TRUE(client_await_end(&self->client));
	EXPECT_TRUE(stream_adds_up(&self->client.stream));
	client_close(&self->client);
}

static void check(struct __test_metadata *_metadata, const struct expected *expected,
		  const struct event *event)
{
	__u64 matched = matrix_matched(&matrix, event);

	EXPECT_EQ(0, expected->matched & ~matched)
		TH_LOG("did not match:%s", matrix_describe(&matrix, expected->matched & ~matched));
	EXPECT_EQ(0, matched & ~expected->matched)
		TH_LOG("matched:%s", matrix_describe(&matrix, matched & ~expected->matched));
	EXPECT_FALSE(event->malformed);
	EXPECT_EQ(expected->l3_protocol, event->l3_protocol);
	EXPECT_EQ(!!expected->l3_protocol, event_has(event, DROPTRACE_A_EVENT_L3_PROTOCOL));
	EXPECT_EQ(expected->vlan_tpid, event->vlan_tpid);
	EXPECT_EQ(expected->vlan_tci, event->vlan_tci);
	EXPECT_EQ(!!expected->vlan_tpid, event_has(event, DROPTRACE_A_EVENT_VLAN_TPID));
	EXPECT_EQ(14 + expected->in_line, event->l3_offset);
}

/* Some bytes of the frame may not be in the event: the headers before the last. */
static void check_bytes(struct __test_metadata *_metadata, const struct event *event)
{
	unsigned int tail = event->packet_len - event->l3_offset;

	ASSERT_LE(event->l3_offset, event->packet_len);
	if (wire.len <= 200) {
		EXPECT_EQ(event->len, tail);
		EXPECT_LE(tail, wire.len);
		EXPECT_EQ(0, memcmp(event->packet + event->l3_offset,
				    wire.data + wire.len - tail, tail));
	}
}

TEST_F(packet, matches_these_filters_and_no_others)
{
	int fd = packet_open(variant->dev);
	unsigned int events;

	memset(&wire, 0, sizeof(wire));
	variant->build();
	wire_end(&wire);
	events = matrix_send(&self->client, fd, &wire);
	close(fd);
	EXPECT_EQ(1, events);
	ASSERT_LE(1, events);
	check(_metadata, &variant->expected, &self->client.kept[0]);
	check_bytes(_metadata, &self->client.kept[0]);
}

#define DROPPED(_name, _dev, _matched, ...)					\
	static void build_##_name(void);					\
	FIXTURE_VARIANT_ADD(packet, _name) {					\
		.dev = _dev, .build = build_##_name,				\
		.expected = { .matched = _matched, __VA_ARGS__ }, \
	};									\
	static void build_##_name(void)

static void ethernet(__u16 type)
{
	wire_ethernet(&wire, MATRIX_MAC_T1, MATRIX_MAC_FAR, type);
}

static void ipv4_udp(__u16 port)
{
	wire_ipv4(&wire, 17, MATRIX_FAR, MATRIX_T1, 0);
	wire_udp(&wire, 1111, port);
}

/* --- on the way in --- */

DROPPED(udp_without_a_socket, "t0", PLAIN | IPV4_UDP | BIT(LEN28), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(PORT);
}

DROPPED(udp_to_another_port, "t0", PLAIN | BIT(IP) | BIT(FAR) | BIT(LEN28), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(53);
}

DROPPED(udp_behind_options, "t0", PLAIN | IPV4_UDP, .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	wire_ipv4(&wire, 17, MATRIX_FAR, MATRIX_T1, 8);
	wire_udp(&wire, 1111, PORT);
	wire_bytes(&wire, "payload", 7);
}

DROPPED(udp_refused_by_a_socket_filter, "t0", PLAIN | IPV4_UDP | BIT(LEN28),
	.l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(PORT_FILTERED);
}

DROPPED(udp_to_a_full_socket, "t0", PLAIN | IPV4_UDP, .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(PORT_FULL);
	wire_zeros(&wire, 100);
}

DROPPED(udp_with_a_bad_ip_checksum, "t0", PLAIN | IPV4_UDP | BIT(LEN28), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(PORT);
	wire_end(&wire);
	wire.data[14 + 10] ^= 0x55;
}

DROPPED(udp_with_a_bad_checksum, "t0", PLAIN | IPV4_UDP | BIT(LEN28), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(PORT);
	wire_end(&wire);
	wire.data[14 + 20 + 6] = 0x12;
}

DROPPED(second_fragment, "t0", PLAIN | BIT(IP) | BIT(FAR) | BIT(LEN28), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(PORT);
	wire.data[14 + 7] = 100;
}

DROPPED(ospf, "t0", PLAIN | BIT(IP) | BIT(FAR), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	wire_ipv4(&wire, 89, MATRIX_FAR, MATRIX_T1, 0);
	wire_zeros(&wire, 24);
}

DROPPED(tcp_without_a_socket, "t0", PLAIN | BIT(IP) | BIT(FAR), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	wire_ipv4(&wire, 6, MATRIX_FAR, MATRIX_T1, 0);
	wire_tcp(&wire, 1111, PORT);
}

DROPPED(not_for_this_host, "t0", PLAIN | IPV4_UDP | BIT(OTHER) | BIT(LEN28),
	.l3_protocol = 0x0800)
{
	wire_ethernet(&wire, 0x020000000099ULL, MATRIX_MAC_FAR, 0x0800);
	ipv4_udp(PORT);
}

DROPPED(without_a_route, "t0", PLAIN | IPV4_UDP | BIT(LEN28), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	wire_ipv4(&wire, 17, MATRIX_FAR, IPV4(203, 0, 113, 5), 0);
	wire_udp(&wire, 1111, PORT);
}

DROPPED(arp_of_a_wrong_length, "t0", PLAIN | BIT(ARP) | BIT(LEN28), .l3_protocol = 0x0806)
{
	ethernet(0x0806);
	wire_be16(&wire, 1);
	wire_be16(&wire, 0x0800);
	wire_be16(&wire, 0x0606);	/* addresses of six bytes for IPv4 */
	wire_be16(&wire, 1);
	wire_zeros(&wire, 20);
}

DROPPED(ipv6_where_it_is_off, "t0", PLAIN | BIT(IP6) | BIT(UDP6), .l3_protocol = 0x86dd)
{
	ethernet(0x86dd);
	wire_ipv6(&wire, 17, 2, 3);
	wire_udp(&wire, 1111, PORT);
}

DROPPED(ipv6_of_another_protocol, "t0", PLAIN | BIT(IP6), .l3_protocol = 0x86dd)
{
	ethernet(0x86dd);
	wire_ipv6(&wire, 59, 2, 3);
	wire_zeros(&wire, 8);
}

DROPPED(unknown_ethertype, "t0", PLAIN | BIT(LEN28), .l3_protocol = 0x88b5)
{
	ethernet(0x88b5);
	wire_zeros(&wire, 28);
}

DROPPED(frame_of_802_3, "t0", PLAIN, .l3_protocol = 0)
{
	ethernet(17);
	wire_be16(&wire, 0xfefe);
	wire_u8(&wire, 3);
	wire_zeros(&wire, 14);
}

/* --- cut short --- */

DROPPED(ipv4_cut_in_the_header, "t0", PLAIN | BIT(IP), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(PORT);
	wire_end(&wire);
	wire.len = 14 + 15;
}

DROPPED(ipv4_cut_before_the_ports, "t0", PLAIN | BIT(IP) | BIT(FAR), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	wire_ipv4(&wire, 17, MATRIX_FAR, MATRIX_T1, 0);
	wire_be16(&wire, 1111);
}

DROPPED(ipv4_of_one_byte, "t0", PLAIN | BIT(IP), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	wire_u8(&wire, 0x45);
}

DROPPED(ipv6_cut_in_the_header, "t0", PLAIN | BIT(IP6), .l3_protocol = 0x86dd)
{
	ethernet(0x86dd);
	wire_be32(&wire, 0x60000000);
	wire_be32(&wire, 0x00081140);
}

DROPPED(arp_cut_before_the_operation, "t0", PLAIN, .l3_protocol = 0x0806)
{
	ethernet(0x0806);
	wire_be16(&wire, 1);
	wire_be16(&wire, 0x0800);
}

/* --- on the way out, with tags in line --- */

#define TAGGED		(FRAME | BIT(VLAN))

DROPPED(plain_on_output, "q0", PLAIN | IPV4_UDP | BIT(LEN28), .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(PORT);
}

DROPPED(tag_in_line, "q0", TAGGED | BIT(VLAN5) | IPV4_UDP | BIT(LEN28),
	.l3_protocol = 0x0800, .vlan_tpid = 0x8100, .vlan_tci = 0x6005, .in_line = 4)
{
	ethernet(0x8100);
	wire_vlan(&wire, 0x6005, 0x0800);
	ipv4_udp(PORT);
}

DROPPED(tag_of_priority_alone, "q0", TAGGED | IPV4_UDP | BIT(LEN28),
	.l3_protocol = 0x0800, .vlan_tpid = 0x8100, .vlan_tci = 0xe000, .in_line = 4)
{
	ethernet(0x8100);
	wire_vlan(&wire, 0xe000, 0x0800);
	ipv4_udp(PORT);
}

DROPPED(two_tags_in_line, "q0",
	TAGGED | BIT(VLAN5) | BIT(AD_TAG) | BIT(SECOND7) | BIT(SECOND_Q) | IPV4_UDP | BIT(LEN28),
	.l3_protocol = 0x0800, .vlan_tpid = 0x88a8, .vlan_tci = 5, .in_line = 8)
{
	ethernet(0x88a8);
	wire_vlan(&wire, 5, 0x8100);
	wire_vlan(&wire, 7, 0x0800);
	ipv4_udp(PORT);
}

DROPPED(two_tags_the_other_way, "q0",
	TAGGED | BIT(SECOND_Q) | BIT(IP6) | BIT(UDP6),
	.l3_protocol = 0x86dd, .vlan_tpid = 0x8100, .vlan_tci = 7, .in_line = 8)
{
	ethernet(0x8100);
	wire_vlan(&wire, 7, 0x8100);
	wire_vlan(&wire, 5, 0x86dd);
	wire_ipv6(&wire, 17, 2, 3);
	wire_udp(&wire, 1111, PORT);
}

/* Of a third tag nobody is told, but the header behind it is found. */
DROPPED(three_tags_in_line, "q0",
	TAGGED | BIT(VLAN5) | BIT(SECOND7) | BIT(SECOND_Q) | IPV4_UDP | BIT(LEN28),
	.l3_protocol = 0x0800, .vlan_tpid = 0x8100, .vlan_tci = 5, .in_line = 12)
{
	ethernet(0x8100);
	wire_vlan(&wire, 5, 0x8100);
	wire_vlan(&wire, 7, 0x8100);
	wire_vlan(&wire, 9, 0x0800);
	ipv4_udp(PORT);
}

DROPPED(four_tags_in_line, "q0", TAGGED | BIT(SECOND7) | IPV4_UDP | BIT(LEN28),
	.l3_protocol = 0x0800, .vlan_tpid = 0x8100, .vlan_tci = 8, .in_line = 16)
{
	ethernet(0x8100);
	wire_vlan(&wire, 8, 0x88a8);
	wire_vlan(&wire, 7, 0x8100);
	wire_vlan(&wire, 6, 0x8100);
	wire_vlan(&wire, 5, 0x0800);
	ipv4_udp(PORT);
}

/* Further nobody looks; but nothing is taken for what it is not. */
DROPPED(five_tags_in_line, "q0", TAGGED | BIT(VLAN5) | BIT(SECOND_Q) | BIT(LEN28),
	.l3_protocol = 0x8100, .vlan_tpid = 0x8100, .vlan_tci = 5, .in_line = 16)
{
	ethernet(0x8100);
	wire_vlan(&wire, 5, 0x8100);
	wire_vlan(&wire, 6, 0x8100);
	wire_vlan(&wire, 7, 0x8100);
	wire_vlan(&wire, 8, 0x8100);
	wire_vlan(&wire, 9, 0x0800);
	wire_ipv4(&wire, 17, MATRIX_FAR, MATRIX_T1, 0);
	wire_be32(&wire, 0);
}

DROPPED(tag_cut_short, "q0", PLAIN, .l3_protocol = 0x8100)
{
	ethernet(0x8100);
	wire_be16(&wire, 5);
}

DROPPED(arp_behind_a_tag, "q0", TAGGED | BIT(VLAN5) | BIT(ARP) | BIT(LEN28),
	.l3_protocol = 0x0806, .vlan_tpid = 0x8100, .vlan_tci = 5, .in_line = 4)
{
	ethernet(0x8100);
	wire_vlan(&wire, 5, 0x0806);
	wire_be32(&wire, 0x00010800);
	wire_be32(&wire, 0x06040001);
	wire_zeros(&wire, 20);
}

/* --- tags beside the packet --- */

DROPPED(tag_accelerated_on_output, "v5", TAGGED | BIT(VLAN5) | IPV4_UDP | BIT(LEN28),
	.l3_protocol = 0x0800, .vlan_tpid = 0x8100, .vlan_tci = 5)
{
	ethernet(0x0800);
	ipv4_udp(PORT);
}

/* The kernel takes the tag out of line before it looks for the device, here down. */
DROPPED(tag_accelerated_on_input, "t0", TAGGED | BIT(VLAN5) | IPV4_UDP | BIT(LEN28),
	.l3_protocol = 0x0800, .vlan_tpid = 0x8100, .vlan_tci = 5)
{
	ethernet(0x8100);
	wire_vlan(&wire, 5, 0x0800);
	ipv4_udp(PORT);
}

/* Without such a device it forgets the tag, and the packet is another host's. */
DROPPED(tag_forgotten_on_input, "t0", PLAIN | BIT(OTHER) | IPV4_UDP | BIT(LEN28),
	.l3_protocol = 0x0800)
{
	ethernet(0x8100);
	wire_vlan(&wire, 6, 0x0800);
	ipv4_udp(PORT);
}

/* --- headers that are not in the linear part of the buffer --- */

DROPPED(headers_in_a_fragment, "q0", PLAIN | IPV4_UDP, .l3_protocol = 0x0800)
{
	ethernet(0x0800);
	ipv4_udp(PORT);
	wire_zeros(&wire, 6000);
}

DROPPED(tag_and_headers_in_a_fragment, "q0", TAGGED | BIT(VLAN5) | IPV4_UDP,
	.l3_protocol = 0x0800, .vlan_tpid = 0x8100, .vlan_tci = 5, .in_line = 4)
{
	ethernet(0x8100);
	wire_vlan(&wire, 5, 0x0800);
	ipv4_udp(PORT);
	wire_zeros(&wire, 6000);
}

/* --- one after the other --- */

FIXTURE(sequence)
{
	struct client client;
};

FIXTURE_SETUP(sequence)
{
	client_open(&self->client);
	client_keep(&self->client, 16);
	ASSERT_LT(0, session_start(&self->client, .has_snaplen = true, .snaplen = 256));
}

FIXTURE_TEARDOWN(sequence)
{
	client_close(&self->client);
}

/* A CPU has one place to look at packets in: none may be judged by the one before. */
TEST_F(sequence, does_not_matter)
{
	struct __fixture_variant_metadata *variants[128], *each;
	const struct _fixture_variant_packet *packet;
	int fds[3], fd, nr = 0, i;

	fds[0] = packet_open("t0");
	fds[1] = packet_open("q0");
	fds[2] = packet_open("v5");
	for (each = _packet_fixture_object.variant; each && nr < 128; each = each->next)
		variants[nr++] = each;
	srandom(1);
	for (i = 0; i < 300 && _metadata->passed; i++) {
		each = variants[random() % nr];
		packet = each->data;
		fd = fds[packet->dev[0] == 't' ? 0 : packet->dev[0] == 'q' ? 1 : 2];
		memset(&wire, 0, sizeof(wire));
		packet->build();
		wire_end(&wire);
		ASSERT_EQ(1, matrix_send(&self->client, fd, &wire))
			TH_LOG("%s, number %d", each->name, i);
		check(_metadata, &packet->expected, &self->client.kept[0]);
		if (!_metadata->passed)
			TH_LOG("%s, number %d", each->name, i);
	}
	close(fds[0]);
	close(fds[1]);
	close(fds[2]);
}

/* --- the program's namespace, which all tests share --- */

static int bound_socket(__u16 port, int rcvbuf)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (rcvbuf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (fd < 0 || bind(fd, (void *)&address, sizeof(address)))
		err(1, "no socket on port %u", port);
	return fd;
}

static void refuse_all(int fd)
{
	struct sock_filter nothing[] = { NO_MATCH };
	struct sock_fprog prog = { .len = 1, .filter = nothing };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		err(1, "cannot attach a filter");
}

static void fill(int fd, __u16 port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	char bytes[1000] = {};
	int i;

	for (i = 0; i < 20; i++)
		sendto(fd, bytes, sizeof(bytes), 0, (void *)&address, sizeof(address));
}

static void set_up(void)
{
	net_isolate();
	matrix_devices();
	net_ip("link add q0 mtu 9000 type veth peer name q1\n"
	       "link set q0 up\n"
	       "link set q1 up\n"
	       "link add link q0 name v5 type vlan id 5\n"
	       "link set v5 up\n"
	       "link add link t1 name down5 type vlan id 5\n");
	if (run("tc qdisc add dev q0 root pfifo limit 0"))
		errx(1, "no queueing discipline");
	/* Fragments find no memory, and are dropped at once. */
	net_sysctl("ipv4/ipfrag_low_thresh", "0");
	net_sysctl("ipv4/ipfrag_high_thresh", "0");
	refuse_all(bound_socket(PORT_FILTERED, 0));
	fill(bound_socket(PORT_FULL, 1), PORT_FULL);

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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * One filter program, "UDP to port 7777", against one datagram that is dropped at
 * layers where its headers look different: without a link layer, before it has a
 * device, in a neighbour's queue, behind two VLAN tags, in a socket's receive path,
 * in the device that has no peer.  The bytes that are kept must be the datagram's,
 * and the device and namespace those that it belongs to.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "kselftest_harness.h"

#include "client.h"
#include "matrix.h"
#include "progs.h"
#include "traffic.h"

#define PORT		7777
#define MARK		0x12

static const struct sock_filter of_datagram[] = {
	LD_PROTOCOL, IF_EQ(0x0800, 6), LD_B(9), IF_EQ(17, 4),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	IF_EQ(PORT, 1), MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter of_datagram6[] = {
	LD_PROTOCOL, IF_EQ(0x86dd, 5), LD_B(6), IF_EQ(17, 3), LD_H(42),
	IF_EQ(PORT, 1), MATCH, NO_MATCH, PROG_END
};

static const struct sock_filter of_link_layer[] = {
	/* matches if the Ethernet header is there */
	LD_B(LL(0)), MATCH, PROG_END
};

static const struct sock_filter of_tags_5_7[] = {
	LD_H(AD(SKF_AD_VLAN_TAG)), IF_EQ(5, 7), LD_H(AD(SKF_AD_VLAN_TPID)), IF_EQ(0x88a8, 5),
	LD_H(AD(SKF_AD_QUEUE)), IF_EQ(7, 3), LD_W(AD(SKF_AD_RXHASH)), IF_EQ(0x8100, 1),
	MATCH, NO_MATCH, PROG_END
};

enum { DATAGRAM, DATAGRAM6, LINK, TAGS_5_7, MARKED, FILTERS };
#define BIT(n)	MATRIX_BIT(n)
static const struct filter filters[] = {
	[DATAGRAM] = { .name = "datagram", .prog = of_datagram },
	[DATAGRAM6] = { .name = "datagram6", .prog = of_datagram6 },
	[LINK] = { .name = "link", .prog = of_link_layer },
	[TAGS_5_7] = { .name = "tags-5-7", .prog = of_tags_5_7 },
	[MARKED] = { .name = "marked", .has_mark = true, .mark = MARK },
};

static const char payload[] = "the quick brown fox";

FIXTURE(datagram)
{
	struct client client;
	struct matrix matrix;
	__u32 netns;
	struct event *event;	/* the one that tests look at */
};

FIXTURE_SETUP(datagram)
{
	self->netns = net_isolate();
	matrix_devices();
	client_open(&self->client);
	client_keep(&self->client, 64);
	self->matrix = (struct matrix){ .filters = filters, .nr = FILTERS };
	matrix_add(&self->matrix, &self->client);
	/* everything in this namespace, for the sentinel */
	filter_add(&self->client, .netns = self->netns);
	ASSERT_LT(0, session_start(&self->client, .ring_size = 1 << 17));
}

FIXTURE_TEARDOWN(datagram)
{
	client_filter_del_all(&self->client);
	client_close(&self->client);
}

/* The event of the datagram among those of the namespace; there must be one. */
static void find(struct __test_metadata *_metadata, struct _test_data_datagram *self, __u64 matched)
{
	const int wanted = matched & BIT(DATAGRAM6) ? DATAGRAM6 : DATAGRAM;
	struct event *event, *found = NULL;
	__u64 seen;
	size_t i;

	for (i = 0; i < self->client.nr_kept; i++) {
		event = &self->client.kept[i];
		if (!(matrix_matched(&self->matrix, event) & BIT(wanted)))
			continue;
		EXPECT_EQ(NULL, found);
		found = event;
	}
	ASSERT_NE(NULL, found);
	self->event = found;
	seen = matrix_matched(&self->matrix, found);
	EXPECT_EQ(matched, seen)
		TH_LOG("matched:%s", matrix_describe(&self->matrix, seen));
	EXPECT_FALSE(found->malformed);
	EXPECT_EQ(self->netns, found->netns);
	EXPECT_EQ(wanted == DATAGRAM6 ? 0x86dd : 0x0800, found->l3_protocol);
	EXPECT_EQ(wanted == DATAGRAM6 ? 6 : 4, found->packet[found->l3_offset] >> 4);
	EXPECT_TRUE(event_contains(found, payload, sizeof(payload)));
	EXPECT_EQ((wanted == DATAGRAM6 ? 48 : 28) + sizeof(payload), found->len);
}

struct destination {
	const char *address;
	__u32 mark;
};

static void send_datagram(void *arg)
{
	const struct destination *destination = arg;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, destination->address, &to.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_MARK, &destination->mark, sizeof(destination->mark));
	/* Some of the layers tell the sender, which is of no interest here. */
	sendto(fd, payload, sizeof(payload), 0, (void *)&to, sizeof(to));
	close(fd);
}

TEST_F(datagram, matched_where_no_socket_wants_it)
{
	matrix_observe(&self->client, send_datagram, &(struct destination){ "127.0.0.1", 0 });
	find(_metadata, self, BIT(DATAGRAM) | BIT(LINK));
	EXPECT_STREQ("lo", self->event->dev);
	EXPECT_EQ(self->event->l3_offset + 20, self->event->l4_offset);
}

static void send_datagram6(void *arg)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(PORT),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)arg;
	sendto(fd, payload, sizeof(payload), 0, (void *)&to, sizeof(to));
	close(fd);
}

TEST_F(datagram, matched_in_ipv6)
{
	matrix_observe(&self->client, send_datagram6, NULL);
	find(_metadata, self, BIT(DATAGRAM6) | BIT(LINK));
	EXPECT_STREQ("lo", self->event->dev);
	EXPECT_EQ(self->event->l3_offset + 40, self->event->l4_offset);
}

static void write_datagram(void *arg)
{
	static struct wire wire;

	wire_ipv4(&wire, 17, MATRIX_FAR, MATRIX_T1, 0);
	wire_udp(&wire, 1111, PORT);
	wire_bytes(&wire, payload, sizeof(payload));
	wire_end(&wire);
	if (write(*(int *)arg, wire.data, wire.len) != (ssize_t)wire.len)
		err(1, "tun0");
}

TEST_F(datagram, matched_without_a_link_layer)
{
	struct ifreq req = { .ifr_name = "tun0", .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0 && !run("modprobe tun"))
		fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &req))
		SKIP(return, "no tun devices");
	net_ip("link set tun0 up\n");
	matrix_observe(&self->client, write_datagram, &fd);
	find(_metadata, self, BIT(DATAGRAM));
	EXPECT_STREQ("tun0", self->event->dev);
	EXPECT_EQ(0, self->event->l3_offset);
	close(fd);
}

/* On its way out, before a device is set: only the route knows it. */
TEST_F(datagram, matched_before_it_has_a_device)
{
	if (run("nft 'add table ip t; add chain ip t o { type filter hook output priority 0; }; "
		"add rule ip t o udp dport 7777 drop' 2>/dev/null"))
		SKIP(return, "no nftables");
	matrix_observe(&self->client, send_datagram, &(struct destination){ "192.0.2.9", MARK });
	find(_metadata, self, BIT(DATAGRAM) | BIT(MARKED));
	EXPECT_STREQ("t1", self->event->dev);
	EXPECT_EQ(if_nametoindex("t1"), self->event->ifindex);
	EXPECT_EQ(MARK, self->event->mark);
	EXPECT_EQ(0, self->event->l3_offset);
	EXPECT_EQ(20, self->event->l4_offset);
}

/* Nobody answers to ARP; the queue of the neighbour is dropped by a timer. */
TEST_F(datagram, matched_in_the_queue_of_a_neighbour)
{
	__u64 until = now_ms() + PATIENCE;

	net_sysctl("ipv4/neigh/t1/retrans_time_ms", "10");
	net_sysctl("ipv4/neigh/t1/mcast_solicit", "1");
	send_datagram(&(struct destination){ "192.0.2.9", 0 });
	while (!self->client.nr_kept && now_ms() < until)
		client_take(&self->client, 100);
	find(_metadata, self, BIT(DATAGRAM));
	EXPECT_STREQ("t1", self->event->dev);
	EXPECT_EQ(0, self->event->l3_offset);
}

/* q7 puts its tag into the packet, a5 beside it, and q0 drops it. */
TEST_F(datagram, matched_behind_two_tags)
{
	net_ip("link add q0 mtu 9000 type veth peer name q1\n"
	       "link set q0 up\n"
	       "link set q1 up\n"
	       "link add link q0 name a5 type vlan proto 802.1ad id 5\n"
	       "link add link a5 name q7 type vlan id 7\n"
	       "link set a5 up\n"
	       "link set q7 up\n"
	       "addr add 203.0.113.1/24 dev q7\n"
	       "neigh add 203.0.113.2 lladdr 02:00:00:00:00:07 dev q7\n");
	ASSERT_EQ(0, run("tc qdisc add dev q0 root pfifo limit 0"));
	matrix_observe(&self->client, send_datagram, &(struct destination){ "203.0.113.2", 0 });
	find(_metadata, self, BIT(DATAGRAM) | BIT(LINK) | BIT(TAGS_5_7));
	EXPECT_STREQ("q0", self->event->dev);
	EXPECT_EQ(0x88a8, self->event->vlan_tpid);
	EXPECT_EQ(5, self->event->vlan_tci);
	EXPECT_EQ(18, self->event->l3_offset);
	EXPECT_EQ(38, self->event->l4_offset);
}

TEST_F(datagram, matched_where_the_other_end_is_down)
{
	net_ip("link set t0 down\n"
	       "neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev t1\n");
	matrix_observe(&self->client, send_datagram, &(struct destination){ "192.0.2.9", 0 });
	find(_metadata, self, BIT(DATAGRAM) | BIT(LINK));
	EXPECT_STREQ("t1", self->event->dev);
	EXPECT_EQ(14, self->event->l3_offset);
}

TEST_F(datagram, matched_when_the_forwarder_has_no_route)
{
	static struct wire wire;
	int fd = packet_open("t0");

	net_sysctl("ipv4/ip_forward", "1");
	wire_ethernet(&wire, MATRIX_MAC_T1, MATRIX_MAC_FAR, 0x0800);
	wire_ipv4(&wire, 17, MATRIX_FAR, IPV4(203, 0, 113, 2), 0);
	wire_udp(&wire, 1111, PORT);
	wire_bytes(&wire, payload, sizeof(payload));
	wire_end(&wire);
	matrix_send(&self->client, fd, &wire);
	find(_metadata, self, BIT(DATAGRAM) | BIT(LINK));
	EXPECT_STREQ("t1", self->event->dev);
	close(fd);
}

/* A buffer of no network is told apart, and counted by the filters that ask. */
TEST_F(datagram, not_matched_in_a_unix_socket)
{
	struct filter_info before, after;
	struct wire wire = {};

	/* It looks like one from its first byte on. */
	wire_ipv4(&wire, 17, MATRIX_FAR, MATRIX_T1, 0);
	wire_udp(&wire, 1111, PORT);
	wire_end(&wire);
	/* It has no namespace either, so for any. */
	client_filter_del_all(&self->client);
	self->matrix.first = filter_add(&self->client, .prog = of_datagram);
	filter_add(&self->client, .netns = self->netns);
	ASSERT_TRUE(client_filter_info(&self->client, self->matrix.first, &before));
	traffic_drop_unix(wire.data, wire.len);
	matrix_observe(&self->client, send_datagram, &(struct destination){ "127.0.0.1", 0 });
	ASSERT_TRUE(client_filter_info(&self->client, self->matrix.first, &after));
	EXPECT_EQ(before.hits + 1, after.hits);
	EXPECT_LE(before.errors + 1, after.errors);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends OSPFv2 hello packets (RFC 2328, A.3.2) to 224.0.0.5, as a router does
 * that looks for neighbours.
 *
 * usage: ospf_hello DEV COUNT [INTERVAL_MS]
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct ospf_hello {
	uint8_t version;
	uint8_t type;
	uint16_t length;
	uint32_t router_id;
	uint32_t area_id;
	uint16_t checksum;
	uint16_t auth_type;
	uint8_t auth[8];
	uint32_t netmask;
	uint16_t hello_interval;
	uint8_t options;
	uint8_t priority;
	uint32_t dead_interval;
	uint32_t designated;
	uint32_t backup;
};

static uint16_t checksum(const void *data, size_t len)
{
	const uint16_t *words = data;
	uint32_t sum = 0;

	for (; len > 1; len -= 2)
		sum += *words++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void fill(struct ospf_hello *hello)
{
	memset(hello, 0, sizeof(*hello));
	hello->version = 2;
	hello->type = 1;
	hello->length = htons(sizeof(*hello));
	hello->router_id = inet_addr("10.10.2.4");
	hello->netmask = inet_addr("255.255.255.0");
	hello->hello_interval = htons(10);
	hello->options = 2;
	hello->priority = 1;
	hello->dead_interval = htonl(40);
	hello->checksum = checksum(hello, sizeof(*hello));
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct ip_mreqn out = { 0 };
	struct ospf_hello hello;
	long count, interval;
	int fd;

	if (argc < 3) {
		fprintf(stderr, "usage: ospf_hello DEV COUNT [INTERVAL_MS]\n");
		return 2;
	}
	count = atol(argv[2]);
	interval = argc > 3 ? atol(argv[3]) : 0;
	to.sin_addr.s_addr = inet_addr("224.0.0.5");
	out.imr_ifindex = if_nametoindex(argv[1]);

	fd = socket(AF_INET, SOCK_RAW, 89);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof(out))) {
		perror("ospf_hello");
		return 1;
	}
	fill(&hello);
	while (count-- > 0) {
		if (sendto(fd, &hello, sizeof(hello), 0, (struct sockaddr *)&to, sizeof(to)) < 0) {
			perror("ospf_hello: sendto");
			return 1;
		}
		if (count)
			usleep(interval * 1000);
	}
	return 0;
}

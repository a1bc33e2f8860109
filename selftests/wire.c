// SPDX-License-Identifier: GPL-2.0-only
/* See wire.h. */
#include <err.h>
#include <string.h>

#include "wire.h"

enum { OPEN_IPV4, OPEN_IPV6, OPEN_UDP };

void wire_bytes(struct wire *wire, const void *bytes, size_t len)
{
	if (wire->len + len > WIRE_MAX)
		errx(1, "frame too long");
	memcpy(wire->data + wire->len, bytes, len);
	wire->len += len;
}

void wire_zeros(struct wire *wire, size_t len)
{
	if (wire->len + len > WIRE_MAX)
		errx(1, "frame too long");
	memset(wire->data + wire->len, 0, len);
	wire->len += len;
}

void wire_u8(struct wire *wire, __u8 value)
{
	wire_bytes(wire, &value, sizeof(value));
}

void wire_be16(struct wire *wire, __u16 value)
{
	wire_u8(wire, value >> 8);
	wire_u8(wire, value);
}

void wire_be32(struct wire *wire, __u32 value)
{
	wire_be16(wire, value >> 16);
	wire_be16(wire, value);
}

static void wire_set16(struct wire *wire, size_t at, __u16 value)
{
	wire->data[at] = value >> 8;
	wire->data[at + 1] = value;
}

static void wire_open(struct wire *wire, int kind)
{
	if (wire->nr_open == WIRE_DEPTH)
		errx(1, "too many headers");
	wire->open[wire->nr_open].at = wire->len;
	wire->open[wire->nr_open].kind = kind;
	wire->nr_open++;
}

void wire_ethernet(struct wire *wire, __u64 to, __u64 from, __u16 type)
{
	wire_be16(wire, to >> 32);
	wire_be32(wire, to);
	wire_be16(wire, from >> 32);
	wire_be32(wire, from);
	wire_be16(wire, type);
}

void wire_vlan(struct wire *wire, __u16 tci, __u16 type)
{
	wire_be16(wire, tci);
	wire_be16(wire, type);
}

void wire_ipv4(struct wire *wire, __u8 protocol, __u32 from, __u32 to, unsigned int options)
{
	wire_open(wire, OPEN_IPV4);
	wire_u8(wire, 0x40 | (20 + options) / 4);
	wire_u8(wire, 0);
	wire_zeros(wire, 6);	/* length, id, fragment */
	wire_u8(wire, 64);
	wire_u8(wire, protocol);
	wire_be16(wire, 0);	/* checksum */
	wire_be32(wire, from);
	wire_be32(wire, to);
	wire_zeros(wire, options);
}

void wire_ipv6(struct wire *wire, __u8 next, __u32 from, __u32 to)
{
	wire_open(wire, OPEN_IPV6);
	wire_be32(wire, 0x60000000);
	wire_be16(wire, 0);	/* length */
	wire_u8(wire, next);
	wire_u8(wire, 64);
	wire_zeros(wire, 12);
	wire_be32(wire, from);
	wire_zeros(wire, 12);
	wire_be32(wire, to);
}

void wire_udp(struct wire *wire, __u16 from, __u16 to)
{
	wire_open(wire, OPEN_UDP);
	wire_be16(wire, from);
	wire_be16(wire, to);
	wire_be32(wire, 0);	/* length, checksum */
}

void wire_tcp(struct wire *wire, __u16 from, __u16 to)
{
	wire_be16(wire, from);
	wire_be16(wire, to);
	wire_zeros(wire, 8);
	wire_be16(wire, 0x5000);
	wire_zeros(wire, 6);
}

void wire_gre(struct wire *wire, __u16 flags, __u16 type)
{
	wire_be16(wire, flags);
	wire_be16(wire, type);
	if (flags & 0x8000)	/* checksum */
		wire_zeros(wire, 4);
	if (flags & 0x2000)	/* key */
		wire_be32(wire, 42);
	if (flags & 0x1000)	/* sequence number */
		wire_be32(wire, 1);
}

void wire_vxlan(struct wire *wire, __u8 flags)
{
	wire_be32(wire, (__u32)flags << 24);
	wire_be32(wire, 42 << 8);
}

void wire_geneve(struct wire *wire, unsigned int options, __u8 version, __u16 type)
{
	wire_u8(wire, version << 6 | options / 4);
	wire_u8(wire, 0);
	wire_be16(wire, type);
	wire_be32(wire, 42 << 8);
	wire_zeros(wire, options);
}

/* --- completion --- */

static __u32 sum16(const __u8 *data, size_t len, __u32 sum)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += data[i] << 8 | data[i + 1];
	return len & 1 ? sum + (data[len - 1] << 8) : sum;
}

static __u16 checksum(__u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The checksum that UDP over IPv6 must have; over IPv4 it may be left out. */
static void end_udp(struct wire *wire, size_t at, size_t ipv6)
{
	__u32 sum;

	wire_set16(wire, at + 4, wire->len - at);
	if (!ipv6)
		return;
	sum = sum16(wire->data + ipv6 + 8, 32, 17 + wire->len - at);
	sum = checksum(sum16(wire->data + at, wire->len - at, sum));
	wire_set16(wire, at + 6, sum ?: 0xffff);
}

void wire_end(struct wire *wire)
{
	unsigned int i = wire->nr_open;
	size_t at;
	__u32 sum;

	/* From the inside out, since a checksum covers what is inside. */
	while (i--) {
		at = wire->open[i].at;
		switch (wire->open[i].kind) {
		case OPEN_IPV4:
			wire_set16(wire, at + 2, wire->len - at);
			sum = sum16(wire->data + at, (wire->data[at] & 0xf) * 4, 0);
			wire_set16(wire, at + 10, checksum(sum));
			break;
		case OPEN_IPV6:
			wire_set16(wire, at + 4, wire->len - at - 40);
			break;
		case OPEN_UDP:
			end_udp(wire, at, i && wire->open[i - 1].kind == OPEN_IPV6 ?
					  wire->open[i - 1].at : 0);
			break;
		}
	}
	wire->nr_open = 0;
}
